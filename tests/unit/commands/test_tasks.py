"""One periodic job, now: by its name, with what it did and a heartbeat."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import text

from booking_ui import worker
from booking_ui.db.session import Database
from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim
from booking_ui.services.journal import heartbeats
from tests.support import commands
from tests.support.cast import NOW, Cast


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One is enough for a command; the jobs are tested on both."""
    return sqlite_url


def test_every_job_of_the_worker_is_listed_under_a_name_that_a_shell_takes() -> None:
    lines = commands.run("tasks", "list").stdout.splitlines()
    assert len(lines) == len(worker.JOBS)
    assert [line.split()[0] for line in lines] == [job.name.replace(" ", "-") for job in worker.JOBS]
    assert {"holds               every 5 seconds", "webhooks            every second",
            "retention           every day", "downtimes           every 5 minutes"} <= set(lines)  # fmt: skip


def test_a_job_runs_once_says_how_much_it_did_and_leaves_a_heartbeat(cast: Cast, db: Database) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)  # long over
    done = commands.process("tasks", "run", "holds", DATABASE_URL=db.url)
    assert (done.returncode, done.stdout) == (0, "holds: 1 done\n")
    assert utc_now() - heartbeats.last_beats()["holds"] < timedelta(minutes=1)
    again = commands.process("tasks", "run", "holds", DATABASE_URL=db.url)
    assert (again.returncode, again.stdout) == (0, "holds: 0 done\n")


@pytest.mark.parametrize("name", ["idempotency-keys", "idempotency keys"])
def test_a_job_of_two_words_is_run_by_its_listed_name_and_by_that_of_the_log(cast: Cast, name: str) -> None:
    done = commands.run("tasks", "run", name)
    assert (done.exit_code, done.stdout) == (0, f"{name}: 0 done\n")


def test_a_job_that_nobody_knows_is_named_with_the_way_to_the_list() -> None:
    done = commands.run("tasks", "run", "everything")
    assert done.exit_code == 2
    assert "no job is called everything; `tasks list` names them" in done.stderr


def test_a_job_that_fails_is_exit_code_1_after_its_reason(db: Database) -> None:
    with db.write() as tx:
        tx.execute(text("DROP TABLE appointment"))
    done = commands.run("tasks", "run", "holds")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no such table" in done.stderr
    assert done.stderr.endswith("\nholds failed; the reason is above.\n")
