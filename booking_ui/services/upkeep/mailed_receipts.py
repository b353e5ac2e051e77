"""Receipts in the mails that tell of a payment, credit notes in those that tell of a refund."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import structlog
from sqlmodel import Session, select

from booking_ui.db.models import Appointment, Notification, Payment, Person, Refund, pk
from booking_ui.db.session import read
from booking_ui.domain.errors import WrongState
from booking_ui.gateways import mail
from booking_ui.services.mail import outdated
from booking_ui.services.receipts import files

log = structlog.get_logger()

Message = TypeVar("Message")


def added(message: Message, notification_id: int, now: datetime) -> Message:
    """The message with the files that belong to it; any other as it is. Called outside transactions.

    A receipt names the patient, so none goes to an address that is not confirmed: a stranger may read there.
    """
    if not isinstance(message, mail.Message):
        return message
    with read() as tx:
        wanted = _wanted(tx, tx.get_one(Notification, notification_id))
    if wanted is None:
        return message
    appointment_id, refund_ids = wanted
    try:
        found = files.of_mail(appointment_id=appointment_id, refund_ids=refund_ids, now=now)
    except WrongState:  # money that came on top of the bill goes back without a credit note
        return message
    except Exception:
        # The edge of a job: a receipt that can't be made keeps no confirmation back. It can be had on the booking's page.
        log.exception("receipt.not_mailed", notification=notification_id)
        return message
    return replace(message, pdfs=tuple(mail.Pdf(one.name, one.content) for one in found))


def _wanted(tx: Session, row: Notification) -> tuple[int, list[int]] | None:
    """(appointment, refunds; none of them for the receipt), or None for a mail without a file."""
    if row.appointment_id is None or row.kind not in ("confirmed", "refunded"):
        return None
    visit = tx.get_one(Appointment, row.appointment_id)
    if tx.get_one(Person, visit.patient_id).email_verified_at is None:
        return None
    if row.kind == "confirmed":
        return row.appointment_id, []
    all_of_it = tx.exec(select(Refund).join(Payment).where(Payment.appointment_id == visit.id)).all()
    told = outdated.refunds_told(row, list(all_of_it))
    return row.appointment_id, [pk(one) for one in told]
