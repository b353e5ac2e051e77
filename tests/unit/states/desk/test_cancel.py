"""The desk's cancellation: the refund it chose, exactly, with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from booking_ui.db.models import Payment, Refund
from booking_ui.db.session import read
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput
from booking_ui.services.booking import appointments, claim
from booking_ui.services.desk import mark_payment
from booking_ui.services.views import AppointmentView
from booking_ui.states.desk.booking import BookingState
from booking_ui.states.desk.cancel import AMBIGUOUS, CancelForm, CancelVisitState, Problems, refund_wanted
from tests.support.cast import FEE, Cast
from tests.support.tab import Tab, Went, run, signed_in


@pytest.fixture
def visit(cast: Cast) -> AppointmentView:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
    with read() as tx:
        bill = tx.exec(select(Payment.id)).one() or 0
    mark_payment.mark(admin=cast.devi, payment_id=bill, status="captured", reason="in cash", now=utc_now())
    return held


def refunds() -> list[int]:
    with read() as tx:
        return list(tx.exec(select(Refund.amount_paise)).all())


async def cancelled(
    who: int, visit: AppointmentView, **form: Any
) -> tuple[BookingState, CancelVisitState, Went]:
    tab = Tab(f"/admin/?ref={visit.reference}", token=signed_in(who))
    await tab.send(BookingState, BookingState.load)
    sent = {"refund": "full", "rupees": "", "reason": "The doctor is ill", **form}
    went = await tab.send(CancelVisitState, CancelVisitState.cancel, form=sent)
    return await tab.state(BookingState), await tab.state(CancelVisitState), went


@pytest.mark.parametrize(
    ("form", "back"),
    [({}, FEE), ({"refund": "none"}, 0), ({"refund": "exact", "rupees": "123.45"}, 12_345)],
)
def test_what_was_chosen_goes_back_and_the_panel_says_so(
    cast: Cast, visit: AppointmentView, form: dict[str, str], back: int
) -> None:
    case, desk, _ = run(cancelled(cast.devi.person_id, visit, **form))
    assert (case.booking.row.status, case.booking.cancel_choices, desk.made) == ("cancelled", [], 1)
    assert case.said.startswith("Visit cancelled. ")
    assert refunds() == ([back] if back else [])


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"reason": " x "}, Problems(reason="Say why, in 3 to 300 characters.")),
        (
            {"refund": "exact", "rupees": "a lot"},
            Problems(rupees="Write the amount in rupees, such as 250 or 250.50."),
        ),
        (
            {"refund": "exact", "rupees": "501"},
            Problems(rupees="Give back nothing, or ₹1 or more: at most ₹500."),
        ),
        ({"refund": "policy", "rupees": "300"}, Problems(rupees=AMBIGUOUS)),
        ({"refund": "none", "rupees": "0"}, Problems(rupees=AMBIGUOUS)),
    ],
)
def test_a_form_that_cannot_be_is_refused_with_its_sentence(
    cast: Cast, visit: AppointmentView, form: dict[str, str], said: Problems
) -> None:
    case, desk, _ = run(cancelled(cast.devi.person_id, visit, **form))
    assert (desk.problems, desk.made, case.booking.row.status) == (said, 0, "confirmed")
    assert refunds() == []


def test_spaces_are_no_amount(cast: Cast, visit: AppointmentView) -> None:
    _, desk, _ = run(cancelled(cast.devi.person_id, visit, rupees="  "))
    assert (desk.problems, refunds()) == (Problems(), [FEE])


def test_a_refusal_that_is_no_fields_is_said_above_the_form(cast: Cast, visit: AppointmentView) -> None:
    run(cancelled(cast.devi.person_id, visit))
    _, desk, _ = run(cancelled(cast.devi.person_id, visit))
    assert desk.problems == Problems(whole="Only a confirmed visit can be cancelled.")


def test_a_patient_is_no_desk(cast: Cast, visit: AppointmentView) -> None:
    _, _, went = run(cancelled(cast.asha, visit))
    assert went.refused
    assert (
        appointments.find(patient_id=cast.asha, appointment_id=visit.id, now=utc_now()).phase == "confirmed"
    )


@pytest.mark.parametrize(
    "rupees", ["", "1.005", "NaN", "Infinity", "1e99", "1e900000", "9e999999", "1e3", "--1", "₹"]
)
def test_an_amount_that_is_no_number_of_paise_is_refused(rupees: str) -> None:
    with pytest.raises(BadInput):
        refund_wanted(CancelForm(refund="exact", rupees=rupees, reason="The doctor is ill"))


def test_an_amount_is_read_as_people_write_it() -> None:
    found = [
        refund_wanted(CancelForm(refund="exact", rupees=r, reason="")) for r in ("₹1,250.50", "0", "250")
    ]
    assert found == [125_050, 0, 25_000]
