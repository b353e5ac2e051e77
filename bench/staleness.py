"""The age of a free time that a page still shows: two app processes on one PostgreSQL, with Redis and without.

A patient claims a time at the first app; the answer is the instant from which all others should see it taken. From
then on the second app is asked over HTTP, again and again, and a page of the second app stays open in a browser. `python
-m bench.staleness` prints a table and writes it to bench/results/staleness.md; exits 1 when anything was staler than a
second. Times are milliseconds after the claim's answer and contain the way to the second app and back.
"""

from __future__ import annotations

import os
import secrets
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from bench.crowd import looking_into, newcomers
from booking_ui.config.settings import Settings, settings
from booking_ui.domain.clock import utc_now
from booking_ui.services.accounts import access_tokens
from tests.support.chromium import find_chromium
from tests.support.servers import App, Postgres, clinic, postgres_server, redis_server

RESULTS = Path(__file__).parent / "results"
CLAIMS = 100
LIMIT_MS = 1000.0
HEADER = (
    "| processes | claims | stale answers over HTTP | first fresh answer p50 ms | p99 ms | open page p50 ms | p99 ms |\n"
    "|---|---:|---:|---:|---:|---:|---:|"
)
# Resolves with the instant (ms since 1970) at which the page shows the time as taken.
WATCH = """slot => { window.gone = new Promise(done => {
  const look = () => { const found = document.querySelector(`[data-slot="${slot}"]`);
    if (!found || found.disabled) { observer.disconnect(); done(Date.now()); } };
  const observer = new MutationObserver(look);
  observer.observe(document.body, {subtree: true, childList: true, attributes: true}); look(); }); }"""


@dataclass
class Seen:
    """The second app's answers after each claim at the first. Times in milliseconds."""

    stale: int = 0
    fresh: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Offer:
    """A free time, where it is shown."""

    slot_id: int
    doctor_id: int
    slug: str
    day: str


def offers(base_url: str, count: int) -> list[Offer]:
    """Free times of the doctors, a whole day of one doctor after the other."""
    found: list[Offer] = []
    with httpx.Client(base_url=base_url, trust_env=False, timeout=60) as client:
        for doctor in client.get("/api/doctors").json()["data"]:
            where = {"doctorId": doctor["doctorId"], "days": 14}
            free = [
                slot
                for slot in client.get("/api/availability", params=where).json()["data"]
                if slot["status"] == "free" and slot["date"] > utc_now().date().isoformat()
            ]
            found += [
                Offer(slot["availabilityId"], doctor["doctorId"], doctor["slug"], slot["date"])
                for slot in free
            ]
            if len(found) >= count:
                return found[:count]
    raise AssertionError(f"only {len(found)} of {count} free times")


def shown(page: Page, base_url: str, offer: Offer) -> None:
    """Have the day of this time open, as a patient who looks at it."""
    address = f"{base_url}/doctor/{offer.slug}/?day={offer.day}"
    if page.url != address:
        page.goto(address)
        page.wait_for_selector("#hydrated", state="attached")
    page.wait_for_selector(f'[data-slot="{offer.slot_id}"]:enabled')


def measured(one: str, two: str, page: Page, claims: int) -> Seen:
    """Claim at `one`, look at `two`; clients, servers and browser share one clock."""
    seen = Seen()
    crowd = newcomers(claims)
    with (
        httpx.Client(base_url=one, trust_env=False, timeout=60) as here,
        httpx.Client(base_url=two, trust_env=False, timeout=60) as there,
    ):
        for patient_id, offer in zip(crowd, offers(one, claims), strict=True):
            shown(page, two, offer)
            page.evaluate(WATCH, offer.slot_id)
            token = {"Authorization": f"Bearer {access_tokens.mint(patient_id, 0, utc_now())}"}
            answer = here.post("/api/appointments", json={"availabilityId": offer.slot_id}, headers=token)
            told = time.time() * 1000
            assert answer.status_code == 201, answer.text
            seen.fresh.append(_first_fresh(there, offer, seen) - told)
            seen.page.append(max(0.0, float(page.evaluate("window.gone")) - told))
    return seen


def _first_fresh(client: httpx.Client, offer: Offer, seen: Seen) -> float:
    where: dict[str, str | int] = {"doctorId": offer.doctor_id, "date": offer.day}
    while True:
        listed = client.get("/api/availability", params=where).json()["data"]
        if next(slot["status"] for slot in listed if slot["availabilityId"] == offer.slot_id) != "free":
            return time.time() * 1000
        seen.stale += 1


@contextmanager
def two_apps(**chosen: str) -> Iterator[tuple[App, App]]:
    with clinic(**chosen) as one, clinic(**chosen, RUN_WORKER="false") as two:
        yield one, two


def row(name: str, seen: Seen) -> str:
    cells = [name, str(len(seen.fresh)), str(seen.stale)]
    for took in (seen.fresh, seen.page):
        cut = statistics.quantiles(took, n=100, method="inclusive")
        cells += [f"{cut[49]:,.0f}", f"{cut[98]:,.0f}"]
    return f"| {' | '.join(cells)} |"


def rows(server: Postgres, redis_url: str, claims: int) -> Iterator[tuple[str, Seen]]:
    key = {"SECRET_KEY": settings().signing_key()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=["--no-sandbox"])
        for name, more in (("2 with Redis", {"REDIS_URL": redis_url}), ("2 without Redis", {})):
            database = f"stale_{secrets.token_hex(3)}"
            server.execute(f"CREATE DATABASE {database}")
            with two_apps(**key, **more, DATABASE_URL=server.url(database)) as (one, two):
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                with looking_into(one.database_url):
                    seen = measured(one.base_url, two.base_url, page, claims)
                page.close()
            yield row(name, seen), seen
        browser.close()


def main(claims: int = CLAIMS) -> int:
    Settings.model_config["env_file"] = None  # nobody's own keys
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
    settings.cache_clear()
    print(HEADER, flush=True)
    lines, worst = [HEADER], 0.0
    with postgres_server() as server, redis_server() as redis_url:
        for line, seen in rows(server, redis_url, claims):
            print(line, flush=True)
            lines.append(line)
            worst = max(worst, *seen.fresh, *seen.page)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "staleness.md").write_text("\n".join(lines) + "\n")
    return 1 if worst > LIMIT_MS else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS))
