"""The appointment's table of moves."""

from __future__ import annotations

from itertools import product

import pytest

from booking_ui.domain.appointment import LIVE, MOVES, AppointmentStatus

ALLOWED = {
    "pending_payment>confirmed", "pending_payment>failed",
    "confirmed>completed", "confirmed>no_show", "confirmed>cancelled",
    "failed>pending_payment", "failed>confirmed",
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), list(product(AppointmentStatus, AppointmentStatus)))
def test_only_the_moves_of_the_contract_are_allowed(
    before: AppointmentStatus, after: AppointmentStatus
) -> None:
    assert (after in MOVES[before]) is (f"{before}>{after}" in ALLOWED)


def test_every_status_stands_in_the_table() -> None:
    assert set(MOVES) == set(AppointmentStatus)


def test_a_slot_is_occupied_exactly_until_its_visit_is_cancelled_or_failed() -> None:
    assert set(AppointmentStatus) - LIVE == {AppointmentStatus.CANCELLED, AppointmentStatus.FAILED}
