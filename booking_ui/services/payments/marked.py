"""Razorpay's payments of bills that the desk has marked as paid: is it the money that was marked, or another?"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from booking_ui.db import locks
from booking_ui.db.models import Appointment, Payment, PaymentAttempt, ReconciliationCase, pk
from booking_ui.db.session import read
from booking_ui.domain.causes import Cause
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import audit, stated
from booking_ui.services.journal.audit import Action
from booking_ui.services.payments import disputes
from booking_ui.services.refunds import send

ASKED_AT_MOST = 100  # payments that a comparison asks about one by one


def bill_marked_by(tx: Session, payment_id: str) -> Payment | None:
    """The bill that the desk marked as paid by this payment, which need not have an order of ours: a payment link has its own."""
    return tx.exec(select(Payment).where(Payment.marked_payment_id == payment_id)).first()


def untold() -> list[tuple[str, Remark]]:
    """The payments by which the desk marked bills and of which Razorpay has not told, each with what was marked, for
    people. The newest marks come first, ASKED_AT_MOST of them, without those about which a person has closed a case.
    """
    explained = select(ReconciliationCase.subject).where(
        ReconciliationCase.kind == CaseKind.MARKED_UNPAID, col(ReconciliationCase.closed_by_id).is_not(None)
    )
    waiting = (
        select(Payment, Appointment.reference)
        .join(Appointment, col(Appointment.id) == Payment.appointment_id)
        .where(
            col(Payment.marked_payment_id).is_not(None),
            col(Payment.gateway_payment_id).is_(None),
            col(Payment.marked_payment_id).not_in(explained),
        )
        .order_by(col(Payment.recorded_at).desc())
    )
    with read() as tx:
        return [
            (
                bill.marked_payment_id or "",
                Remark(RemarkCode.OF_BOOKING, amount=Paise(bill.amount_paise), reference=reference),
            )
            for bill, reference in tx.exec(waiting.limit(ASKED_AT_MOST)).all()
        ]


def adopt(tx: Session, payment: Payment, attempt: PaymentAttempt, *, actor: str, now: datetime) -> None:
    """Let an attempt be the money that the desk counted when it marked the bill, under the booking's locks.

    Refunds of the mark become refunds of the attempt: one that waited for the desk is sent through Razorpay, one that the
    desk has given back stays as it is.
    """
    payment.gateway_payment_id = attempt.gateway_payment_id
    payment.method, payment.method_detail = attempt.method, attempt.detail
    tx.add(payment)
    for refund in locks.refunds_of(tx, pk(payment)):
        if not refund.gateway_payment_id:
            send.redirect(tx, payment, refund, actor=actor, now=now)
    disputes.count_for_visit(tx, payment, attempt, actor=actor, now=now)
    found = Remark(RemarkCode.BROUGHT_MONEY)
    reconciliation_cases.end(tx, CaseKind.MARKED_UNPAID, attempt.gateway_payment_id, found, now)
    audit.note(
        tx,
        payment.appointment_id,
        Action.ADOPTED,
        actor=actor,
        reason=Cause.ADOPTED,
        facts=stated.bill(payment),
        now=now,
    )


def ask_the_desk(tx: Session, appointment: Appointment, attempt: PaymentAttempt, now: datetime) -> None:
    """Leave it to a person if this is the money that the desk marked or a second payment; until then it is not counted."""
    amount = Paise(attempt.amount_paise)
    detail = Remark(RemarkCode.MARKED_BY_DESK, amount=amount, reference=appointment.reference)
    reconciliation_cases.open_within(tx, CaseKind.MARKED_AND_PAID, attempt.gateway_payment_id, detail, now)


def note_false_mark(tx: Session, *, appointment: Appointment, payment_id: str, now: datetime) -> None:
    """Open a case when the desk marked another booking by the payment that paid for this one."""
    other = bill_marked_by(tx, payment_id)
    if other is None or other.appointment_id == appointment.id:
        return
    reference = tx.exec(select(Appointment.reference).where(Appointment.id == other.appointment_id)).one()
    detail = Remark(RemarkCode.PAID_FOR_ANOTHER, reference=appointment.reference, other=reference)
    reconciliation_cases.open_within(tx, CaseKind.MARKED_ELSEWHERE, payment_id, detail, now)
