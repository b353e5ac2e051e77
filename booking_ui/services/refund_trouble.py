"""Refunds that Razorpay does not take now: tried again later, or failed for the desk to settle."""

from __future__ import annotations

from datetime import datetime, timedelta

from booking_ui.db import locks
from booking_ui.db.models import Payment, Refund
from booking_ui.db.session import write
from booking_ui.domain.payment import RefundStatus
from booking_ui.services import refund_ends

BACKOFF = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
)


def postpone(refund_id: int, reason: str, now: datetime) -> None:
    """Razorpay could not be asked: the refund is due again, later each time."""
    with write() as tx:
        refund = locks.refund(tx, refund_id)
        if refund is not None and refund.status is RefundStatus.PENDING:
            refund.next_attempt_at = now + BACKOFF[min(refund.attempts, len(BACKOFF) - 1)]
            refund.last_error = reason[:300]
            tx.add(refund)


def give_up(refund_id: int, reason: str, now: datetime) -> None:
    """Razorpay refuses for good: the refund fails and the desk sees it."""
    with write() as tx:
        known = tx.get(Refund, refund_id)
        payment = tx.get(Payment, known.payment_id) if known else None
        if known is None or payment is None:
            return
        _, _, locked = locks.booking(tx, payment.appointment_id)
        refund = locks.refund(tx, refund_id)
        if refund is not None and refund.status is RefundStatus.PENDING:
            refund.next_attempt_at, refund.last_error = None, reason[:300]
            refund_ends.finish(tx, locked, refund, RefundStatus.FAILED, actor="razorpay:refund", now=now)
