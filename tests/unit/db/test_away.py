"""Which errors say that the database is away or full, and which that a statement is wrong."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, ProgrammingError, SQLAlchemyError
from sqlmodel import select

from booking_ui.db.models import Heartbeat
from booking_ui.db.session import Database, is_away, read, write
from tests.support.cast import NOW
from tests.support.servers import free_port


def fault_of(database: Database, *statements: str) -> SQLAlchemyError:
    """The error that the last of these statements ends with."""
    try:
        with database.write() as tx:
            for statement in statements:
                tx.execute(sa.text(statement))
    except SQLAlchemyError as fault:
        return fault
    raise AssertionError("nothing failed")


def test_a_server_that_nobody_answers_for_is_away() -> None:
    dead = Database(f"postgresql+psycopg://clinic@127.0.0.1:{free_port()}/clinic")
    assert is_away(fault_of(dead, "SELECT 1"))
    dead.dispose()


def test_a_file_that_cannot_be_opened_is_away() -> None:
    assert is_away(fault_of(Database("sqlite:////nowhere/at/all.db"), "SELECT 1"))


def test_a_full_disk_is_away(sqlite_url: str) -> None:
    full = Database(sqlite_url)
    fault = fault_of(
        full,
        "PRAGMA max_page_count = 1",  # SQLite takes as many as there are: the file can't grow
        "CREATE TABLE more AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) SELECT i FROM n",
    )
    assert "full" in str(fault.orig)  # type: ignore[attr-defined]  # a DBAPIError
    assert is_away(fault)
    full.dispose()


def test_a_database_that_only_reads_is_away(db: Database) -> None:
    shut = "PRAGMA query_only = ON" if db.sqlite else "SET TRANSACTION READ ONLY"
    statement = "INSERT INTO heartbeat (job, at) VALUES ('x', '2026-11-21 06:00:00')"
    fault = fault_of(db, shut, statement)
    if db.sqlite:
        with db.engine.connect() as same:
            same.execute(sa.text("PRAGMA query_only = OFF"))
    assert is_away(fault)


def test_a_pool_without_a_free_connection_is_away() -> None:
    assert is_away(sa.exc.TimeoutError("QueuePool limit"))


def test_a_connection_that_was_cut_is_away(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    fault = fault_of(database, "SELECT pg_terminate_backend(pg_backend_pid())")
    assert is_away(fault)
    database.dispose()


@pytest.mark.parametrize("wrong", ["SELECT nothing FROM nowhere", "SELEKT 1", "SELECT nothing FROM person"])
def test_a_wrong_statement_is_a_defect_of_ours(db: Database, wrong: str) -> None:
    assert not is_away(fault_of(db, wrong))


def test_a_broken_rule_is_no_absence(db: Database) -> None:
    with write() as tx:
        tx.add(Heartbeat(job="holds", at=NOW))
    with pytest.raises(IntegrityError) as refused, write() as tx:
        tx.add(Heartbeat(job="holds", at=NOW))
    assert not is_away(refused.value)
    assert not is_away(ProgrammingError("SELECT", {}, Exception("x")))
    with read() as tx:
        assert len(tx.exec(select(Heartbeat)).all()) == 1
    assert db
