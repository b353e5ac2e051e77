"""Refund… on the desk's page of a booking: the amount that was written, a reason, and what was kept when it was."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from booking_ui.db.models import Refund
from booking_ui.db.session import read
from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim
from booking_ui.services.views import AppointmentView
from booking_ui.states.desk.booking import BookingState
from booking_ui.states.desk.refund import RefundState
from tests.support.cast import FEE, Cast
from tests.support.paying import paid_at_the_desk
from tests.support.tab import Tab, Went, run, signed_in


@pytest.fixture
def visit(cast: Cast) -> AppointmentView:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
    paid_at_the_desk(cast, held.id)
    return held


def refunds() -> list[int]:
    with read() as tx:
        return list(tx.exec(select(Refund.amount_paise)).all())


async def refunded(
    who: int, visit: AppointmentView, *, clicks: int = 1, **form: Any
) -> tuple[BookingState, RefundState, Went]:
    tab = Tab(f"/admin/?ref={visit.reference}", token=signed_in(who))
    await tab.send(BookingState, BookingState.load)
    sent = {"seen_paise": str(FEE), "rupees": "123.45", "reason": "Waited for an hour", **form}
    for _ in range(clicks):
        went = await tab.send(RefundState, RefundState.refund, form=sent)
    return await tab.state(BookingState), await tab.state(RefundState), went


def test_the_amount_goes_back_the_panel_says_so_and_offers_the_rest(
    cast: Cast, visit: AppointmentView
) -> None:
    case, desk, _ = run(refunded(cast.devi.person_id, visit))
    assert (case.said, case.booking.row.status, desk.made) == (
        "₹123.45 counts as given back.",
        "confirmed",
        1,
    )
    assert (case.booking.refundable_paise, case.booking.refundable_label) == (FEE - 12_345, "₹376.55")
    assert case.booking.refund_by_hand
    assert refunds() == [12_345]


def test_a_form_that_is_sent_twice_refunds_once(cast: Cast, visit: AppointmentView) -> None:
    _, desk, _ = run(refunded(cast.devi.person_id, visit, clicks=2))
    assert desk.problems.whole.startswith("The money of this booking has changed since.")
    assert refunds() == [12_345]


@pytest.mark.parametrize(
    ("form", "field"),
    [({"rupees": "lots"}, "rupees"), ({"rupees": "500.01"}, "rupees"), ({"rupees": "0.99"}, "rupees"),
     ({"reason": "  x "}, "reason")],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field_and_nothing_goes_back(
    cast: Cast, visit: AppointmentView, form: dict[str, str], field: str
) -> None:
    _, desk, _ = run(refunded(cast.devi.person_id, visit, clicks=1, **form))
    assert getattr(desk.problems, field)
    assert (refunds(), desk.made) == ([], 0)


def test_nobody_but_the_desk_gives_money_back(cast: Cast, visit: AppointmentView) -> None:
    run(refunded(cast.asha, visit))
    assert refunds() == []
