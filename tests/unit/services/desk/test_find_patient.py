"""Finding a patient by name, address or number. On both databases."""

from __future__ import annotations

import pytest

from booking_ui.db.models import Person
from booking_ui.db.session import write
from booking_ui.services.accounts.passwords import NO_PASSWORD
from booking_ui.services.desk import find_patient
from tests.support.cast import NOW, Cast


@pytest.fixture(autouse=True)
def ravi(cast: Cast) -> None:
    people = [
        Person(name=name, phone=phone, password_hash=NO_PASSWORD, created_at=NOW, erased_at=erased)
        for name, phone, erased in (
            ("Ravi Kumar", "+919845012301", None),
            ("Ravi Former", "", NOW),
        )
    ]
    with write() as tx:
        tx.add_all(people)


def found(q: str) -> list[str]:
    return [one.name for one in find_patient.matches(q=q)]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("ravi", ["Ravi Kumar"]),
        ("kumar  RAV", ["Ravi Kumar"]),
        ("98450 12301", ["Ravi Kumar"]),
        ("+91-98450-12301", ["Ravi Kumar"]),
        ("12301", ["Ravi Kumar"]),
        ("asha@example", ["Asha"]),
        ("9800000001", ["Asha", "Bilal"]),
        ("devi", []),
        ("r", []),
        ("123", []),
        ("%%", []),
        ("ravi gupta", []),
        ("", []),
    ],
)
def test_words_in_any_order_and_parts_of_a_number_find_patients_alone(q: str, names: list[str]) -> None:
    assert found(q) == names


def test_what_the_desk_sees_of_a_match(cast: Cast) -> None:
    (one,) = find_patient.matches(q="ravi")
    assert (one.phone, one.email, one.made_at_desk) == ("+919845012301", "", True)
    (one,) = find_patient.matches(q="asha")
    assert (one.id, one.email, one.made_at_desk) == (cast.asha, "asha@example.com", False)


def test_no_more_are_found_than_a_page_shows_well() -> None:
    crowd = [
        Person(name=f"Gita {n}", phone=f"+9198450123{n:02}", password_hash=NO_PASSWORD, created_at=NOW)
        for n in range(find_patient.MOST + 1)
    ]
    with write() as tx:
        tx.add_all(crowd)
    assert found("gita") == [f"Gita {n}" for n in range(find_patient.MOST)]
