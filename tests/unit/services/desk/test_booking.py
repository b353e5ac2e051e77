"""Everything about one booking, as the desk reads it, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.db.session import Database
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import NotFound
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundStatus
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.desk.bookings import BookingFilter, listed
from booking_ui.services.views.desk import AttemptView, RefundView
from tests.support.desk import NOW, VISIT, Desk, a_refund, an_attempt, book, open_desk

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(db: Database) -> Desk:
    return open_desk()


def test_one_booking_has_its_row_its_visit_its_attempts_and_its_refunds(desk: Desk) -> None:
    bill = book(desk, "AB12CD", order_id="order_A", payment_id="pay_A", payment=PaymentStatus.REFUND_PENDING)
    an_attempt(bill, "pay_no", AttemptStatus.FAILED, at=NOW - HOUR)
    an_attempt(bill, "pay_A", AttemptStatus.CAPTURED)
    a_refund(bill, RefundStatus.PENDING, pay_id="pay_A")

    found = whole_booking(now=NOW, reference="AB12CD")

    assert found.row == listed(BookingFilter(), now=NOW).rows[0]
    assert (found.appointment.reference, found.appointment.reason) == ("AB12CD", "")
    assert found.phone_label == "+91 98450 12345"
    assert found.attempts == [
        AttemptView(
            gateway_payment_id="pay_no",
            status="failed",
            amount_label="₹500",
            method_label="UPI · asha@okbank",
            failure="The bank declined the payment.",
            heard_label="Sat 21 Nov, 9:15 am, by webhook",
        ),
        AttemptView(
            gateway_payment_id="pay_A",
            status="captured",
            amount_label="₹500",
            method_label="UPI · asha@okbank",
            failure="",
            heard_label="Sat 21 Nov, 10:15 am, by webhook",
        ),
    ]
    assert found.refunds == [
        RefundView(
            amount_label="₹500",
            status="pending",
            gateway_refund_id="",
            reason="cancelled by the patient",
            at_label="Sat 21 Nov, 10:15 am",
            id=1,
        )
    ]


def test_an_unknown_reference_is_not_found(desk: Desk) -> None:
    book(desk, "AB12CD")

    with pytest.raises(NotFound):
        whole_booking(now=NOW, reference="ab12cd")


def test_the_desk_is_offered_the_marks_that_can_still_become_true(desk: Desk) -> None:
    book(desk, "OPEN", status=AppointmentStatus.PENDING_PAYMENT, payment=PaymentStatus.PENDING)
    book(desk, "PAID", starts_at=VISIT + HOUR)
    book(desk, "BACK", starts_at=VISIT + 2 * HOUR, payment=PaymentStatus.REFUNDED)

    offered = {one: whole_booking(now=NOW, reference=one) for one in ("OPEN", "PAID", "BACK")}

    assert {one: (found.can_mark, found.marks) for one, found in offered.items()} == {
        "OPEN": (True, ["captured", "failed"]),
        "PAID": (True, ["refunded"]),
        "BACK": (False, []),
    }
