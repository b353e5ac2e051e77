"""Stories in which nothing is wrong, although a check once said so, each beside a broken one that it must still catch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.plan import Conditions, Plan
from tests.simulation.stage import Step
from tests.simulation.storage import Storage
from tests.simulation.story import Ending, play

BEFORE_THE_COMMIT, AFTER_THE_COMMIT = 1, 2  # where the process of a step dies


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    found = Storage()
    yield found
    found.database.dispose()


def told(storage: Storage, *steps: Step, bug: str = "") -> Ending:
    """The end of a story in which every payment succeeds."""
    plan = Plan(0, Conditions(money="good"), steps)
    return play(plan, storage, BUGS[bug] if bug else None)


def says(ending: Ending, *words: str) -> bool:
    """True when the story tells all of this, in this order."""
    rest = "\n".join(ending.lines)
    for said in words:
        _, found, rest = rest.partition(said)
        if not found:
            return False
    return True


FEE_RISES, HOURS_PASS, DAYS_PASS = 8, 9, 29
"""Seeds of steps: the fee becomes 60,000 paise, 3,700 and 200,000 seconds pass."""


def test_a_fee_that_was_changed_by_a_process_that_died_is_the_fee(storage: Storage) -> None:
    ending = told(storage, Step("change_doctor", FEE_RISES, AFTER_THE_COMMIT), Step("book", 0))
    assert says(ending, "becomes 60000 paise", "dies: after the commit", "held as booking 1")
    assert ending.fault == ""


def test_a_fee_whose_change_was_lost_is_not_the_fee(storage: Storage) -> None:
    rise = Step("change_doctor", FEE_RISES, BEFORE_THE_COMMIT)
    ending = told(storage, rise, Step("wait", HOURS_PASS), Step("book", 0))
    assert says(ending, "becomes 60000 paise", "dies: before the commit", "held as booking 1")
    assert ending.fault == ""


def test_a_hold_at_a_fee_from_before_a_crash_is_caught(storage: Storage) -> None:
    steps = (
        Step("claim", 1),
        Step("change_doctor", FEE_RISES, AFTER_THE_COMMIT),
        Step("wait", HOURS_PASS),
        Step("try_again", 0),
    )
    assert told(storage, *steps).fault == ""
    assert told(storage, *steps, bug="fee-renewed").fault == "appointment:1 was held at a fee that is over"


def test_a_visit_may_be_moved_to_a_time_before_the_end_of_its_hold(storage: Storage) -> None:
    ending = told(storage, Step("wait", HOURS_PASS), Step("book", 4), Step("look", 9))
    assert says(ending, "claims the 10:00 am tomorrow", "moves booking 1 to the 11:10 am today")
    assert ending.fault == ""


def test_a_visit_that_was_moved_is_judged_by_the_time_for_which_it_was_held(storage: Storage) -> None:
    steps = (Step("book", 4), Step("wait", HOURS_PASS), Step("look", 0))
    ending = told(storage, *steps, bug="near-confirms")
    assert says(ending, "claims the 10:00 am tomorrow", "moves booking 1 to the 10:00 am in a week")
    assert ending.fault == "appointment:1 was confirmed late, too near to be cancelled for the full fee"
    assert told(storage, *steps).fault == ""


@pytest.mark.parametrize(
    "paid",
    [
        pytest.param((Step("claim", 7), Step("mark", 1)), id="in cash"),
        pytest.param((Step("book", 7), Step("look", 4)), id="through Razorpay"),
    ],
)
def test_money_of_a_visit_that_took_place_may_be_given_back_by_hand(
    storage: Storage, paid: tuple[Step, ...]
) -> None:
    ending = told(storage, *paid, Step("wait", DAYS_PASS), Step("conclude", 0), Step("mark", 0))
    assert says(ending, "concludes booking 1", "→ concluded", "booking 1 refunded", "→ marked")
    assert ending.fault == ""


def test_a_booking_that_was_let_go_by_a_process_that_died_is_let_go(storage: Storage) -> None:
    steps = (Step("book", 1), Step("let_go", 0, AFTER_THE_COMMIT), Step("look", 0))
    ending = told(storage, *steps, bug="given-up-confirms")
    assert says(ending, "lets booking 1 go", "dies: after the commit")
    assert ending.fault == "appointment:1 was confirmed after its patient had let go"
    assert told(storage, *steps).fault == ""
