"""Razorpay's word on a refund that does not fit our books: the books stay as they are, and the desk gets a case."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlmodel import Session, select

from booking_ui.db.models import Appointment, Payment, Refund
from booking_ui.domain import actors
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundFact, RefundStatus, Source
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action

log = structlog.get_logger()


def twice(tx: Session, payment: Payment, fact: RefundFact, *, source: Source, now: datetime) -> Outcome:
    """Razorpay pays back what our books give back in another way: told once however often it is heard, added never."""
    first = reconciliation_cases.opened_at(tx, reconciliation_cases.REFUND_TWICE, fact.refund_id) is None
    detail = f"{rupees(fact.amount_paise)} {_of_booking(tx, payment)}; {fact.status} at Razorpay"
    reconciliation_cases.note(tx, reconciliation_cases.REFUND_TWICE, fact.refund_id, detail, now)
    if first:
        log.error("refund.twice", refund=fact.refund_id, payment=fact.payment_id)
        audit.note(
            tx,
            payment.appointment_id,
            Action.ALARM,
            actor=actors.razorpay(source),
            reason=f"may have gone back twice: {fact.refund_id}",
            now=now,
        )
    return Outcome(OutcomeCode.REFUND_TWICE)


def end_answered(tx: Session, refund: Refund, fact: RefundFact, *, source: Source, now: datetime) -> None:
    """End the cases about a refund of ours that Razorpay's word answers.

    That it is done after all is believed only when Razorpay was asked: a message may be older than the failure.
    """
    reconciliation_cases.end(
        tx, reconciliation_cases.REFUND_MISSING, fact.refund_id, "It is at Razorpay.", now
    )
    done = refund.status is fact.status is RefundStatus.PROCESSED
    if done and source is not Source.WEBHOOK:
        reconciliation_cases.end(
            tx, reconciliation_cases.REFUND_UNDONE, fact.refund_id, "It is done at Razorpay too.", now
        )


def note_differences(tx: Session, payment: Payment, refund: Refund, fact: RefundFact, now: datetime) -> None:
    """Note where a refund of ours differs from Razorpay's. One that failed there after it was done is always believed."""
    if fact.amount_paise != refund.amount_paise:
        sums = f"{rupees(fact.amount_paise)} at Razorpay, {rupees(refund.amount_paise)} here"
        reconciliation_cases.note(
            tx, reconciliation_cases.REFUND_AMOUNT, fact.refund_id, f"{sums}, {_of_booking(tx, payment)}", now
        )
    if refund.status is RefundStatus.PROCESSED and fact.status is RefundStatus.FAILED:
        detail = f"{rupees(refund.amount_paise)} {_of_booking(tx, payment)}"
        reconciliation_cases.note(tx, reconciliation_cases.REFUND_UNDONE, fact.refund_id, detail, now)


def _of_booking(tx: Session, payment: Payment) -> str:
    reference = select(Appointment.reference).where(Appointment.id == payment.appointment_id)
    return f"of booking {tx.exec(reference).one()}"
