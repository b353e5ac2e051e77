"""Refunds that we never asked for, made at Razorpay's dashboard or by Razorpay. They are recorded, so that the sums hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from booking_ui.db.models import Payment, PaymentAttempt, Refund, pk
from booking_ui.domain.payment import PaymentStatus, RefundFact, RefundOrigin, RefundStatus, Source
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import request_ids, status_moves
from booking_ui.services.refunds import mismatch, outcome
from booking_ui.services.refunds.retry import ASK_AGAIN


def record(
    tx: Session,
    payment: Payment,
    attempt: PaymentAttempt,
    refunds: list[Refund],
    fact: RefundFact,
    source: Source,
    now: datetime,
) -> Outcome:
    """Record the refund if the payment has so much money left, under the booking's locks; returns what was done.

    A larger one is not recorded: either a refund of ours is on its way and will be refused, or money went back twice.
    """
    kept = fact.payment_id == payment.gateway_payment_id
    if not (kept or _refunded_by_us(attempt, refunds)):
        return Outcome(OutcomeCode.NOT_KEPT)
    if fact.status is RefundStatus.FAILED:
        # It was on its way when the case was opened, and has taken nothing.
        why = Remark(RemarkCode.FAILED_THERE)
        reconciliation_cases.end(tx, CaseKind.REFUND_TWICE, fact.refund_id, why, now)
        return Outcome(OutcomeCode.DASHBOARD_REFUND_FAILED)
    over = fact.amount_paise - outcome.left_of(attempt, refunds)
    if over > 0:
        if over <= _on_its_way(attempt, refunds):
            return Outcome(OutcomeCode.ALREADY_GOING_BACK)
        return mismatch.note_second_refund(tx, payment, fact, source=source, now=now)
    refund = _new_refund(payment, fact, now)
    tx.add(refund)
    tx.flush()
    refunds.append(refund)
    reconciliation_cases.end(tx, CaseKind.REFUND_TWICE, fact.refund_id, Remark(RemarkCode.NOTHING_ELSE), now)
    if kept:
        outcome.reduce_retained(tx, payment, refunds, actor=source.actor, now=now)
    outcome.replace_failed(tx, attempt, refund, refunds)
    actor = source.actor
    if kept and payment.status is not PaymentStatus.REFUND_PENDING:
        status_moves.move_payment(
            tx, payment, PaymentStatus.REFUND_PENDING, actor=actor, reason=refund.origin.cause, now=now
        )
    if fact.status is RefundStatus.PROCESSED:
        outcome.finish(tx, payment, refund, refunds, fact.status, actor=actor, now=now)
    else:
        status_moves.state_refund(tx, refund, appointment_id=payment.appointment_id, actor=actor, now=now)
    return Outcome(OutcomeCode.DASHBOARD_REFUND)


def _new_refund(payment: Payment, fact: RefundFact, now: datetime) -> Refund:
    return Refund(
        payment_id=pk(payment),
        gateway_payment_id=fact.payment_id,
        gateway_refund_id=fact.refund_id,
        amount_paise=fact.amount_paise,
        status=RefundStatus.PENDING,
        origin=RefundOrigin.DASHBOARD,
        reason=RefundOrigin.DASHBOARD.cause.words,
        idempotency_key=f"foreign-{fact.refund_id}",
        # Accepted is not sent, and no message may come: asked about like a refund of ours.
        next_attempt_at=now + ASK_AGAIN if fact.status is RefundStatus.PENDING else None,
        refunded_at=fact.made_at(now),
        created_at=fact.made_at(now),
        updated_at=now,
        request_id=request_ids.current(),
    )


def _refunded_by_us(attempt: PaymentAttempt, refunds: Sequence[Refund]) -> bool:
    """True if we took this attempt's money without keeping it: then a refund of it was reserved at once."""
    return any(one.gateway_payment_id == attempt.gateway_payment_id for one in refunds)


def _on_its_way(attempt: PaymentAttempt, refunds: Sequence[Refund]) -> int:
    """Paise of this attempt whose refund has not ended."""
    of_it = (one for one in refunds if one.gateway_payment_id == attempt.gateway_payment_id)
    return sum(one.amount_paise for one in of_it if one.status is RefundStatus.PENDING)
