"""Issuing receipts and credit notes: each once, with the next number of its financial year, in one transaction.

Where that transaction does not commit, its number was never given: there is no counter that could run ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, func, select

from booking_ui.db import locks
from booking_ui.db.models import Appointment, Payment, Receipt, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain.clock import iso
from booking_ui.domain.errors import WrongState
from booking_ui.domain.payment import RefundStatus
from booking_ui.domain.receipt import ReceiptKind, financial_year, number_text
from booking_ui.languages import N_, _
from booking_ui.services.journal.batches import each
from booking_ui.services.receipts.facts import Facts, of_payment, of_refund

log = structlog.get_logger()

LATEST = timedelta(days=7)
"""The job issues for money of the last days. For older money a receipt is issued when somebody asks for it."""

UNPAID = N_("There is no receipt yet: no payment has been received.")
NOT_BACK = N_("There is no credit note: this money has not gone back.")


def issue_due(*, now: datetime, limit: int = 50) -> int:
    """Issue what lately captured and refunded money is due; the number of what was issued."""
    with read() as tx:
        due = list(_due(tx, now, limit))
    each(due, lambda one: of(payment_id=one[0], refund_id=one[1], now=now))
    return len(due)


def _due(tx: Session, now: datetime, limit: int) -> Iterator[tuple[int, int | None]]:
    """(payment, refund or None) without a receipt or a credit note, oldest first."""
    unissued = (
        select(Payment.id)
        .where(
            col(Payment.captured_at) > now - LATEST,
            ~_issued(ReceiptKind.RECEIPT, Receipt.payment_id, Payment.id),
        )
        .order_by(col(Payment.captured_at), col(Payment.id))
    )
    unnoted = (
        select(Payment.id, Refund.id)
        .join(Refund, col(Refund.payment_id) == col(Payment.id))
        .where(
            _went_back(),
            col(Refund.refunded_at) > now - LATEST,
            ~_issued(ReceiptKind.CREDIT_NOTE, Receipt.refund_id, Refund.id),
        )
        .order_by(col(Refund.refunded_at), col(Refund.id))
    )
    for payment_id in tx.exec(unissued.limit(limit)).all():
        assert payment_id is not None
        yield payment_id, None
    for payment_id, refund_id in tx.exec(unnoted.limit(limit)).all():
        assert payment_id is not None
        yield payment_id, refund_id


def _issued(kind: ReceiptKind, column: object, of_it: object) -> sa.Exists:
    return sa.exists().where(col(Receipt.kind) == kind, col(column) == col(of_it))


def _went_back() -> sa.ColumnElement[bool]:
    """True for a refund of the money that pays for the visit, not of money that came on top and has no receipt."""
    return sa.and_(
        col(Refund.status) == RefundStatus.PROCESSED,
        col(Refund.gateway_payment_id) == func.coalesce(col(Payment.gateway_payment_id), ""),
    )


def of(*, payment_id: int, now: datetime, refund_id: int | None = None) -> Receipt:
    """The receipt of a bill, or the credit note of one of its refunds; issued now unless it was before.

    Raises WrongState where no money was captured, or has not gone back.
    """
    with read() as tx:
        if known := _known(tx, payment_id, refund_id):
            return known
    with write() as tx:
        return _of(tx, payment_id, refund_id, now)


def all_of(*, payment_id: int, now: datetime) -> None:
    """Issue what is due of one bill, however long ago its money came or went back; nothing for one that was not paid."""
    with read() as tx:
        payment = tx.get_one(Payment, payment_id)
        back = select(Refund.id).join(Payment).where(Payment.id == payment_id, _went_back())
        refunds = list(tx.exec(back.order_by(col(Refund.refunded_at), col(Refund.id))).all())
    for refund_id in [None, *refunds] if payment.captured_at else []:
        of(payment_id=payment_id, refund_id=refund_id, now=now)


def _of(tx: Session, payment_id: int, refund_id: int | None, now: datetime) -> Receipt:
    """Lock the patient, so that no erasure passes between reading the name and storing it, then the bill, and the numbers
    last: nobody who waits for a number waits for another's booking."""
    owner = select(Appointment).join(Payment).where(Payment.id == payment_id)
    visit = tx.exec(owner).one()
    locks.person_as_is(tx, visit.patient_id)
    payment = locks.payment_of(tx, pk(visit))
    if payment is None or payment.captured_at is None:
        raise WrongState(_(UNPAID))
    facts = of_payment(tx, payment)
    locks.receipt_numbers(tx)
    receipt = _known(tx, payment_id, None) or _add(
        tx, ReceiptKind.RECEIPT, payment, None, payment.amount_paise, facts.stored(), now
    )
    return _known(tx, payment_id, refund_id) or _credit_note(tx, payment, refund_id or 0, receipt, now)


def _credit_note(tx: Session, payment: Payment, refund_id: int, receipt: Receipt, now: datetime) -> Receipt:
    refund = tx.exec(
        select(Refund).join(Payment).where(Refund.id == refund_id, Payment.id == payment.id, _went_back())
    ).first()
    if refund is None:
        raise WrongState(_(NOT_BACK))
    facts = of_refund(Facts(**receipt.facts), number_of(receipt), iso(receipt.issued_at), refund)
    return _add(tx, ReceiptKind.CREDIT_NOTE, payment, refund, refund.amount_paise, facts, now)


def _known(tx: Session, payment_id: int, refund_id: int | None) -> Receipt | None:
    kind = ReceiptKind.CREDIT_NOTE if refund_id else ReceiptKind.RECEIPT
    wanted = select(Receipt).where(
        Receipt.kind == kind, Receipt.payment_id == payment_id, Receipt.refund_id == refund_id
    )
    return tx.exec(wanted).first()


def _add(
    tx: Session,
    kind: ReceiptKind,
    payment: Payment,
    refund: Refund | None,
    amount_paise: int,
    facts: dict[str, str],
    now: datetime,
) -> Receipt:
    year = financial_year(now)
    last = tx.exec(
        select(func.max(Receipt.number)).where(Receipt.kind == kind, Receipt.financial_year == year)
    ).one()
    row = Receipt(
        kind=kind,
        financial_year=year,
        number=(last or 0) + 1,
        previous=last,
        payment_id=pk(payment),
        refund_id=refund.id if refund else None,
        amount_paise=amount_paise,
        currency=payment.currency,
        facts=facts,
        issued_at=now,
    )
    tx.add(row)
    tx.flush()
    log.info("receipt.issued", number=number_of(row), payment=payment.id)
    return row


def number_of(row: Receipt) -> str:
    """The number as it is printed: R/2026-27/000001."""
    return number_text(row.kind, row.financial_year, row.number)
