"""A memory that any commit empties, and that stays small."""

from __future__ import annotations

import pytest

from booking_ui.db import memory
from booking_ui.db.session import database, read
from tests.support.schedule import a_doctor, a_patient

pytestmark = pytest.mark.usefixtures("db")


def asked(key: object, answer: int) -> int:
    with read() as tx:
        return memory.remembered(tx, key, lambda: answer)


def test_an_answer_is_remembered_until_anything_is_committed() -> None:
    assert [asked("one", 1), asked("one", 2), asked("two", 3)] == [1, 1, 3]
    a_patient()
    assert asked("one", 2) == 2


def test_an_answer_that_no_longer_fits_is_read_again() -> None:
    answers = iter((1, 2, 3))
    with read() as tx:
        kept = [
            memory.remembered_while(tx, "one", lambda _: next(answers), lambda found: found > 1)
            for _ in range(3)
        ]
    assert kept == [1, 2, 2]


def test_one_transaction_sees_one_stamp_whoever_commits_meanwhile() -> None:
    with read() as tx:
        first = memory.remembered(tx, "one", lambda: 1)
        a_doctor()
        assert memory.remembered(tx, "one", lambda: 2) == first


def test_memory_stays_small_whatever_is_asked() -> None:
    for number in range(memory.MOST + 20):
        asked(number, number)
    assert len(memory._kept[database()].entries) <= memory.MOST + 1
