"""Receipts and credit notes as files: for their owner who asks, and for a mail. Made after the transaction that issued them."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from booking_ui.db.models import Appointment, Payment, Receipt, Refund, pk
from booking_ui.db.session import read
from booking_ui.domain.clock import iso
from booking_ui.domain.errors import NotFound
from booking_ui.gateways import paper
from booking_ui.services.receipts import issue, wording
from booking_ui.services.views.receipts import ReceiptFile, ReceiptView


def own(*, patient_id: int, appointment_id: int, now: datetime, refund_id: int | None = None) -> ReceiptFile:
    """The receipt of a patient's booking, or the credit note of one of its refunds; issued now unless it was before.

    Raises NotFound, also for another patient's; WrongState where no money came, or has not gone back; ReceiptBusy.
    """
    with read() as tx:
        payment_id = _own_payment(tx, patient_id, appointment_id)
        refund = tx.get(Refund, refund_id) if refund_id else None
        if refund_id and (refund is None or refund.payment_id != payment_id):
            raise NotFound
    return _file(issue.of(payment_id=payment_id, refund_id=refund_id, now=now))


def own_list(*, patient_id: int, appointment_id: int, now: datetime) -> list[ReceiptView]:
    """The receipt and the credit notes of a patient's booking, in the order of their issue; what is due is issued.

    Raises NotFound, also for another patient's.
    """
    with read() as tx:
        payment_id = _own_payment(tx, patient_id, appointment_id)
    issue.all_of(payment_id=payment_id, now=now)
    with read() as tx:
        mine = select(Receipt).where(Receipt.payment_id == payment_id).order_by(col(Receipt.id))
        return [_view(one) for one in tx.exec(mine).all()]


def of_mail(*, appointment_id: int, refund_ids: list[int], now: datetime) -> list[ReceiptFile]:
    """The credit notes of these refunds, or without any the receipt; raises what `own` raises."""
    with read() as tx:
        payment_id = pk(tx.exec(select(Payment).where(Payment.appointment_id == appointment_id)).one())
    wanted: list[int | None] = list(refund_ids) or [None]
    return [_file(issue.of(payment_id=payment_id, refund_id=one, now=now)) for one in wanted]


def _own_payment(tx: Session, patient_id: int, appointment_id: int) -> int:
    mine = (
        select(Payment.id)
        .join(Appointment)
        .where(Appointment.id == appointment_id, Appointment.patient_id == patient_id)
    )
    found = tx.exec(mine).first()
    if found is None:
        raise NotFound
    return found


def _file(row: Receipt) -> ReceiptFile:
    number = issue.number_of(row).replace("/", "-")
    return ReceiptFile(f"{row.kind.value.replace('_', '-')}-{number}.pdf", paper.pdf(wording.said(row)))


def _view(row: Receipt) -> ReceiptView:
    return ReceiptView(
        kind=row.kind.value,
        number=issue.number_of(row),
        amount_paise=row.amount_paise,
        issued_at=iso(row.issued_at),
        refund_id=row.refund_id or 0,
    )
