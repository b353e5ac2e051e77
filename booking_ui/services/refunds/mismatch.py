"""Mismatches: Razorpay's word on a refund differs from our books. The books stay as they are, and the desk gets a case."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlmodel import Session, select

from booking_ui.db.models import Appointment, Payment, Refund
from booking_ui.domain.payment import RefundFact, RefundStatus, Source
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action

log = structlog.get_logger()


def note_second_refund(
    tx: Session, payment: Payment, fact: RefundFact, *, source: Source, now: datetime
) -> Outcome:
    """Open a case for a refund at Razorpay of money that our books give back in another way; the sums stay.

    However often the fact arrives, there is one case and one alarm.
    """
    first = reconciliation_cases.opened_at(tx, CaseKind.REFUND_TWICE, fact.refund_id) is None
    detail = Remark(
        RemarkCode.REFUND_AT,
        amount=Paise(fact.amount_paise),
        reference=_reference(tx, payment),
        status=RemarkCode(fact.status.value),
    )
    reconciliation_cases.open_within(tx, CaseKind.REFUND_TWICE, fact.refund_id, detail, now)
    if first:
        log.error("refund.twice", refund=fact.refund_id, payment=fact.payment_id)
        audit.note(
            tx,
            payment.appointment_id,
            Action.ALARM,
            actor=source.actor,
            reason=Remark(RemarkCode.MAYBE_TWICE, refund=fact.refund_id),
            now=now,
        )
    return Outcome(OutcomeCode.REFUND_TWICE)


def end_resolved(tx: Session, refund: Refund, fact: RefundFact, *, source: Source, now: datetime) -> None:
    """End the cases about a refund of ours that this fact resolves.

    That it is done after all is believed only when Razorpay was asked: a message may be older than the failure.
    """
    reconciliation_cases.end(tx, CaseKind.REFUND_MISSING, fact.refund_id, Remark(RemarkCode.IS_THERE), now)
    done = refund.status is fact.status is RefundStatus.PROCESSED
    if done and source is not Source.WEBHOOK:
        reconciliation_cases.end(
            tx, CaseKind.REFUND_UNDONE, fact.refund_id, Remark(RemarkCode.DONE_THERE), now
        )


def note_differences(tx: Session, payment: Payment, refund: Refund, fact: RefundFact, now: datetime) -> None:
    """Open cases where a refund of ours differs from Razorpay's. That a done one failed is believed from every source."""
    if fact.amount_paise != refund.amount_paise:
        detail = Remark(
            RemarkCode.AT_BOTH_OF_BOOKING,
            there=Paise(fact.amount_paise),
            here=Paise(refund.amount_paise),
            reference=_reference(tx, payment),
        )
        reconciliation_cases.open_within(tx, CaseKind.REFUND_AMOUNT, fact.refund_id, detail, now)
    if refund.status is RefundStatus.PROCESSED and fact.status is RefundStatus.FAILED:
        amount = Paise(refund.amount_paise)
        detail = Remark(RemarkCode.OF_BOOKING, amount=amount, reference=_reference(tx, payment))
        reconciliation_cases.open_within(tx, CaseKind.REFUND_UNDONE, fact.refund_id, detail, now)


def _reference(tx: Session, payment: Payment) -> str:
    reference = select(Appointment.reference).where(Appointment.id == payment.appointment_id)
    return tx.exec(reference).one()
