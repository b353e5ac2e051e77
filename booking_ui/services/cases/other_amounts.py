"""Payments of another amount than their bill: each is a case, and several in a row point at the account's settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from booking_ui.db.models import Payment, PaymentAttempt
from booking_ui.db.orders import bill_of
from booking_ui.db.session import write
from booking_ui.domain.payment import AttemptStatus, PaymentFact
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind

IN_A_ROW = 3
"""As many captures of a wrong amount, with no right one between them, are the account's doing, not the patients'."""

TAKEN = (AttemptStatus.CAPTURED, AttemptStatus.REFUNDED)


def note(tx: Session, *, payment_id: str, detail: Remark, now: datetime) -> None:
    """Open the case of this payment, and that of the account once it is the third in a row."""
    reconciliation_cases.open_within(tx, CaseKind.OTHER_AMOUNT, payment_id, detail, now)
    tx.flush()
    if in_a_row(tx) >= IN_A_ROW and not reconciliation_cases.open_subjects(tx, CaseKind.EVERY_AMOUNT_DIFFERS):
        detail = Remark(RemarkCode.IN_A_ROW, count=IN_A_ROW)
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


def doubt(newest: Iterable[PaymentFact], *, now: datetime) -> str:
    """The sentence about an account at which no visit can be paid, by its newest payments; empty when nothing says so.

    Razorpay tells nobody how the account is set before a payment, so the newest captured one of an order of ours decides:
    once a right one has come, earlier ones are over. A wrong one also opens the account's case, unless one is open.
    """
    taken = (one for one in newest if one.status in TAKEN)
    by_age = sorted(taken, key=lambda one: one.created_at or datetime.min.replace(tzinfo=UTC), reverse=True)
    with write() as tx:
        ours = ((one, bill) for one in by_age if (bill := bill_of(tx, one.order_id)))
        found = next(ours, None)
        wrong = _fault(*found) if found else None
        if found is None or not wrong:
            return ""
        payment_id = found[0].payment_id
        if not reconciliation_cases.open_subjects(tx, CaseKind.EVERY_AMOUNT_DIFFERS):
            reconciliation_cases.open_within(tx, CaseKind.EVERY_AMOUNT_DIFFERS, payment_id, wrong, now)
    remedy = reconciliation_cases.REMEDIES[CaseKind.EVERY_AMOUNT_DIFFERS]
    return f"The newest payment at Razorpay, {payment_id}: {wrong}. {remedy}"


def _fault(fact: PaymentFact, bill: Payment) -> Remark | None:
    """The fault of a payment that points at the account."""
    if (fact.amount_paise, fact.currency) != (bill.amount_paise, bill.currency):
        amount, fee = Paise(fact.amount_paise), Paise(bill.amount_paise)
        return Remark(RemarkCode.OTHER_AMOUNT, amount=amount, fee=fee)
    return Remark(RemarkCode.FEE_ON_CUSTOMER) if fact.customer_bears_fee else None
