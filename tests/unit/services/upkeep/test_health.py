"""The answer to whether patients may be sent here: every check by itself, and trouble is an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, update

from booking_ui import worker
from booking_ui.config.settings import settings
from booking_ui.db.models import PromiseCount
from booking_ui.db.session import Database, use, write
from booking_ui.services.journal import heartbeats
from booking_ui.services.payments import reconciliation
from booking_ui.services.upkeep import audit_letter, health
from booking_ui.services.upkeep.health import Check
from tests.support.cast import NOW
from tests.support.rows import keep
from tests.support.schedule import counted
from tests.support.servers import free_port

SECOND = timedelta(seconds=1)


def check(name: str) -> Check:
    return {one.name: one for one in health.ready(now=NOW).checks}[name]


@pytest.fixture
def a_worker(db: Database) -> None:
    """A worker that has just been round."""
    del db
    heartbeats.beat(job="mails", now=NOW)


@pytest.mark.usefixtures("a_worker")
def test_a_clinic_whose_worker_has_been_round_is_ready() -> None:
    found = health.ready(now=NOW)
    assert found.ok
    assert [one.name for one in found.checks] == ["database", "redis", "gateway", "sweep", "promises"]
    assert [check("sweep"), check("promises")] == [
        Check("sweep", ok=True, detail="0 s ago"),
        Check("promises", ok=True, detail="not yet counted"),
    ]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("by_hand", [[], ["retention", "settlements"]])
def test_without_a_worker_the_clinic_is_not_ready_whatever_was_run_by_hand(by_hand: list[str]) -> None:
    for job in by_hand:
        heartbeats.beat(job=job, now=NOW)
    assert check("sweep") == Check("sweep", ok=False, detail="no worker has run yet")
    assert not health.ready(now=NOW).ok


def test_a_database_that_cannot_be_written_is_not_ready_though_it_answers(
    a_worker: None, db: Database
) -> None:
    def shut(raw: Any, *_rest: object) -> None:
        raw.cursor().execute(
            "PRAGMA query_only = ON" if db.sqlite else "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
        )
        if not db.sqlite:
            raw.commit()

    sa.event.listen(db.engine, "checkout", shut)
    try:
        assert check("database") == Check("database", ok=False, detail="can't be written")
        assert check("sweep").ok
    finally:
        sa.event.remove(db.engine, "checkout", shut)
        db.engine.dispose()
    assert check("database").ok


@pytest.mark.usefixtures("a_worker")
def test_the_proof_of_writing_is_committed_at_most_every_five_seconds_and_is_no_job() -> None:
    with counted() as statements:
        for seconds in (0, 1, 4, 5, 9):
            assert health.ready(now=NOW + seconds * SECOND).ok
    written = [one for one in statements if one.startswith(("INSERT", "UPDATE"))]
    assert len(written) == 2
    assert set(heartbeats.last_beats()) == {"mails"}


def test_a_database_that_is_away_is_an_answer_and_names_no_place(db: Database) -> None:
    use(Database("sqlite:////nowhere/at/all.db"))
    found = health.ready(now=NOW)
    use(db)
    assert not found.ok
    assert [(one.name, one.detail) for one in found.checks if not one.ok] == [
        ("database", "can't be reached"),
        ("sweep", "unknown"),
        ("promises", "unknown"),
    ]


@pytest.mark.usefixtures("a_worker")
def test_a_redis_that_is_away_makes_the_clinic_not_ready(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("REDIS_URL", f"redis://user:secret@127.0.0.1:{free_port()}/0")
    settings.cache_clear()
    assert check("redis") == Check("redis", ok=False, detail="can't be reached")
    assert not health.ready(now=NOW).ok


@pytest.mark.usefixtures("a_worker")
@pytest.mark.parametrize("job", ["holds", "horizon", "promises", "comparison", "retention"])
def test_each_job_is_late_one_second_after_its_patience(job: str) -> None:
    patience = health.PATIENCE.get(job, health.LATE)
    heartbeats.beat(job=job, now=NOW - patience)
    assert check("sweep").ok
    heartbeats.beat(job=job, now=NOW - patience - SECOND)
    assert check("sweep") == Check("sweep", ok=False, detail=f"late: {job}")
    assert not health.ready(now=NOW).ok


@pytest.mark.usefixtures("db")
def test_the_clock_of_another_machine_may_run_a_minute_ahead() -> None:
    heartbeats.beat(job="holds", now=NOW + health.SKEW)
    assert check("sweep") == Check("sweep", ok=True, detail="0 s ago")
    heartbeats.beat(job="refunds", now=NOW + health.SKEW + SECOND)
    assert check("sweep") == Check("sweep", ok=False, detail="noted ahead of the clock: refunds")


@pytest.mark.usefixtures("db")
def test_every_violated_promise_is_named_and_those_that_hold_are_counted() -> None:
    for number in (1, 2, 3):
        keep(PromiseCount(number=number, promise="x", checked=9, violated=0, first_fault="", at=NOW))
    assert check("promises") == Check("promises", ok=True, detail="3 hold")
    for number in (5, 8):
        keep(PromiseCount(number=number, promise="x", checked=9, violated=1, first_fault="x", at=NOW))
    assert check("promises") == Check("promises", ok=False, detail="violated: 5, 8")
    assert not health.ready(now=NOW).ok


@pytest.mark.usefixtures("db")
def test_what_only_tells_of_others_is_shown_and_turns_no_patient_away() -> None:
    keep(PromiseCount(number=1, promise="x", checked=9, violated=0, at=NOW))
    keep(PromiseCount(number=9, promise="x", checked=9, violated=0, unchecked=True, at=NOW))
    assert check("promises") == Check("promises", ok=True, detail="1 hold; not checked: 9")
    with write() as tx:
        tx.exec(update(PromiseCount).where(col(PromiseCount.number) == 9).values(violated=1))
    assert check("promises") == Check("promises", ok=True, detail="violated: 9")
    keep(PromiseCount(number=10, promise="x", checked=9, violated=1, at=NOW))
    assert check("promises") == Check("promises", ok=True, detail="violated: 9, 10")


def test_no_job_of_the_worker_is_called_late_before_it_missed_two_turns() -> None:
    impatient = [
        job.name for job in worker.JOBS if health.PATIENCE.get(job.name, health.LATE) < 2 * job.every
    ]
    assert impatient == []
    assert set(health.PATIENCE) <= {job.name for job in worker.JOBS} | {
        reconciliation.COMPARED,
        audit_letter.TOLD,
    }
