"""Refunds that Razorpay does not take now: tried again later, or failed for the desk to settle."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, select

from booking_ui.db import locks, queues
from booking_ui.db.models import Appointment, Payment, Refund, pk
from booking_ui.db.session import write
from booking_ui.domain import remarks
from booking_ui.domain.errors import GatewayRejected
from booking_ui.domain.payment import AttemptStatus, RefundStatus, Source
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.refunds import outcome

PATIENCE = timedelta(days=5)
ASK_AGAIN = timedelta(hours=1)  # about a refund that Razorpay has accepted and not sent
UNSEEN = timedelta(days=1)
SOONEST, LATEST = timedelta(minutes=10), timedelta(hours=3)
REFUNDABLE = timedelta(days=180)  # older payments are refused for good after six months
ERROR_LETTERS = 300  # of the column
OUR_FAULT = ("input_validation_failed", "extra_field_sent")


def postpone(refund_id: int, reason: str, now: datetime) -> None:
    """Make a refund due again, later each time, because Razorpay could not be asked."""
    with write() as tx:
        refund = locks.refund(tx, refund_id)
        if refund is not None and refund.status is RefundStatus.PENDING and not refund.dispute_id:
            refund.next_attempt_at = queues.REFUNDS.at_last(refund.attempts, now)
            refund.last_error = remarks.fitted(reason, ERROR_LETTERS)
            tx.add(refund)


def is_temporary(refund: Refund, refusal: GatewayRejected, now: datetime) -> bool:
    """True when nothing about the payment explains the refusal: then it is the account, most often its balance.

    Razorpay has no code for a balance that is too small, only words that change.

    Raises GatewayError when Razorpay can't be asked.
    """
    if refusal.http_status != 400 or refusal.reason in OUR_FAULT:
        return False
    try:
        paid = gateway().payment(refund.gateway_payment_id)
    except GatewayRejected:
        return False
    enough = paid.amount_paise - paid.amount_refunded_paise >= refund.amount_paise
    young = paid.created_at is None or now - paid.created_at < REFUNDABLE
    return paid.status is AttemptStatus.CAPTURED and enough and young


def keep_waiting(refund_id: int, reason: str, now: datetime) -> bool:
    """Keep a refused refund due, later each time, and open a case; False once PATIENCE is over.

    It is sent again under the same key: a refusal made no refund, and a new key could make two.
    """
    with write() as tx:
        refund = locks.refund(tx, refund_id)
        if refund is None or refund.status is not RefundStatus.PENDING or refund.dispute_id:
            return True
        since = reconciliation_cases.opened_at(tx, CaseKind.REFUND_WAITS, refund.idempotency_key) or now
        if now - since >= PATIENCE:
            return False
        reconciliation_cases.open_within(
            tx, CaseKind.REFUND_WAITS, refund.idempotency_key, _detail(tx, refund, reason), now
        )
        refund.next_attempt_at = now + min(max(now - since, SOONEST), LATEST)
        refund.last_error = remarks.fitted(reason, ERROR_LETTERS)
        tx.add(refund)
    return True


def note_missing(refund_id: int, reason: str, now: datetime) -> None:
    """Open a case for a refund that Razorpay took and does not show, a day after it was promised."""
    with write() as tx:
        refund = locks.refund(tx, refund_id)
        if refund is None or refund.status is not RefundStatus.PENDING or not refund.gateway_refund_id:
            return
        if now - refund.created_at >= UNSEEN:
            reconciliation_cases.open_within(
                tx,
                CaseKind.REFUND_MISSING,
                refund.gateway_refund_id,
                _detail(tx, refund, reason),
                now,
            )


def end_waiting(tx: Session, refund: Refund, why: Remark, now: datetime) -> None:
    """End the case of a refund that waits no longer, if there was one."""
    reconciliation_cases.end(tx, CaseKind.REFUND_WAITS, refund.idempotency_key, why, now)


def _detail(tx: Session, refund: Refund, reason: str) -> Remark:
    booking = select(Appointment.reference).join(Payment).where(Payment.id == refund.payment_id)
    amount = Paise(refund.amount_paise)
    return Remark(RemarkCode.REFUSED, amount=amount, reference=tx.exec(booking).one(), reason=reason)


def give_up(refund_id: int, reason: str, now: datetime) -> None:
    """Fail a refund that Razorpay refuses for good; the desk settles it."""
    with write() as tx:
        known = tx.get(Refund, refund_id)
        payment = tx.get(Payment, known.payment_id) if known else None
        if known is None or payment is None:
            return
        _, _, locked = locks.booking(tx, payment.appointment_id)
        refunds = locks.refunds_of(tx, pk(locked))
        refund = next(one for one in refunds if one.id == refund_id)
        if refund.status is RefundStatus.PENDING and not refund.dispute_id:
            refund.next_attempt_at, refund.last_error = None, remarks.fitted(reason, ERROR_LETTERS)
            end_waiting(tx, refund, Remark(RemarkCode.SETTLE_IT), now)
            actor = Source.REFUND.actor
            outcome.finish(tx, locked, refund, refunds, RefundStatus.FAILED, actor=actor, now=now)
