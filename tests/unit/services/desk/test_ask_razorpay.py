"""Ask Razorpay now: the answer is applied and said in words, and every question is audited."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, AuditEntry, Payment, RetiredOrder
from booking_ui.db.session import read, write
from booking_ui.domain.errors import (
    AskedAlready,
    GatewayRejected,
    GatewayUnavailable,
    NotFound,
    RateLimited,
)
from booking_ui.gateways.razorpay import gateway
from booking_ui.gateways.redis import alone
from booking_ui.services.booking import claim, hold_expiry
from booking_ui.services.desk import ask_razorpay
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.payments import orders
from booking_ui.services.views.desk import Asked
from tests.support.cancelling import promises
from tests.support.cast import NOW, Cast
from tests.support.paying import bill_of, opened, paid
from tests.support.reconciliation import spoil
from tests.support.sandbox_control import capture_now, control, pay

SOON = NOW + timedelta(minutes=2)


def asked(cast: Cast, appointment_id: int) -> Asked:
    return ask_razorpay.ask(admin=cast.devi, appointment_id=appointment_id, now=SOON)


def questions(cast: Cast) -> list[str]:
    """The audited questions of Devi's, each with what came of it."""
    mine = select(AuditEntry.reason).where(
        AuditEntry.action == "asked", AuditEntry.actor == f"admin:{cast.devi.person_id}"
    )
    with read() as tx:
        return list(tx.exec(mine.order_by(col(AuditEntry.id))).all())


def test_money_that_nobody_told_us_about_is_found_and_confirms_the_visit(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id)
    capture_now(sandbox)
    told = asked(cast, appointment_id)
    assert told == Asked(
        appointment_id=appointment_id,
        orders=[order_id],
        changed=True,
        said="A payment of ₹500 is captured, the visit is confirmed now.",
        status_before="pending_payment",
        status="confirmed",
        payment_status_before="pending",
        payment_status="captured",
    )
    assert (questions(cast), promises()) == ([told.said], [])


def test_the_question_stands_in_the_bookings_story(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id)
    capture_now(sandbox)
    asked(cast, appointment_id)
    with read() as tx:
        reference = tx.get_one(Appointment, appointment_id).reference
    story = [line.text for line in whole_booking(now=SOON, reference=reference).timeline]
    assert "Devi: Razorpay was asked. A payment of ₹500 is captured, the visit is confirmed now." in story


def test_nothing_new_is_said_and_changes_nothing(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = opened(cast, cast.asha)
    nobody = asked(cast, appointment_id)
    assert (nobody.said, nobody.changed) == ("Razorpay knows nothing new: nobody has tried to pay.", False)
    paid_id, _ = paid(cast, cast.bilal, sandbox, slot=1)
    again = asked(cast, paid_id)
    assert (again.said, again.changed, again.status) == ("Razorpay knows nothing new.", False, "confirmed")


def test_a_booking_that_nobody_began_to_pay_for_asks_nobody(cast: Cast, dead_gateway: str) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    told = asked(cast, held.id)
    assert (told.said, told.changed, told.orders) == (ask_razorpay.NO_ORDER, False, [])
    assert questions(cast) == []


def test_a_failed_attempt_and_an_approved_one_are_told_apart(cast: Cast, sandbox: str) -> None:
    failed, order = opened(cast, cast.asha)
    pay(sandbox, order, outcome="payment_failed")
    assert asked(cast, failed).said == (
        "A payment of ₹500 failed, the booking failed and the time is free again now."
    )
    approved, order = opened(cast, cast.bilal, slot=1)
    pay(sandbox, order, outcome="authorized")
    assert asked(cast, approved).said == "A payment of ₹500 is authorized, not captured yet."


def test_money_for_a_time_that_is_gone_is_on_its_way_back(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=appointment_id, now=NOW)
    pay(sandbox, order_id)
    capture_now(sandbox)
    told = asked(cast, appointment_id)
    assert told.said == "A payment of ₹500 is captured, the money is to go back now."
    assert (told.status, told.payment_status, promises()) == ("failed", "refund_pending", [])


def test_a_refund_made_at_the_dashboard_is_found(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    payment_id = bill_of(appointment_id).gateway_payment_id or ""
    gateway().refund(payment_id, amount_paise=20_000, key=uuid.uuid4().hex)
    told = asked(cast, appointment_id)
    assert (told.said, told.payment_status) == ("₹200 went back.", "partially_refunded")
    assert bill_of(appointment_id).refunded_paise == 20_000


def test_the_retired_orders_of_a_booking_are_asked_about_too(cast: Cast, sandbox: str) -> None:
    appointment_id, first = opened(cast, cast.asha)
    bill = bill_of(appointment_id)
    with write() as tx:
        tx.add(RetiredOrder(payment_id=bill.id or 0, gateway_order_id=first, retired_at=NOW))
        tx.exec(update(Payment).values(gateway_order_id=None))
    second = orders.open_order(patient_id=cast.asha, appointment_id=appointment_id, now=NOW).gateway_order_id
    pay(sandbox, first)
    capture_now(sandbox)
    told = asked(cast, appointment_id)
    assert (told.orders, told.status) == ([second, first], "confirmed")


def test_razorpay_that_does_not_answer_is_said_and_audited(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    spoil(sandbox, "502", f"/v1/orders/{order_id}/payments")
    with pytest.raises(GatewayUnavailable, match=r"did not answer. Please try again in a minute\."):
        asked(cast, appointment_id)
    assert questions(cast) == [ask_razorpay.NO_ANSWER]


def test_razorpay_that_refuses_is_told_from_one_that_is_away(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    spoil(sandbox, "401", f"/v1/orders/{order_id}/payments")
    with pytest.raises(GatewayRejected, match="refused to answer"):
        asked(cast, appointment_id)
    assert questions(cast) == [ask_razorpay.REFUSED]


def test_a_mark_by_an_id_that_razorpay_does_not_know_blames_no_key(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = opened(cast, cast.asha)
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.id) > 0).values(marked_payment_id="pay_ABCDEFGHIJKLMN"))
    with pytest.raises(GatewayRejected, match="does not know this order or payment"):
        asked(cast, appointment_id)
    assert questions(cast) == [ask_razorpay.UNKNOWN]


def test_one_question_about_a_booking_is_asked_at_a_time(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = opened(cast, cast.asha)
    other, _ = opened(cast, cast.bilal, slot=1)
    with alone(f"ask:{appointment_id}"):
        with pytest.raises(AskedAlready):
            asked(cast, appointment_id)
        assert not asked(cast, other).changed
    assert not asked(cast, appointment_id).changed


def test_questions_about_a_booking_are_bounded(
    cast: Cast, sandbox: str, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RATE_LIMIT_QUESTIONS", "2/minute")
    settings.cache_clear()
    appointment_id, _ = opened(cast, cast.asha)
    for _ in range(2):
        asked(cast, appointment_id)
    with pytest.raises(RateLimited):
        asked(cast, appointment_id)
    assert len(questions(cast)) == 2


def test_a_booking_of_nobody_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        asked(cast, 4711)


def test_a_payment_of_an_unknown_shape_is_said(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id)
    capture_now(sandbox)
    spoil(sandbox, "misshapen", f"/v1/orders/{order_id}/payments")
    assert asked(cast, appointment_id).said == ask_razorpay.UNREADABLE
    control(sandbox, "faults", method="DELETE")
    assert asked(cast, appointment_id).status == "confirmed"
