"""Payments of another amount than their bill: each is a case, and several in a row point at the account's settings."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from booking_ui.db.models import Payment, PaymentAttempt
from booking_ui.domain.payment import AttemptStatus
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind

IN_A_ROW = 3
"""As many captures of a wrong amount, with no right one between them, are the account's doing, not the patients'."""

TAKEN = (AttemptStatus.CAPTURED, AttemptStatus.REFUNDED)


def note(tx: Session, *, payment_id: str, detail: str, now: datetime) -> None:
    """Open the case of this payment, and that of the account once it is the third in a row."""
    reconciliation_cases.open_within(tx, CaseKind.OTHER_AMOUNT, payment_id, detail, now)
    tx.flush()
    if in_a_row(tx) >= IN_A_ROW and not reconciliation_cases.open_subjects(tx, CaseKind.EVERY_AMOUNT_DIFFERS):
        detail = f"the last {IN_A_ROW} payments, this one among them"
        reconciliation_cases.open_within(tx, CaseKind.EVERY_AMOUNT_DIFFERS, payment_id, detail, now)


def in_a_row(tx: Session) -> int:
    """The number of newest captured payments in a row, at most IN_A_ROW, that had another amount or currency than their bill."""
    newest = (
        select(PaymentAttempt.amount_paise, PaymentAttempt.currency, Payment.amount_paise, Payment.currency)
        .join(Payment, col(Payment.id) == PaymentAttempt.payment_id)
        .where(col(PaymentAttempt.status).in_(TAKEN))
        .order_by(col(PaymentAttempt.id).desc())
        .limit(IN_A_ROW)
    )
    count = 0
    for paid, paid_in, due, due_in in tx.exec(newest).all():
        if (paid, paid_in) == (due, due_in):
            break
        count += 1
    return count
