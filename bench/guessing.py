"""`make guessing`: ten thousand wrong passwords, and the number that the limiter let through to be checked.

The application is called in process with the limits it has by default; every guess comes from the address and names the
account that its row says. A guess that got through is a 401 (or, for a right password, a 200); one that did not is a 429.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import structlog

from bench.crowd import looking_into
from booking_ui.api.app import api
from booking_ui.config.settings import settings
from booking_ui.db.models import Person, Role
from booking_ui.db.session import write
from booking_ui.domain.clock import utc_now
from booking_ui.gateways import limiter
from booking_ui.services.accounts import passwords
from tests.support.servers import migrate

RESULTS = Path(__file__).parent / "results"
ACCOUNTS, AT_ONCE = 100, 16


@dataclass(frozen=True)
class Plan:
    """The address and the account of guess `n`."""

    what: str
    address: Callable[[int], str]
    account: Callable[[int], int]


PLANS = (
    Plan("one account, one address", lambda _: "203.0.113.1", lambda _: 0),
    Plan("one account, an address for each guess", lambda n: f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}", lambda _: 0),
    Plan("one account, a network of IPv6 addresses", lambda n: f"2001:db8::{n:x}", lambda _: 0),
    Plan(f"{ACCOUNTS} accounts, one address", lambda _: "203.0.113.1", lambda n: n % ACCOUNTS),
    Plan(f"{ACCOUNTS} accounts, 50 addresses", lambda n: f"198.51.100.{n % 50}", lambda n: n % ACCOUNTS),
)  # fmt: skip


def people() -> None:
    password_hash = passwords.hashed("correct horse battery staple 7")
    with write() as tx:
        tx.add_all(
            Person(
                name=f"P{n}",
                email=f"p{n}@example.com",
                phone="+919800000001",
                password_hash=password_hash,
                role=Role.PATIENT,
                created_at=utc_now(),
            )
            for n in range(ACCOUNTS)
        )


async def guessed(plan: Plan, number: int) -> int:
    transport = httpx.ASGITransport(api, client=(plan.address(number), 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        told = {"email": f"p{plan.account(number)}@example.com", "password": f"guess {number}"}
        answer = await client.post("/api/auth/login", json=told)
    assert answer.status_code != 429 or int(answer.headers["retry-after"]) > 0
    return answer.status_code


async def storm(plan: Plan, guesses: int) -> tuple[Counter[int], float]:
    began, found = time.perf_counter(), Counter[int]()
    for first in range(0, guesses, AT_ONCE):
        some = range(first, min(first + AT_ONCE, guesses))
        found.update(await asyncio.gather(*(guessed(plan, number) for number in some)))
    return found, time.perf_counter() - began


def measured(guesses: int) -> list[str]:
    lines = ["| guesses | got through | refused with 429 | seconds |", "|---|---|---|---|"]
    for plan in PLANS:
        limiter.reset()
        found, seconds = asyncio.run(storm(plan, guesses))
        assert set(found) <= {401, 429}, found
        lines.append(f"| {guesses:,}: {plan.what} | {found[401]} | {found[429]:,} | {seconds:.0f} |")
    return lines


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--guesses", type=int, default=10_000)
    told = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as home:
        url = f"sqlite:///{home}/guessing.db"
        migrate(url, data_dir=Path(home))
        with looking_into(url):
            people()
            lines = measured(told.guesses)
    now = settings()
    lines += [
        "",
        f"Limits: an account {now.rate_limit_sign_in}; an address {now.rate_limit_sign_in_address}.",
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "guessing.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
