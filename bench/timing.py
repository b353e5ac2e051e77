"""`make timing`: test that the time of an answer does not tell if a mail has an account.

Sign-in, reset and code requests through the whole API (no socket in between), for a mail with an account and one
without, in pairs of random order, so that a machine that gets slower slows both. For each door: the medians, the
difference of medians with a bootstrap interval of 95 %, and a Mann-Whitney test. A door fails when
the interval leaves 0 out AND the test says p < 0.01 (five doors are asked: at 0.05 every fourth run would fail by chance).
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

RESULTS = Path(__file__).parent / "results"
ORIGIN = "http://localhost:3000"
START = datetime(2026, 1, 5, tzinfo=UTC)
KNOWN, UNKNOWN = "asha.timing@example.com", "nobody.timing@example.com"
PASSWORD = "violet otter Shimla"
CHANCE = 0.01
DOORS: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "sign-in (API)": (
        "/api/auth/login",
        lambda mail: {"json": {"email": mail, "password": "not the password"}},
    ),
    "sign-in (page)": (
        "/api/session/sign-in",
        lambda mail: {"data": {"email": mail, "password": "not the password"}, "headers": {"Origin": ORIGIN}},
    ),
    "reset request": ("/api/auth/reset/request", lambda mail: {"json": {"email": mail}}),
    "code request": ("/api/auth/code/request", lambda mail: {"json": {"email": mail}}),
    "wrong code": ("/api/auth/code", lambda mail: {"json": {"email": mail, "code": "12345x"}}),
}


@dataclass(frozen=True)
class Measured:
    """Seconds of each answer, for the mail with an account and the one without."""

    door: str
    known: list[float]
    unknown: list[float]

    @property
    def difference(self) -> float:
        return statistics.median(self.known) - statistics.median(self.unknown)

    def interval(self, rng: random.Random, rounds: int = 2000) -> tuple[float, float]:
        """95 % of the bootstrapped differences of medians."""
        found = sorted(
            statistics.median(rng.choices(self.known, k=len(self.known)))
            - statistics.median(rng.choices(self.unknown, k=len(self.unknown)))
            for _ in range(rounds)
        )
        return found[int(rounds * 0.025)], found[int(rounds * 0.975)]

    def mann_whitney(self) -> float:
        """The two-sided p of both samples coming from one source (normal approximation; times have no ties)."""
        order = sorted([(t, 1) for t in self.known] + [(t, 0) for t in self.unknown])
        ranks = sum(rank for rank, (_, known) in enumerate(order, 1) if known)
        n, m = len(self.known), len(self.unknown)
        u = ranks - n * (n + 1) / 2
        z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
        return math.erfc(abs(z) / math.sqrt(2))

    def row(self, rng: random.Random) -> tuple[str, bool]:
        low, high = self.interval(rng)
        mine, others = statistics.median(self.known) * 1e3, statistics.median(self.unknown) * 1e3
        fine = low <= 0 <= high or self.mann_whitney() >= CHANCE
        said = (
            f"| {self.door} | {len(self.known)} | {mine:.2f} | {others:.2f} | {self.difference * 1e3:+.3f} | "
            f"{low * 1e3:+.3f} … {high * 1e3:+.3f} | {self.mann_whitney():.2f} | {'equal' if fine else 'DIFFERENT'} |"
        )
        return said, fine


async def measure(
    door: str, each: int, rng: random.Random, send: Callable[[str, str], Awaitable[float]]
) -> Measured:
    """`each` answers for either mail, in random order, after a few that are thrown away."""
    for mail in (KNOWN, UNKNOWN) * 5:
        await send(door, mail)
    turns = [mail for _ in range(each) for mail in rng.sample((KNOWN, UNKNOWN), 2)]
    taken: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for mail in turns:
        taken[mail].append(await send(door, mail))
    return Measured(door, taken[KNOWN], taken[UNKNOWN])


async def run(each: int, rng: random.Random) -> list[Measured]:
    from booking_ui.api.app import api
    from booking_ui.api.http.identity import now
    from booking_ui.services.accounts import authentication

    clock = [START]

    async def ticking() -> datetime:
        clock[0] += timedelta(hours=1)  # so that the limit of mails an hour never answers instead
        return clock[0]

    api.dependency_overrides[now] = ticking
    authentication.open_account(name="Asha", email=KNOWN, phone="9876543210", password=PASSWORD, now=START)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url=ORIGIN) as client:

        async def send(door: str, mail: str) -> float:
            path, body = DOORS[door]
            began = time.perf_counter()
            answer = await client.post(path, **body(mail))
            taken = time.perf_counter() - began
            assert answer.status_code in (200, 303, 401), answer.text
            return taken

        return [await measure(door, each, rng, send) for door in DOORS]


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(given)
    rng = random.Random(asked.seed)
    with tempfile.TemporaryDirectory(prefix="timing-") as home:
        os.environ |= {"DATA_DIR": home, "DATABASE_URL": f"sqlite:///{home}/booking.db"}
        os.environ |= dict.fromkeys(
            ("RATE_LIMIT_SIGN_IN", "RATE_LIMIT_REGISTER"), "1000000/minute"
        )  # answers, no 429
        from tests.support.servers import TRUSTED, migrate

        os.environ["RATE_LIMIT_TRUSTED_IPS"] = TRUSTED

        migrate(os.environ["DATABASE_URL"], data_dir=Path(home))
        measured = asyncio.run(run(asked.each, rng))
        from booking_ui.db.session import database

        database().dispose()
    rows = [one.row(rng) for one in measured]
    table = [
        "| door | answers each | a patient's mail, ms | nobody's, ms | difference | 95 % interval | Mann-Whitney p | |",
        "|---|---|---|---|---|---|---|---|",
        *(said for said, _ in rows),
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "timing.md").write_text("\n".join(table) + "\n")
    print("\n".join(table))
    return 0 if all(fine for _, fine in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
