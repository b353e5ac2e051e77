"""Accounts that the desk made: what opens them, and what does not. On both databases."""

from __future__ import annotations

from typing import Any

import pytest

from booking_ui.db.models import Person, Role
from booking_ui.db.session import read, write
from booking_ui.domain.people.person import Applicant
from booking_ui.services.accounts import made_at_desk
from booking_ui.services.accounts.passwords import NO_PASSWORD
from tests.support.cast import NOW

NUMBER = "+919845012301"
pytestmark = pytest.mark.usefixtures("db")


def written_down(name: str = "Ravi", **facts: Any) -> int:
    person = Person(name=name, phone=NUMBER, password_hash=NO_PASSWORD, created_at=NOW)
    for column, value in facts.items():
        setattr(person, column, value)
    with write() as tx:
        tx.add(person)
        tx.flush()
        return person.id or 0


def opened_by_number() -> int | None:
    with read() as tx:
        newest = made_at_desk.opened_by(tx, NUMBER)
        return newest.id if newest else None


def test_a_number_opens_the_newest_account_that_the_desk_made_for_it() -> None:
    first, second = written_down(), written_down("Sita")
    assert opened_by_number() == second
    with read() as tx:
        doors = [made_at_desk.can_be_entered(tx, tx.get_one(Person, one)) for one in (first, second)]
    assert doors == [False, True]


@pytest.mark.parametrize(
    "facts",
    [
        {"password_hash": "-"},
        {"email": "ravi@example.com"},
        {"email": "ravi@example.com", "email_verified_at": NOW},
        {"erased_at": NOW},
        {"role": Role.DOCTOR},
        {"phone": "+919845012302"},
    ],
)
def test_it_opens_no_account_that_has_another_way_in_or_is_no_patients(facts: dict[str, Any]) -> None:
    written_down(**facts)
    assert opened_by_number() is None


def test_a_patient_is_written_down_once_by_number_and_name() -> None:
    ids = []
    for name in ("Ravi", "RAVI", "Sita"):
        with write() as tx:
            ids.append(made_at_desk.found_or_made(tx, Applicant(name, "", NUMBER), by="admin:1", now=NOW).id)
    assert ids[0] == ids[1] != ids[2]
