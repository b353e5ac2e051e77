"""A refund is sent once, whatever is lost on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Refund, pk
from booking_ui.db.session import read
from booking_ui.domain.payment import RefundFact
from booking_ui.gateways.razorpay import Razorpay, gateway
from booking_ui.services.booking import appointments, cancel, claim
from booking_ui.services.desk import mark_payment, settle_refund
from booking_ui.services.payments import orders
from booking_ui.services.refunds import retry, send
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import SOON, bill_of, opened, paid
from tests.support.sandbox_control import ask, capture_now, control, pay

pytestmark = pytest.mark.usefixtures("turns")


LATE = NOW + timedelta(minutes=16)


def test_cancelling_refunds_the_full_fee_once(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    done = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    assert (done.refund_paise, done.message) == (FEE, "Appointment cancelled. Refund of ₹500 initiated.")
    assert done.appointment.payment_status == "refund_pending"
    payment_id = ask(sandbox, f"orders/{order_id}/payments")["items"][0]["id"]
    assert ask(sandbox, f"payments/{payment_id}/refunds")["items"] == []  # nobody waited for Razorpay
    assert (send.send_due(now=SOON), send.send_due(now=SOON)) == (1, 0)
    again = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    assert (again.refund_paise, again.appointment.payment_status) == (FEE, "refunded")
    assert send.send_due(now=SOON) == 0
    assert [r["amount"] for r in ask(sandbox, f"payments/{payment_id}/refunds")["items"]] == [FEE]
    assert claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=SOON).phase == "holding"


def test_a_refund_whose_answer_was_lost_is_sent_again_and_paid_once(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    control(sandbox, "faults/http", {"kind": "drop", "method": "POST", "path": "/v1/payments/*/refund"})
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    assert send.send_due(now=SOON) == 1
    assert bill_of(appointment_id).status == "refund_pending"
    assert send.send_due(now=SOON + timedelta(minutes=2)) == 1
    assert bill_of(appointment_id).refunded_paise == FEE
    payment_id = ask(sandbox, f"orders/{order_id}/payments")["items"][0]["id"]
    assert ask(sandbox, f"payments/{payment_id}")["amount_refunded"] == FEE


def test_a_cancel_with_a_dead_gateway_keeps_the_refund_due(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    control(sandbox, "faults/http", {"kind": "502", "times": 0})
    view = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=SOON).appointment
    assert (view.status, view.payment_status) == ("cancelled", "refund_pending")
    assert view.refund_label == "₹500 is on its way back to where you paid from."
    assert send.send_due(now=SOON) == 1
    assert bill_of(appointment_id).status == "refund_pending"
    control(sandbox, "faults", method="DELETE")
    assert send.send_due(now=SOON + timedelta(hours=1)) == 1
    assert bill_of(appointment_id).refunded_paise == FEE


def test_a_refund_that_the_desk_settled_while_another_was_sent_is_not_sent_too(
    cast: Cast, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow Razorpay, two workers and a quick desk: what one worker meant to send next may be settled by then."""
    for patient, slot in ((cast.asha, 0), (cast.bilal, 1)):
        visit, _ = paid(cast, patient, sandbox, slot)
        cancel.cancel_by_policy(patient_id=patient, appointment_id=visit, now=SOON)
    with read() as tx:
        first, second = tx.exec(select(Refund).order_by(col(Refund.id))).all()
    sent: list[str] = []
    ask_razorpay = Razorpay.refund

    def slow(self: Razorpay, payment_id: str, *, amount_paise: int, key: str) -> RefundFact:
        sent.append(key)
        if key == first.idempotency_key:
            retry.give_up(pk(second), "refused for good", SOON)
            settle_refund.settle(
                admin=cast.devi, refund_id=pk(second), way="by_hand", reason="in cash", now=SOON
            )
        return ask_razorpay(self, payment_id, amount_paise=amount_paise, key=key)

    monkeypatch.setattr(Razorpay, "refund", slow)
    assert send.send_due(now=SOON) == 2  # leased at once
    assert sent == [first.idempotency_key]


def test_a_refund_whose_key_razorpay_has_forgotten_is_looked_for_before_it_is_sent_again(
    cast: Cast, sandbox: str, configured: pytest.MonkeyPatch
) -> None:
    """Half of the fee: "fully refunded already" would not save us from sending it twice."""
    configured.setenv("CANCELLATION_POLICY", "4:50")
    settings.cache_clear()
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    control(sandbox, "faults/http", {"kind": "502", "method": "POST", "path": "/v1/payments/*/refund"})
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    assert send.send_due(now=SOON) == 1
    with read() as tx:
        key = tx.exec(select(Refund.idempotency_key)).one()
    payment_id = ask(sandbox, f"orders/{order_id}/payments")["items"][0]["id"]
    # It was made all the same, and under another header: a repeat of ours would make a second one.
    arrived = gateway()._client.payment.refund(payment_id, {"amount": FEE // 2, "receipt": key})
    assert send.send_due(now=SOON + timedelta(hours=25)) == 1
    listed = ask(sandbox, f"payments/{payment_id}/refunds")["items"]
    assert [(r["id"], r["amount"]) for r in listed] == [(arrived["id"], FEE // 2)]
    assert bill_of(appointment_id).refunded_paise == FEE // 2


def test_a_refund_waits_while_razorpay_refuses_our_keys(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    control(sandbox, "faults/http", {"kind": "401", "times": 0})
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    for hours in (0, 1, 30):
        assert send.send_due(now=SOON + timedelta(hours=hours)) == 1
        assert bill_of(appointment_id).status == "refund_pending"
    control(sandbox, "faults", method="DELETE")
    assert send.send_due(now=SOON + timedelta(hours=60)) == 1
    assert (bill_of(appointment_id).status, bill_of(appointment_id).refunded_paise) == ("refunded", FEE)


def test_a_refund_that_fails_is_reopened_for_the_desk(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    control(sandbox, "switches", {"refunds": "failed"})
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    assert send.send_due(now=SOON) == 1
    assert bill_of(appointment_id).status == "refund_pending"
    capture_now(sandbox)
    assert send.send_due(now=SOON + timedelta(hours=1)) == 1
    bill = bill_of(appointment_id)
    assert (bill.status, bill.refunded_paise) == ("captured", 0)
    mark_payment.mark(
        admin=cast.devi, payment_id=bill.id or 0, status="refunded", reason="bank transfer", now=LATE
    )
    bill = bill_of(appointment_id)
    assert (bill.status, bill.refunded_paise, bill.mark_reason) == ("refunded", FEE, "bank transfer")


def test_money_that_came_too_late_is_sent_back_by_the_worker(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=LATE)
    pay(sandbox, order_id)
    capture_now(sandbox)
    assert orders.check(patient_id=cast.asha, appointment_id=appointment_id, now=LATE).phase == "refund_due"
    assert send.send_due(now=LATE) == 1
    view = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=LATE)
    assert (view.phase, view.payment_status) == ("refunded", "refunded")
    with read() as tx:
        assert [(r.status, r.amount_paise) for r in tx.exec(select(Refund)).all()] == [("processed", FEE)]
