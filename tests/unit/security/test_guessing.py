"""Guesses at the same moment are counted one by one; `make guessing` sends ten thousand."""

from __future__ import annotations

import asyncio
from collections import Counter

from booking_ui.config.settings import settings
from tests.support.api import Caller

GUESSES = 80


def test_guesses_at_the_same_moment_do_not_slip_past_the_limit_together(callers: dict[str, Caller]) -> None:
    """`make guessing` found all of them checked, since none had been counted before the first was found wrong."""
    door = callers["nobody"].door

    async def one(number: int) -> int:
        told = {"email": "asha@zebrawood.example", "password": f"guess {number}"}
        return (await door.client.post("/api/auth/login", json=told)).status_code

    async def all_at_once() -> Counter[int]:
        return Counter(await asyncio.gather(*map(one, range(GUESSES))))

    found = door.portal.call(all_at_once)
    a_minute = int(settings().rate_limit_sign_in.partition("/")[0])
    assert set(found) == {401, 429}
    assert found[401] == a_minute
