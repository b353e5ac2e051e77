"""Refunds in words for the patient."""

from __future__ import annotations

from collections.abc import Iterable

from booking_ui.config.settings import settings
from booking_ui.db import queues
from booking_ui.db.models import Payment, Refund
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundStatus
from booking_ui.domain.refund_policy import REFUND_TAKES

USUAL = 2 * queues.REFUNDS.lease  # longer than the first try may be in a worker's hand


def owed_paise(refunds: Iterable[Refund]) -> int:
    """Paise that should have gone back and did not: refunds that failed and were not replaced."""
    return sum(
        r.amount_paise
        for r in refunds
        if r.status is RefundStatus.FAILED and r.replaced_by_id is None and r.dispute_id is None
    )


def owed(paise: int) -> str:
    """The sentence about a refund that failed: the desk sends it again."""
    return (
        f"{rupees(paise)} has not gone back yet. The clinic knows and will send it again; nothing for you to do. "
        f"Questions? Call {settings().support_phone}."
    )


def label(payment: Payment, refunds: Iterable[Refund]) -> str:
    """The state of one booking's refunds; empty when there is none."""
    known = list(refunds)
    counted = [r for r in known if r.status is not RefundStatus.FAILED]
    paise = owed_paise(known)
    said = (_on_its_way(payment, counted) if counted else "", owed(paise) if paise else "")
    return " ".join(filter(None, said))


def _on_its_way(payment: Payment, counted: list[Refund]) -> str:
    paise = sum(r.amount_paise for r in counted)
    part = f" of {rupees(payment.amount_paise)}" if paise < payment.amount_paise else ""
    total = rupees(paise) + part
    if all(r.status is RefundStatus.PROCESSED for r in counted):
        return f"{total} was sent back to where you paid from. It takes {REFUND_TAKES}."
    if any(_held_up(r) for r in counted):
        return f"We are sending {total} back to where you paid from. It takes longer than usual; you need not do anything."
    return f"{total} is on its way back to where you paid from."


def _held_up(refund: Refund) -> bool:
    """True for a refund that Razorpay has not taken, and whose next try comes later than usual after its promise."""
    if refund.status is not RefundStatus.PENDING or refund.gateway_refund_id or not refund.next_attempt_at:
        return False
    return refund.next_attempt_at - refund.created_at > USUAL
