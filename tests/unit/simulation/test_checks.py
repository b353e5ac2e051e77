"""Stories in which nothing is wrong, although a check once said so, each beside a broken one that it must still catch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.plan import Conditions, Plan
from tests.simulation.stage import Step
from tests.simulation.storage import Storage
from tests.simulation.story import Ending, play


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


DAYS_PASS = 29
"""The seed of a step in which 200,000 seconds pass."""


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
