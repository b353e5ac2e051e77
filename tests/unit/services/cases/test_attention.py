"""Bookings that need a person, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from booking_ui.db.models import DeliveryStatus, Payment
from booking_ui.db.session import Database
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundStatus
from booking_ui.services.cases import attention as reasons
from booking_ui.services.cases.attention import AttentionReason
from booking_ui.services.desk import bookings
from booking_ui.services.desk.bookings import BookingFilter
from tests.support.desk import (
    NOW,
    VISIT,
    Desk,
    a_message,
    a_refund,
    an_attempt,
    book,
    open_desk,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(db: Database) -> Desk:
    return open_desk()


def references(**filters: object) -> list[str]:
    return [row.reference for row in bookings.listed(BookingFilter(**filters), now=NOW).rows]  # type: ignore[arg-type]


def attention() -> dict[str, str]:
    page = bookings.listed(BookingFilter(status="attention", sort="starts_at"), now=NOW)
    assert page.attention_count == page.total == len(page.rows)
    return {row.reference: row.needs_attention for row in page.rows}


def test_money_that_is_where_it_should_be_needs_nobody(desk: Desk) -> None:
    kept = book(desk, "PAID", payment_id="pay_kept")
    an_attempt(kept, "pay_kept", AttemptStatus.CAPTURED)
    an_attempt(kept, "pay_before", AttemptStatus.FAILED)
    gone = book(
        desk,
        "LATE",
        starts_at=VISIT + HOUR,
        status=AppointmentStatus.FAILED,
        payment=PaymentStatus.REFUND_PENDING,
    )
    a_refund(gone, RefundStatus.PENDING)
    book(desk, "BY-POLICY", starts_at=VISIT + 2 * HOUR, status=AppointmentStatus.CANCELLED)
    book(
        desk,
        "UNPAID",
        starts_at=VISIT + 3 * HOUR,
        status=AppointmentStatus.FAILED,
        payment=PaymentStatus.FAILED,
    )

    assert attention() == {}


def test_a_failed_refund_needs_a_person_until_the_bill_is_refunded(desk: Desk) -> None:
    cancelled = partial(book, desk, status=AppointmentStatus.CANCELLED)
    a_refund(cancelled("STUCK"), RefundStatus.FAILED)
    by_hand = cancelled(
        "BY-HAND", starts_at=VISIT + HOUR, payment=PaymentStatus.REFUNDED, payment_id="pay_kept"
    )
    a_refund(by_hand, RefundStatus.FAILED)

    assert attention() == {
        "STUCK": "A refund failed. Send it again, or give it back by hand and say so here.",
    }


def test_captured_money_without_a_visit_or_a_refund_needs_a_person(desk: Desk) -> None:
    book(desk, "LOST", status=AppointmentStatus.FAILED)
    returned = book(desk, "RETURNED", starts_at=VISIT + HOUR, status=AppointmentStatus.FAILED)
    a_refund(returned, RefundStatus.PENDING)

    assert attention() == {
        "LOST": "₹500 was captured, but the visit is not confirmed and no refund is on its way.",
    }


def test_a_capture_of_another_amount_needs_a_person_until_its_refund_is_on_its_way(desk: Desk) -> None:
    pending = partial(book, desk, status=AppointmentStatus.PENDING_PAYMENT, payment=PaymentStatus.PENDING)
    an_attempt(pending("ODD"), "pay_odd", AttemptStatus.CAPTURED, paise=40_000)
    mended = pending("MENDED", starts_at=VISIT + HOUR)
    an_attempt(mended, "pay_mended", AttemptStatus.CAPTURED, paise=40_000)
    a_refund(mended, RefundStatus.PENDING, pay_id="pay_mended")

    assert attention() == {
        "ODD": "Razorpay captured something else than the bill of ₹500, and no refund is on its way.",
    }


def test_a_second_capture_needs_a_person_until_its_refund_is_on_its_way(desk: Desk) -> None:
    twice = book(desk, "TWICE", payment_id="pay_first")
    an_attempt(twice, "pay_first", AttemptStatus.CAPTURED)
    an_attempt(twice, "pay_second", AttemptStatus.CAPTURED)
    mended = book(desk, "MENDED", starts_at=VISIT + HOUR, payment_id="pay_third")
    an_attempt(mended, "pay_fourth", AttemptStatus.CAPTURED)
    a_refund(mended, RefundStatus.PROCESSED, pay_id="pay_fourth")

    assert attention() == {"TWICE": "A second payment was captured, and no refund of it is on its way."}


def test_a_parked_message_of_the_order_needs_a_person(desk: Desk) -> None:
    book(desk, "PARKED", order_id="order_P")
    a_message("order_P", DeliveryStatus.PARKED)
    book(desk, "FINE", starts_at=VISIT + HOUR, order_id="order_F")
    a_message("order_F", DeliveryStatus.DONE)

    assert attention() == {"PARKED": "A message from Razorpay about this order could not be applied."}


def test_a_refund_that_takes_longer_than_banks_do_needs_a_person(desk: Desk) -> None:
    cancelled = partial(book, desk, status=AppointmentStatus.CANCELLED, payment=PaymentStatus.REFUND_PENDING)
    a_refund(cancelled("SLOW"), RefundStatus.PENDING, at=NOW - timedelta(days=7, seconds=1))
    a_refund(
        cancelled("IN-TIME", starts_at=VISIT + HOUR),
        RefundStatus.PENDING,
        at=NOW - timedelta(days=7),
    )

    assert attention() == {"SLOW": "A refund has been on its way for more than 7 days. Ask Razorpay."}


def test_the_worst_money_case_can_stand_first_on_both_databases(desk: Desk) -> None:
    book(desk, "FINE")
    book(desk, "PARKED", starts_at=VISIT + HOUR, order_id="order_P")
    a_message("order_P", DeliveryStatus.PARKED)
    a_refund(book(desk, "STUCK", starts_at=VISIT + 2 * HOUR), RefundStatus.FAILED)

    assert references(sort="urgency") == ["STUCK", "PARKED", "FINE"]


def test_of_several_money_cases_the_most_urgent_is_said_and_the_booking_counts_once(desk: Desk) -> None:
    bill = book(desk, "WORST", order_id="order_W", status=AppointmentStatus.CANCELLED)
    a_message("order_W", DeliveryStatus.PARKED)
    a_refund(bill, RefundStatus.FAILED)
    a_refund(bill, RefundStatus.FAILED, pay_id="pay_other")

    assert attention() == {
        "WORST": "A refund failed. Send it again, or give it back by hand and say so here."
    }


def test_a_refund_of_money_paid_at_the_desk_waits_for_the_desk(desk: Desk) -> None:
    bill = book(desk, "CASH", status=AppointmentStatus.CANCELLED, payment=PaymentStatus.REFUND_PENDING)
    a_refund(bill, RefundStatus.PENDING, pay_id="")

    assert attention() == {
        "CASH": "₹500 was paid at the desk and is due back. Give it back, then mark it here.",
    }


def test_each_reason_has_a_sentence_of_its_own_and_names_what_is_due() -> None:
    payment = Payment(
        appointment_id=1,
        status=PaymentStatus.CAPTURED,
        currency="INR",
        amount_paise=50_000,
        retained_paise=10_000,
    )
    told = [reasons.sentence(reason, payment) for reason in AttentionReason]
    assert len(set(told)) == len(AttentionReason)
    assert all(one.endswith((".", "itself.")) for one in told)
    assert reasons.sentence(AttentionReason.REFUND_BY_HAND, payment).startswith("₹400 was paid at the desk")
    assert reasons.sentence(None, payment) == reasons.way_out(None) == ""


def test_a_way_out_is_offered_where_the_desk_itself_can_act() -> None:
    offered = {reason.name: reasons.way_out(reason) for reason in AttentionReason if reasons.way_out(reason)}
    assert offered == {
        "REFUND_FAILED": "settle",
        "REFUND_BY_HAND": "mark",
        "MESSAGE_PARKED": "messages",
        "VISIT_REFUNDED": "decide",
        "MARKED_AND_PAID": "decide",
    }
