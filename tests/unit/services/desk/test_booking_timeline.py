"""Everything about one booking, as the desk reads it, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from booking_ui.db.models import DeliveryStatus
from booking_ui.db.session import Database, write
from booking_ui.domain import actors
from booking_ui.domain.causes import Cause
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundStatus, Source
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.desk.booking_timeline import actor_name
from booking_ui.services.journal import audit
from tests.support.desk import (
    NOW,
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


def told(reference: str) -> list[tuple[str, str]]:
    return [(line.text, line.tone) for line in whole_booking(now=NOW, reference=reference).timeline]


@pytest.mark.parametrize(
    ("refunds", "status", "back"),
    [
        ([(RefundStatus.FAILED, 50_000)], "captured", ""),
        ([(RefundStatus.PENDING, 50_000)], "captured", ""),
        ([(RefundStatus.FAILED, 50_000), (RefundStatus.PROCESSED, 50_000)], "refunded", ""),
        (
            [(RefundStatus.PROCESSED, 20_000), (RefundStatus.FAILED, 30_000)],
            "captured",
            "₹200 of it went back.",
        ),
        ([(RefundStatus.PROCESSED, 20_000), (RefundStatus.PROCESSED, 30_000)], "refunded", ""),
        ([], "refunded", ""),  # never captured: Razorpay let go of it by itself
    ],
)
def test_an_attempt_that_razorpay_calls_refunded_is_paid_until_its_money_went_back(
    desk: Desk, refunds: list[tuple[RefundStatus, int]], status: str, back: str
) -> None:
    bill = book(desk, "AB12CD", order_id="order_A", payment_id="pay_A")
    an_attempt(bill, "pay_A", AttemptStatus.REFUNDED)
    a_refund(bill, RefundStatus.PROCESSED, pay_id="pay_B")  # another payment's says nothing about this one
    for state, paise in refunds:
        a_refund(bill, state, pay_id="pay_A", paise=paise)

    [found] = whole_booking(now=NOW, reference="AB12CD").attempts

    assert (found.status, found.back_label) == (status, back)
    assert any(f"is {status}." in text for text, _ in told("AB12CD"))


def test_a_part_that_went_back_is_said_beside_a_paid_attempt(desk: Desk) -> None:
    bill = book(desk, "AB12CD", payment_id="pay_A", payment=PaymentStatus.PARTIALLY_REFUNDED)
    an_attempt(bill, "pay_A", AttemptStatus.CAPTURED)
    a_refund(bill, RefundStatus.PROCESSED, pay_id="pay_A", paise=12_345)

    [found] = whole_booking(now=NOW, reference="AB12CD").attempts

    assert (found.status, found.back_label) == ("captured", "₹123.45 of it went back.")


def test_the_timeline_merges_audit_messages_and_attempts_oldest_first_and_cause_before_effect(
    desk: Desk,
) -> None:
    bill = book(desk, "AB12CD", order_id="order_A", payment_id="pay_A")
    with write() as tx:
        leave = partial(audit.record, tx, f"appointment:{bill.appointment_id}")
        patient = f"patient:{desk.asha}"
        leave(
            actor=patient,
            action="appointment",
            after="pending_payment",
            reason=Cause.SLOT_CLAIMED,
            now=NOW - HOUR,
        )
        leave(actor=patient, action="payment", after="pending", reason=Cause.SLOT_CLAIMED, now=NOW - HOUR)
        leave(actor="razorpay:webhook", action="payment", before="pending", after="captured", now=NOW)
        leave(actor="razorpay:question", action="alarm", reason="paid twice: pay_B", now=NOW)
        leave(
            actor=f"admin:{desk.devi}", action="payment", before="captured", after="refund_pending",
            reason="Asha called: she is abroad", now=NOW + HOUR,
        )  # fmt: skip
    an_attempt(bill, "pay_no", AttemptStatus.FAILED, at=NOW - HOUR / 2)
    an_attempt(bill, "pay_A", AttemptStatus.CAPTURED, at=NOW + timedelta(milliseconds=900))
    a_message("order_A", DeliveryStatus.DONE)
    a_message("order_A", DeliveryStatus.PARKED, event="order.paid")
    a_message("order_B", DeliveryStatus.DONE)

    assert told("AB12CD") == [
        ("Asha Rao: the time is held until it is paid.", "waiting"),
        ("pay_no, ₹500 by UPI · asha@okbank, failed. The bank declined the payment.", "bad"),
        ("Razorpay's message payment.captured was applied.", "plain"),
        ("Razorpay's message order.paid could not be applied and waits for a person.", "bad"),
        ("pay_A, ₹500 by UPI · asha@okbank, is captured.", "good"),
        ("Razorpay, by webhook: the money is captured.", "good"),
        ("Razorpay, when we asked: a person should look. Paid twice: pay_B.", "bad"),
        ("Devi Nair: the money is to go back. Asha called: she is abroad.", "waiting"),
    ]


def test_a_message_that_came_too_late_to_change_anything_follows_what_it_tells_again(desk: Desk) -> None:
    bill = book(desk, "AB12CD", order_id="order_A", payment_id="pay_A")
    with write() as tx:
        audit.record(
            tx, f"appointment:{bill.appointment_id}", actor="razorpay:return", action="payment", before="pending",
            after="captured", now=NOW,
        )  # fmt: skip
    a_message("order_A", DeliveryStatus.IGNORED)

    assert told("AB12CD") == [
        ("Razorpay, when the patient came back: the money is captured.", "good"),
        ("Razorpay's message payment.captured changed nothing.", "plain"),
    ]


@pytest.mark.parametrize(
    "actor",
    [one.actor for one in Source]
    + [actors.WORKER, actors.SWEEP, actors.CONCLUSIONS, actors.TERMINAL, actors.ANONYMOUS],
)
def test_every_actor_that_is_no_person_has_words(actor: str) -> None:
    kind, which = actors.split(actor)
    assert actor_name(actor, {}) not in {actor, kind, f"Razorpay, {which}"}


def test_a_change_the_timeline_has_no_words_for_is_told_as_it_was_recorded(desk: Desk) -> None:
    bill = book(desk, "AB12CD")
    with write() as tx:
        audit.record(
            tx, f"appointment:{bill.appointment_id}", actor="system:sweep", action="slot", before="a",
            after="b", now=NOW,
        )  # fmt: skip

    assert told("AB12CD") == [("The clinic's system: slot: a → b.", "plain")]
