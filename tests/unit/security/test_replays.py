"""Requests twice, at once, and about another's things, as far as the other tests of races leave them open."""

from __future__ import annotations

import hashlib
import hmac
from functools import partial

import pytest
from sqlmodel import select

from booking_ui.config.settings import SANDBOX_KEY_SECRET
from booking_ui.db.models import Appointment, Payment, Refund, WebhookEvent
from booking_ui.db.session import read
from booking_ui.domain.errors import BookingError
from booking_ui.services.booking import cancel
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import webhook_inbox
from tests.support.api import Caller
from tests.support.cast import FEE, NOW
from tests.support.races import at_once
from tests.support.security.stage import HELD_ORDER, PAID_ORDER, PAYMENT, Stage, captured, everything, signed

HOOK = "/api/appointments/razorpay-webhook"


def bills() -> list[tuple[str, int, int]]:
    with read() as tx:
        return [
            (p.status.value, p.captured_paise, p.refunded_paise)
            for p in tx.exec(select(Payment).order_by("id")).all()
        ]


def refunds() -> list[tuple[int, str]]:
    with read() as tx:
        return [(one.amount_paise, one.status.value) for one in tx.exec(select(Refund)).all()]


def test_cancelling_ten_times_at_once_gives_the_money_back_once(stage: Stage) -> None:
    cancelling = partial(
        cancel.cancel_by_policy, patient_id=stage.cast.asha, appointment_id=stage.visit.id, now=NOW
    )
    results = at_once([cancelling] * 10)
    assert [one for one in results if isinstance(one, Exception)] == []
    assert refunds() == [(FEE, "pending")]


def test_cancelling_while_the_desk_marks_it_refunded_never_pays_twice(stage: Stage) -> None:
    with read() as tx:
        paid = tx.exec(select(Payment.id).where(Payment.gateway_order_id == PAID_ORDER)).one()
    assert paid is not None
    cancelling = partial(
        cancel.cancel_by_policy, patient_id=stage.cast.asha, appointment_id=stage.visit.id, now=NOW
    )
    mark = partial(
        mark_payment.mark,
        admin=stage.cast.devi,
        payment_id=paid,
        status="refunded",
        reason="given back in cash",
        reference="R-1",
        now=NOW,
    )
    results = at_once([cancelling, mark] * 3)
    assert [one for one in results if isinstance(one, Exception) and not isinstance(one, BookingError)] == []
    assert sum(amount for amount, _ in refunds()) <= FEE


def test_marking_at_once_counts_the_money_once(stage: Stage) -> None:
    mark = partial(
        mark_payment.mark,
        admin=stage.cast.devi,
        payment_id=stage.payment_id,
        status="captured",
        reason="paid in cash",
        reference="R-2",
        now=NOW,
    )
    results = at_once([mark] * 6)
    assert [one for one in results if isinstance(one, Exception) and not isinstance(one, BookingError)] == []
    assert bills()[0] == ("captured", FEE, 0)


def returned(order_id: str, payment_id: str, secret: str = SANDBOX_KEY_SECRET) -> dict[str, str]:
    signature = hmac.new(secret.encode(), f"{order_id}|{payment_id}".encode(), hashlib.sha256).hexdigest()
    return {"razorpay_order_id": order_id, "razorpay_payment_id": payment_id, "razorpay_signature": signature}


def test_a_proof_of_one_order_proves_no_other(callers: dict[str, Caller], stage: Stage) -> None:
    """Asha's own signed return, with its order exchanged for that of Asha's other booking."""
    sent = {**returned(PAID_ORDER, PAYMENT), "razorpay_order_id": HELD_ORDER}
    answer = callers["asha"].post("/api/appointments/payment-callback", sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    assert bills() == [("pending", 0, 0), ("captured", FEE, 0)]


def test_a_genuine_return_for_an_order_that_is_not_ours_is_nothing(
    callers: dict[str, Caller], stage: Stage
) -> None:
    before = everything()
    answer = callers["nobody"].post(
        "/api/appointments/payment-callback", returned("order_" + "Z" * 14, "pay_" + "Z" * 14)
    )
    assert answer.status_code == 404
    assert everything() == before


def test_a_return_replayed_ten_times_changes_nothing(callers: dict[str, Caller], stage: Stage) -> None:
    callers["asha"].post("/api/appointments/payment-callback", returned(PAID_ORDER, PAYMENT))
    before = bills()
    for who in ("asha", "bilal", "nobody") * 3:
        assert (
            callers[who].post("/api/appointments/payment-callback", returned(PAID_ORDER, PAYMENT)).status_code
            == 200
        )
    assert bills() == before == [("pending", 0, 0), ("captured", FEE, 0)]


@pytest.mark.parametrize("paise", [100, FEE - 1, FEE + 1, 2 * FEE])
def test_another_amount_than_the_bill_confirms_nothing_and_goes_back(stage: Stage, paise: int) -> None:
    """The browser changed the amount in Checkout's options, and Razorpay let it through."""
    body = captured(HELD_ORDER, "pay_" + "T" * 14, amount=paise)
    webhook_inbox.receive(body=body, signature=signed(body), event_id="evt_tampered", now=NOW)
    webhook_inbox.process_due(now=NOW)
    with read() as tx:
        held = tx.get_one(Appointment, stage.held.id)
        assert held.status == "pending_payment"
    assert refunds() == [(paise, "pending")]


def test_a_genuine_webhook_about_another_merchants_order_is_kept_and_ignored(
    callers: dict[str, Caller], stage: Stage
) -> None:
    body = captured("order_" + "Z" * 14, "pay_" + "Z" * 14)
    headers = {"X-Razorpay-Signature": signed(body)}
    answer = callers["nobody"].send("POST", HOOK, content=body, headers=headers)
    assert answer.status_code == 200
    before = bills()
    webhook_inbox.process_due(now=NOW.replace(year=NOW.year + 10))
    with read() as tx:
        row = tx.exec(select(WebhookEvent).where(WebhookEvent.order_id == "order_" + "Z" * 14)).one()
    assert (row.status, row.outcome_code) == ("ignored", "unknown_order")
    assert bills() == before


def test_a_second_payment_of_a_paid_order_goes_back_whole(stage: Stage) -> None:
    body = captured(PAID_ORDER, "pay_" + "S" * 14)
    webhook_inbox.receive(body=body, signature=signed(body), event_id="evt_second", now=NOW)
    at_once([partial(webhook_inbox.process_due, now=NOW)] * 4)
    assert refunds() == [(FEE, "pending")]
