"""Findings of the simulation, each as the shortest story that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from booking_ui.db.models import Payment, Refund, Slot, pk
from booking_ui.db.session import read, write
from booking_ui.domain.payment import (
    AttemptStatus,
    PaymentFact,
    PaymentStatus,
    RefundFact,
    RefundStatus,
    Source,
)
from booking_ui.services.booking import cancel, claim
from booking_ui.services.payments import apply, orders, webhook_inbox
from booking_ui.services.refunds import send
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, NOW, Cast

ORDER, PAID, SECOND = "order_00000000000001", "pay_00000000000001", "pay_00000000000002"
LAST_RUNG = NOW + timedelta(days=4)


@pytest.fixture
def asked_for(cast: Cast) -> int:
    """The id of Asha's appointment a week ahead, with its order."""
    with write() as tx:
        starts = NOW + timedelta(days=7)
        slot = Slot(doctor_id=cast.chandra, starts_at=starts, ends_at=starts + timedelta(minutes=30))
        tx.add(slot)
        tx.flush()
        slot_id = pk(slot)
    view = claim.claim(patient_id=cast.asha, slot_id=slot_id, now=NOW)
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER, opened_at=NOW, next_check_at=LAST_RUNG))
    return view.id


def hear(status: AttemptStatus, paise: int = FEE, payment_id: str = PAID) -> None:
    apply.apply(fact=PaymentFact(payment_id, ORDER, status, paise, "INR"), source=Source.WEBHOOK, now=NOW)


def given_back(paise: int, payment_id: str = PAID, number: int = 1) -> None:
    """Apply a refund made at Razorpay's dashboard."""
    fact = RefundFact(f"rfnd_{number:014}", payment_id, RefundStatus.PROCESSED, paise)
    send.settle(fact=fact, now=NOW, source=Source.WEBHOOK)


def bill() -> Payment:
    with read() as tx:
        return tx.exec(select(Payment)).one()


def violations() -> list[str]:
    return [f"{v.subject}: {v.fault}" for c in invariants.count(now=NOW) for v in c.violations]


def test_an_order_asked_about_in_vain_on_the_last_day_is_asked_about_again(
    asked_for: int, dead_gateway: str
) -> None:
    orders.ask_quiet(now=LAST_RUNG)
    assert bill().next_check_at is not None


def test_a_booking_tried_again_after_days_is_watched_from_the_beginning(
    cast: Cast, asked_for: int, sandbox: str
) -> None:
    view = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW)
    opened = orders.open_order(patient_id=cast.bilal, appointment_id=view.id, now=NOW)
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.gateway_order_id) == ORDER).values(gateway_order_id=None))
        tx.exec(
            update(Payment)
            .where(col(Payment.appointment_id) == view.id)
            .values(gateway_order_id=None, next_check_at=None)
        )
        tx.exec(
            update(Payment)
            .where(col(Payment.appointment_id) == asked_for)
            .values(gateway_order_id=opened.gateway_order_id)
        )
    later = NOW + timedelta(days=5)
    claim.try_again(patient_id=cast.asha, appointment_id=asked_for, now=later)
    orders.ask_quiet(now=later + timedelta(minutes=1))
    with read() as tx:
        watched = tx.exec(select(Payment.next_check_at).where(Payment.appointment_id == asked_for)).one()
    assert watched is not None


def test_what_the_bank_has_agreed_to_is_asked_about_until_it_is_settled(
    asked_for: int, dead_gateway: str
) -> None:
    hear(AttemptStatus.AUTHORIZED)
    for later in (LAST_RUNG, LAST_RUNG + timedelta(hours=1)):
        orders.ask_quiet(now=later)
    assert bill().next_check_at is not None


def test_a_wrong_amount_ends_the_wait_for_the_bank(asked_for: int) -> None:
    hear(AttemptStatus.AUTHORIZED)
    hear(AttemptStatus.CAPTURED, FEE - 100)
    assert bill().status is PaymentStatus.FAILED


def lapsed(event: str) -> bytes:
    payment = {"id": PAID, "order_id": ORDER, "status": "refunded", "amount": FEE, "currency": "INR"}
    refund = {"id": "rfnd_00000000000001", "payment_id": PAID, "status": "processed", "amount": FEE}
    payload = {"payment": {"entity": payment | {"captured": False}}, "refund": {"entity": refund}}
    return json.dumps({"event": event, "payload": payload}).encode()


