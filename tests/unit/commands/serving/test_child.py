"""A process that is started again on an older schema says so, waits, and neither answers nor works."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from booking_ui.commands.serving import child, server, start
from booking_ui.db import schema
from booking_ui.db.session import Database, use
from tests.support.databases import to_revision
from tests.support.servers import ROOT, child_processes, free_port, stop_group, wait_until

OLDER = "An earlier version of the clinic made this database"


@contextmanager
def _started(command: list[str], log: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    env = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(log.parent)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        stop_group(process)


def _said(log: Path) -> list[str]:
    return [line for line in log.read_text().splitlines() if line]


@pytest.fixture
def older(sqlite_url: str) -> str:
    to_revision(sqlite_url, "downgrade", "-1")
    return sqlite_url


def test_an_app_on_an_older_schema_says_how_to_migrate_it_and_is_not_started_over_and_over(
    older: str, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "log"
    with _started(server.command("127.0.0.1", port, 1, start.APP), log, older) as granian:
        wait_until(lambda: _said(log), what="a sentence")
        (sentence,) = _said(log)
        assert sentence.startswith(f"{OLDER} (schema ")
        assert "restart the clinic (make run), which migrates it" in sentence
        assert len(child_processes(granian.pid, "")) == 1
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, "nobody is answered"
        granian.send_signal(signal.SIGTERM)
        granian.wait(child.PAUSE / 2)  # a stop does not wait for the pause
    assert _said(log) == [sentence]


def test_a_worker_on_an_older_schema_says_how_to_migrate_it_and_does_no_job(
    older: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with _started([sys.executable, "-m", "booking_ui", "worker"], log, older) as worker:
        wait_until(lambda: _said(log), what="a sentence")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(15) == -signal.SIGTERM
    (sentence,) = _said(log)
    assert sentence.startswith(f"{OLDER} (schema ")
    engine = sa.create_engine(older)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT COUNT(*) FROM heartbeat")).scalar() == 0
    engine.dispose()


def test_a_process_ends_after_its_sentence_so_that_the_next_one_reads_the_files_anew(
    older: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    shortened = "from booking_ui.commands.serving import child; child.PAUSE = 0; child.app()"
    with _started([sys.executable, "-c", shortened], log, older) as process:
        assert process.wait(30) == 1
    (sentence,) = _said(log)
    assert sentence.startswith(OLDER)


def test_a_process_on_the_newest_schema_goes_on(db: Database) -> None:
    assert schema.version(db.url) == schema.newest()
    child.end_unless_current()


def test_a_process_whose_database_is_away_goes_on_and_waits_for_it() -> None:
    use(Database(f"postgresql+psycopg://clinic@127.0.0.1:{free_port()}/clinic"))
    with pytest.raises(schema.UnreachableError):
        schema.require_current()
    child.end_unless_current()
    use(None)
