"""`make flood`: crowds at the same slots, through real processes over HTTP.

Every client has a connection of its own, opened before the start, and is another patient with a token of their own. A
round is right when each slot has exactly one winner and all others a documented refusal. Prints a table and writes it to
bench/results/flood.md; exits 1 on any fault.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import signal
import ssl
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlmodel import col, select

from bench.books import broken_promises
from bench.crowd import free_slots, looking_into, newcomers
from booking_ui.config.settings import Settings, settings
from booking_ui.db.models import Appointment
from booking_ui.db.session import read
from booking_ui.domain.appointment import LIVE
from booking_ui.domain.clock import utc_now
from booking_ui.services.accounts import access_tokens
from tests.support.servers import App, Postgres, clinic, postgres_server, redis_server

RESULTS = Path(__file__).parent / "results"
REFUSED = "409 slot_taken"
PATIENCE = 180.0  # seconds a client waits for its answer
HEADER = (
    "| database | app processes | clients | slots | rounds | winners a round | everybody else | p50 ms | p95 ms | p99 ms "
    "| claims/s |\n|---|---|---:|---:|---:|---|---|---:|---:|---:|---:|"
)


@dataclass(frozen=True)
class Case:
    """A number of clients that go for a number of slots, in so many rounds."""

    clients: int
    slots: int
    rounds: int


@dataclass(frozen=True)
class World:
    """A running clinic: its database and its processes in words, and every address at which it answers."""

    database: str
    processes: str
    addresses: tuple[str, ...]


@dataclass
class Tally:
    """The outcome of one case. Times in milliseconds; `seconds` is the sum of the rounds."""

    winners: list[int] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Attempt:
    """One client of one round: the patient, the address, and the slot wanted."""

    patient_id: int
    slot_id: int
    token: str


def attempts(case: Case, slots: list[int]) -> list[Attempt]:
    """One round's clients; client n goes for slot n modulo the number of slots."""
    now = utc_now()
    crowd = newcomers(case.clients)
    return [
        Attempt(who, slots[n % len(slots)], access_tokens.mint(who, 0, now)) for n, who in enumerate(crowd)
    ]


async def _claim(client: httpx.AsyncClient, one: Attempt, gate: asyncio.Event) -> tuple[str, float]:
    """The outcome in words ("201", "409 slot_taken", …) and the milliseconds it took."""
    await gate.wait()
    began = time.perf_counter()
    try:
        answer = await client.post(
            "/api/appointments",
            json={"availabilityId": one.slot_id},
            headers={"Authorization": f"Bearer {one.token}"},
        )
    except httpx.HTTPError as exc:
        return type(exc).__name__, (time.perf_counter() - began) * 1000
    took = (time.perf_counter() - began) * 1000
    if answer.status_code == 201:
        return "201", took
    code = answer.json().get("code", "") if "json" in answer.headers.get("content-type", "") else ""
    return f"{answer.status_code} {code}".strip(), took


async def _round(clients: list[httpx.AsyncClient], crowd: list[Attempt], tally: Tally) -> list[Attempt]:
    """Release all clients at once; returns the winners."""
    gate = asyncio.Event()
    tasks = [asyncio.create_task(_claim(*pair, gate)) for pair in zip(clients, crowd, strict=True)]
    await asyncio.sleep(0)  # every task waits at the gate now
    began = time.perf_counter()
    gate.set()
    outcomes = await asyncio.gather(*tasks)
    tally.seconds += time.perf_counter() - began
    tally.took += [took for _, took in outcomes]
    tally.statuses.update(outcome for outcome, _ in outcomes)
    return [one for one, (outcome, _) in zip(crowd, outcomes, strict=True) if outcome == "201"]


def _check(case: Case, slots: list[int], winners: list[Attempt], tally: Tally) -> None:
    """Compare the clients' answers with the database."""
    tally.winners.append(len(winners))
    with read() as tx:
        query = select(Appointment.slot_id, Appointment.patient_id).where(
            col(Appointment.slot_id).in_(slots), col(Appointment.status).in_(LIVE)
        )
        held = sorted(tx.exec(query).all())
    told = sorted((one.slot_id, one.patient_id) for one in winners)
    if told != held:
        tally.faults.append(f"the clients were told {told}, the database says {held}")
    if [slot_id for slot_id, _ in held] != sorted(slots):
        tally.faults.append(f"{len(held)} live appointments on {case.slots} slots")


