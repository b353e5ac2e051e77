"""What every test of a database relies on: the one before it left nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlmodel import select

from booking_ui.db.models import Person
from booking_ui.db.session import Database
from tests.support import databases
from tests.support.cast import NOW
from tests.support.databases import Shelf
from tests.support.servers import Postgres

NUMBER = "SELECT oid FROM pg_database WHERE datname = current_database()"


@pytest.fixture
def shelf(postgres: Postgres, _postgres_template: str) -> Iterator[Shelf]:
    found = Shelf(postgres, _postgres_template, f"test_{uuid.uuid4().hex[:12]}")
    yield found
    found.drop()


def arrive(database: Database) -> int | None:
    person = Person(name="Asha", email="asha@example.com", phone="", password_hash="-", created_at=NOW)
    with database.write() as tx:
        tx.add(person)
        tx.flush()
        return person.id


def test_a_database_that_is_handed_on_is_empty_and_counts_from_one_again(shelf: Shelf) -> None:
    for _ in range(2):
        database = Database(shelf.take())
        with database.read() as tx:
            assert tx.exec(select(Person)).all() == []
        assert arrive(database) == 1
        database.dispose()
        shelf.give_back()


def test_a_database_is_made_anew_after_many_tests(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "MANY_TESTS", 2)
    found = []
    for _ in range(4):
        database = Database(shelf.take())
        with database.read() as tx:
            found.append(tx.execute(sa.text(NUMBER)).scalar_one())
        database.dispose()
        shelf.give_back()
    assert found[0] == found[1] != found[2] == found[3]


def test_somebody_who_stayed_inside_a_transaction_is_put_out(shelf: Shelf) -> None:
    database = Database(shelf.take())
    with database.engine.connect() as left_open:
        left_open.execute(sa.text("LOCK TABLE person"))
        shelf.give_back()
        left_open.invalidate()
    assert shelf.take() == database.url
    assert arrive(database) == 1
    database.dispose()


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX uq_appointment_live_slot",
        "ALTER TABLE payment_attempt RENAME TO away",
        "ALTER TABLE person ALTER phone DROP NOT NULL",
        "CREATE TABLE guest (id int)",
    ],
)
def test_a_database_whose_shape_was_changed_is_not_handed_on(shelf: Shelf, change: str) -> None:
    found = []
    for statement in (change, "SELECT 1", "SELECT 1"):
        database = Database(shelf.take())
        with database.write() as tx:
            found.append(tx.execute(sa.text(NUMBER)).scalar_one())
            tx.execute(sa.text(statement))
        database.dispose()
        shelf.give_back()
    assert found[0] != found[1] == found[2]
