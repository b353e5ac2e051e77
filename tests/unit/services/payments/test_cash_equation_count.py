"""The stored count of promise 9: its own instant, what was left out, and the cases about what differs."""

from __future__ import annotations

from datetime import timedelta

from booking_ui.db.models import PromiseCount
from booking_ui.db.session import Database, read
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.payments import cash_equation_count
from booking_ui.services.payments.cash_equation import Difference, Equation
from booking_ui.services.upkeep import invariants
from tests.support.cast import NOW
from tests.support.remarks import quoted

PAY, RFND = "pay_00000000000001", "rfnd_00000000000001"
LATER = NOW + timedelta(hours=1)
DIFFERS = Equation(
    3, [Difference(RFND, PAY, quoted("₹200 went back at Razorpay, unknown here"))], frozenset({PAY, RFND})
)


def row() -> PromiseCount:
    with read() as tx:
        return tx.get_one(PromiseCount, 9)


def open_cases() -> list[str]:
    return [case.subject for case in reconciliation_cases.open_cases()]


def test_until_the_first_comparison_it_is_not_checked(db: Database) -> None:
    invariants.keep(now=NOW)
    shown = {one.number: (one.state, one.note) for one in invariants.shown()}
    assert shown[9] == ("unchecked", "Razorpay's list was not compared yet.")
    assert {state for number, (state, _) in shown.items() if number < 9} == {"holds"}


def test_counting_the_other_promises_leaves_it_as_it_was(db: Database) -> None:
    cash_equation_count.keep(DIFFERS, now=NOW)
    invariants.keep(now=LATER)
    assert (row().violated, row().at, row().checked) == (1, NOW, 3)
    assert {one.number: one.state for one in invariants.shown()}[9] == "broken"


def test_a_difference_has_one_case_until_it_is_looked_at_and_gone(db: Database) -> None:
    for _ in range(2):
        cash_equation_count.keep(DIFFERS, now=NOW)
    assert open_cases() == [RFND]
    cash_equation_count.keep(Equation(0, []), now=LATER)
    assert open_cases() == [RFND]  # nobody looked at it
    cash_equation_count.keep(Equation(1, [], frozenset({RFND})), now=LATER)
    assert open_cases() == []


def test_razorpay_away_keeps_what_was_found_and_says_when(db: Database) -> None:
    cash_equation_count.keep(DIFFERS, now=NOW)
    cash_equation_count.keep_unchecked(why=quoted("Razorpay did not answer (network)."), now=LATER)
    assert (row().violated, row().unchecked, row().at) == (1, True, NOW)
    cash_equation_count.keep(Equation(3, [], explained=2), now=LATER)
    assert (row().violated, row().unchecked, row().note) == (
        0,
        False,
        "2 differences are explained in Books.",
    )


def test_razorpay_away_from_the_first_day_on_is_not_checked_rather_than_held(db: Database) -> None:
    cash_equation_count.keep_unchecked(why=quoted("Razorpay did not answer (network)."), now=NOW)
    assert [(one.number, one.state, one.checked) for one in invariants.shown()] == [(9, "unchecked", 0)]