@asynccontextmanager
async def connections(case: Case, addresses: tuple[str, ...]) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A keep-alive client for each attempt; clients of one slot are spread over the addresses."""
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # shared: a thousand of them take longer than the flood
    made = [
        httpx.AsyncClient(
            base_url=addresses[n // case.slots % len(addresses)],
            verify=unused,
            trust_env=False,
            timeout=PATIENCE,
            limits=httpx.Limits(max_connections=1, keepalive_expiry=None),
        )
        for n in range(case.clients)
    ]
    try:
        yield made
    finally:
        await asyncio.gather(*(client.aclose() for client in made))


async def storm(case: Case, addresses: tuple[str, ...]) -> Tally:
    """All rounds of one case."""
    tally = Tally()
    async with connections(case, addresses) as clients:
        for _ in range(case.rounds):
            slots = free_slots(case.slots)
            crowd = attempts(case, slots)
            # All clients are connected before the start.
            await asyncio.gather(*(client.get("/api/health") for client in clients))
            _check(case, slots, await _round(clients, crowd, tally), tally)
    wrong = {outcome: n for outcome, n in tally.statuses.items() if outcome not in ("201", REFUSED)}
    if wrong:
        tally.faults.append(f"other answers than 201 and {REFUSED}: {wrong}")
    return tally


def flood(database: str, processes: str, apps: tuple[App, ...], cases: list[Case]) -> list[tuple[str, Tally]]:
    """Every case in one running clinic: (its row of the table, its outcome)."""
    found, addresses = [], tuple(app.base_url.replace("localhost", "127.0.0.1") for app in apps)
    with looking_into(apps[0].database_url):
        for case in cases:
            tally = asyncio.run(storm(case, addresses))
            tally.faults += broken_promises(apps[0].settings)
            found.append((row(database, processes, case, tally), tally))
            print(found[-1][0], *tally.faults, sep="\n", flush=True)
    return found


def row(database: str, processes: str, case: Case, tally: Tally) -> str:
    cut = statistics.quantiles(tally.took, n=100)
    losers = ", ".join(f"{n} × {what}" for what, n in sorted(tally.statuses.items()) if what != "201")
    cells = (
        database, processes, f"{case.clients:,}", case.slots, case.rounds,
        f"{min(tally.winners)} to {max(tally.winners)}", losers or "nobody",
        f"{cut[49]:,.0f}", f"{cut[94]:,.0f}", f"{cut[98]:,.0f}", f"{len(tally.took) / tally.seconds:,.0f}",
    )  # fmt: skip
    return f"| {' | '.join(str(cell) for cell in cells)} |"


@contextmanager
def two_of(**chosen: str) -> Iterator[tuple[App, App]]:
    """Two clinics' processes on one database; only the first works off what is due."""
    with clinic(**chosen) as one:
        shared = chosen | {"DATABASE_URL": one.database_url}
        with clinic(**shared, RUN_WORKER="false") as two:
            yield one, two


def worlds(server: Postgres, redis_url: str, cases: list[Case], only: str) -> Iterator[tuple[str, Tally]]:
    """Every clinic in turn, started, flooded, stopped."""
    key = {"SECRET_KEY": settings().signing_key()}

    def fresh(name: str) -> dict[str, str]:
        server.execute(f"CREATE DATABASE {name}")
        return {**key, "DATABASE_URL": server.url(name)}

    if only in ("", "sqlite"):
        with clinic(**key) as app:
            yield from flood("SQLite", "1", (app,), cases)
    if only in ("", "postgresql"):
        with clinic(**fresh("one")) as app:
            yield from flood("PostgreSQL", "1", (app,), cases)
    if only in ("", "redis"):
        with clinic(**fresh("workers"), REDIS_URL=redis_url, WORKERS="2") as app:
            yield from flood("PostgreSQL, Redis", "1 with 2 workers", (app,), cases)
    if only in ("", "sqlite2"):
        with two_of(**key) as both:
            yield from flood("SQLite", "2", both, cases)
    if only in ("", "postgresql2"):
        with two_of(**fresh("two")) as both:
            yield from flood("PostgreSQL", "2", both, cases)


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.flood", description="Crowds at the same slots.")
    parser.add_argument("--clients", type=int, nargs="+", default=[50, 1000], help="one flood for each")
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 20], help="and for each of these")
    parser.add_argument(
        "--rounds", type=int, nargs="+", default=[20, 20], help="one number for each of --clients"
    )
    names = ["sqlite", "postgresql", "redis", "sqlite2", "postgresql2"]
    parser.add_argument("--only", choices=names, default="", help="one clinic instead of all")
    asked = parser.parse_args(given)
    if len(asked.rounds) != len(asked.clients):
        parser.error("--rounds wants as many numbers as --clients")
    return asked


def main(given: list[str]) -> int:
    asked = _arguments(given)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves no process behind
    Settings.model_config["env_file"] = None  # nobody's own keys
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
    crowds = zip(asked.clients, asked.rounds, strict=True)
    cases = [Case(clients, slots, rounds) for clients, rounds in crowds for slots in asked.slots]
    print(HEADER, flush=True)
    with postgres_server() as server, redis_server() as redis_url:
        found = list(worlds(server, redis_url, cases, asked.only))
    if not asked.only:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "flood.md").write_text("\n".join([HEADER, *(line for line, _ in found)]) + "\n")
    return 1 if any(tally.faults for _, tally in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
