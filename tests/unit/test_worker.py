"""The worker's order of work at its start."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from booking_ui import worker
from booking_ui.services.booking import claim
from booking_ui.services.journal import heartbeats
from booking_ui.services.upkeep import invariants as promises
from tests.support.cast import NOW, Cast


def test_what_fell_due_while_nobody_worked_is_done_before_the_promises_are_counted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    monkeypatch.setattr(worker, "utc_now", lambda: NOW + timedelta(hours=9))
    judging = next(job for job in worker.JOBS if job.name == "promises")
    monkeypatch.setattr(worker, "JOBS", (judging,))

    async def until_counted() -> None:
        work = asyncio.create_task(worker.run())
        async with asyncio.timeout(20):
            while judging.name not in await asyncio.to_thread(heartbeats.last_beats):
                await asyncio.wait([work], timeout=0.05)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work

    asyncio.run(until_counted())
    assert [count.violated for count in promises.last()] == [0] * 8