@pytest.mark.parametrize("event", ["refund.created", "refund.processed"])
def test_a_lapse_that_only_the_refund_event_tells_ends_the_wait_for_the_bank(
    asked_for: int, event: str
) -> None:
    hear(AttemptStatus.AUTHORIZED)
    webhook_inbox.handle(body=lapsed(event), now=NOW)
    assert bill().status is PaymentStatus.FAILED


@pytest.mark.parametrize("paise", [FEE, FEE // 2])
def test_a_refund_at_the_dashboard_of_a_confirmed_visit_is_explained(asked_for: int, paise: int) -> None:
    hear(AttemptStatus.CAPTURED)
    given_back(paise)
    assert violations() == []


def test_cancelling_after_a_partial_refund_at_the_dashboard_gives_the_rest_back(
    cast: Cast, asked_for: int, dead_gateway: str
) -> None:
    hear(AttemptStatus.CAPTURED)
    given_back(FEE // 2)
    done = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=asked_for, now=NOW)
    assert (done.refund_paise, violations()) == (FEE // 2, [])


def second_payment() -> None:
    hear(AttemptStatus.CAPTURED)
    hear(AttemptStatus.CAPTURED, payment_id=SECOND)


def wrong_amount() -> None:
    hear(AttemptStatus.CAPTURED, payment_id=SECOND, paise=FEE - 100)


@pytest.mark.parametrize("happens", [second_payment, wrong_amount])
def test_a_failed_refund_of_a_stray_payment_is_settled_by_one_from_the_dashboard(
    asked_for: int, happens: Callable[[], None]
) -> None:
    happens()
    with read() as tx:
        ours = tx.exec(select(Refund).where(Refund.gateway_payment_id == SECOND)).one()
    failed = RefundFact(
        "rfnd_00000000000009", SECOND, RefundStatus.FAILED, ours.amount_paise, ours.idempotency_key
    )
    send.settle(fact=failed, now=NOW)
    given_back(ours.amount_paise, SECOND)
    assert bill().refunded_paise == ours.amount_paise


def test_a_failed_refund_leaves_its_payment_captured(cast: Cast, asked_for: int, dead_gateway: str) -> None:
    """Razorpay shows "refunded" as soon as it accepts a refund, and "captured" again when that fails."""
    hear(AttemptStatus.CAPTURED)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=asked_for, now=NOW)
    hear(AttemptStatus.REFUNDED)
    with read() as tx:
        ours = tx.exec(select(Refund)).one()
    send.settle(
        fact=RefundFact("rfnd_00000000000009", PAID, RefundStatus.FAILED, FEE, ours.idempotency_key), now=NOW
    )
    given_back(FEE)
    assert (bill().refunded_paise, violations()) == (FEE, [])


def refunded_before_we_heard(payment_id: str = PAID) -> None:
    """Apply a payment of which we first hear when it has been captured and given back at the dashboard."""
    fact = PaymentFact(payment_id, ORDER, AttemptStatus.REFUNDED, FEE, "INR", was_captured=True)
    apply.apply(fact=fact, source=Source.QUESTION, now=NOW)


def test_money_that_was_given_back_before_we_heard_of_it_came_in_all_the_same(asked_for: int) -> None:
    refunded_before_we_heard()
    given_back(FEE)
    assert (bill().captured_paise, bill().refunded_paise, violations()) == (FEE, FEE, [])


def test_a_refund_that_fails_before_we_hear_of_its_payment_leaves_money_that_a_second_payment_doubles(
    asked_for: int,
) -> None:
    """The payment was ignored as money we never kept, and stayed at Razorpay when the refund failed there."""
    refunded_before_we_heard()
    hear(AttemptStatus.CAPTURED, payment_id=SECOND)
    hear(AttemptStatus.CAPTURED)
    with read() as tx:
        due = tx.exec(select(Refund.gateway_payment_id, Refund.amount_paise)).all()
    assert (bill().captured_paise, due, violations()) == (2 * FEE, [(SECOND, FEE)], [])
