"""Dependents: their facts are cleaned or refused by field, and their age is told."""

from __future__ import annotations

from datetime import date

import pytest

from booking_ui.domain.errors import BadInput
from booking_ui.domain.people.family import RELATION_LABELS, Member, Relation, age_label, member

TODAY = date(2026, 11, 24)


def test_the_facts_of_a_dependent_are_tidied() -> None:
    found = member(name="  Kiran   Menon ", relation="child", born_on=date(2019, 3, 1), today=TODAY)
    assert found == Member("Kiran Menon", Relation.CHILD, date(2019, 3, 1))
    assert member(name="Kiran", relation="in_law", born_on=None, today=TODAY).born_on is None


@pytest.mark.parametrize(
    ("name", "relation", "born_on", "fields"),
    [
        (" ", "child", None, ["name"]),
        ("Kiran", "cousin", None, ["relation"]),
        ("Kiran", "child", date(2026, 11, 25), ["bornOn"]),
        ("Kiran", "child", date(1895, 12, 31), ["bornOn"]),
        ("", "", date(1895, 1, 1), ["name", "relation", "bornOn"]),
    ],
)
def test_every_wrong_fact_is_named(name: str, relation: str, born_on: date | None, fields: list[str]) -> None:
    with pytest.raises(BadInput) as refused:
        member(name=name, relation=relation, born_on=born_on, today=TODAY)
    assert [one.field for one in refused.value.errors] == fields


@pytest.mark.parametrize(
    ("born_on", "shown"),
    [
        (None, ""),
        (TODAY, "0 months"),
        (date(2026, 10, 25), "0 months"),
        (date(2026, 10, 24), "1 month"),
        (date(2024, 11, 25), "23 months"),
        (date(2024, 11, 24), "2 years"),
        (date(1996, 11, 25), "29 years"),
        (date(2027, 1, 1), "0 months"),
    ],
)
def test_an_age_is_told_in_months_before_the_second_birthday(born_on: date | None, shown: str) -> None:
    assert age_label(born_on, TODAY) == shown


def test_every_relation_has_a_label() -> None:
    assert set(RELATION_LABELS) == set(Relation)
