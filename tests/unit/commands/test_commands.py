"""The clinic's other commands: what stops one is told in a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from booking_ui import worker
from booking_ui.commands import invariants
from booking_ui.config.settings import settings
from booking_ui.db.session import Database, use
from booking_ui.demo import __main__ as demo
from booking_ui.services.booking import claim
from booking_ui.services.journal import heartbeats
from booking_ui.services.upkeep import invariants as promises
from tests.support.cast import NOW, Cast


@pytest.mark.parametrize(
    "command", [worker.main, invariants.main, demo.main], ids=["worker", "invariants", "demo"]
)
def test_a_setting_that_makes_no_sense_is_told_in_a_sentence(
    configured: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: Callable[[], int]
) -> None:
    configured.setenv("RESCHEDULE_CUTOFF_HOURS", "-1")
    settings.cache_clear()
    use(None)
    assert command() == 2
    assert capsys.readouterr().err.startswith("RESCHEDULE_CUTOFF_HOURS: ")


def test_a_database_that_was_never_made_breaks_no_promise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    use(empty)
    assert invariants.main() == 2
    use(None)
    empty.dispose()
    assert capsys.readouterr().err.startswith("The database can't be read.")


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
