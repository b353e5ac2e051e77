"""The outbox: a mail is a row written beside its reason, and sent once, after the commit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from booking_ui.db import locks, queues
from booking_ui.db.models import Appointment, DeliveryStatus, Notification, pk
from booking_ui.db.session import read, write
from booking_ui.gateways import mail
from booking_ui.services.journal.batches import each, one_by_one
from booking_ui.services.mail import account_mails, outdated, visit_mails
from booking_ui.services.visits import patient_view

log = structlog.get_logger()

# Sent only after Razorpay was asked: services/upkeep/reminders.py delivers them.
ASK_FIRST = frozenset({"hold_ends", "unpaid"})


def add_visit_mail(tx: Session, *, appointment_id: int, kind: str, now: datetime, key: str = "") -> None:
    """Make a mail about a booking due, in the caller's transaction; once for each kind and key."""
    unique = outdated.visit_mail_key(appointment_id, kind, key)
    if tx.exec(select(Notification.id).where(Notification.key == unique)).first() is None:
        log.info("mail.due", mail=unique)
        tx.add(
            Notification(
                key=unique,
                appointment_id=appointment_id,
                kind=kind,
                status=DeliveryStatus.WAITING,
                next_attempt_at=now,
                created_at=now,
            )
        )


def add_account_mail(
    tx: Session, *, person_id: int | None, code_id: int | None, kind: str, key: str, now: datetime
) -> None:
    """Make a mail about an account due. Without a person a row is written that is sent to nobody."""
    log.info("mail.due", mail=f"{kind}:{key}")
    tx.add(
        Notification(
            key=f"{kind}:{key}",
            person_id=person_id,
            one_time_code_id=code_id,
            kind=kind,
            status=DeliveryStatus.WAITING if person_id else DeliveryStatus.IGNORED,
            next_attempt_at=now if person_id else None,
            last_error="" if person_id else "nobody has this address",
            created_at=now,
        )
    )


def deliver_due(*, now: datetime, limit: int = 20) -> int:
    """Send the mails that are due; returns the number of those that were tried."""
    ids = lease_due(col(Notification.kind).not_in(ASK_FIRST), now=now, limit=limit)
    return len(each(ids, lambda notification_id: deliver(notification_id, now)))


def lease_due(*which: sa.ColumnElement[bool], now: datetime, limit: int) -> Iterator[int]:
    """The ids of due mails that fulfil `which`, each leased to the caller when it is asked for: of two workers one gets it."""

    def take() -> int | None:
        with write() as tx:
            return next((pk(row) for row in locks.lease(tx, queues.MAILS, *which, now=now, limit=1)), None)

    return one_by_one(take, limit=limit, within=queues.MAILS.lease / 4)


def deliver(notification_id: int, now: datetime) -> None:
    """Send one leased mail, unless its reason has gone. An error postpones it; the last one parks it."""
    error = None
    try:
        message = _message(notification_id, now)
        if isinstance(message, str):
            return _end(notification_id, DeliveryStatus.IGNORED, message)
        mail.send(message)
    except mail.MailError as exc:
        error = str(exc)[:300]
        log.warning("mail.postponed", notification=notification_id, reason=error)
    except Exception as exc:
        # The edge of a job, as for a webhook: a mail that can't be written must not be tried for ever.
        error = f"failed: {type(exc).__name__}"
        log.exception("mail.failed", notification=notification_id)
    with write() as tx:
        row = tx.get_one(Notification, notification_id)
        _note_attempt(row, error, now)
        tx.add(row)
    if error is None:
        log.info("mail.sent", mail=row.key)  # as in `mail.due`, the line that has the id of the request
    return None


def _message(notification_id: int, now: datetime) -> mail.Message | str:
    with read() as tx:
        row = tx.get_one(Notification, notification_id)  # never deleted while it waits
        if row.appointment_id is None:
            return account_mails.compose(tx, row, now)
        return _visit_mail(tx, row, now)


def _visit_mail(tx: Session, row: Notification, now: datetime) -> mail.Message | str:
    booking = patient_view.load(tx, Appointment.id == row.appointment_id)[0]
    return outdated.reason(tx, row, booking, now) or visit_mails.compose(row, booking, now)


def postpone(notification_id: int, until: datetime) -> None:
    """Try again at `until` without counting the attempt, which failed for another reason than the mail."""
    with write() as tx:
        row = tx.get_one(Notification, notification_id)
        row.next_attempt_at, row.attempts = until, row.attempts - 1
        tx.add(row)


def _end(notification_id: int, status: DeliveryStatus, why: str) -> None:
    with write() as tx:
        row = tx.get_one(Notification, notification_id)
        row.status, row.next_attempt_at, row.last_error = status, None, why
        tx.add(row)


def _note_attempt(row: Notification, error: str | None, now: datetime) -> None:
    row.last_error = error or ""
    if error is None:
        row.status, row.sent_at, row.next_attempt_at = DeliveryStatus.DONE, now, None
        return
    row.next_attempt_at = queues.MAILS.after(row.attempts, now)
    if row.next_attempt_at is None:
        row.status = DeliveryStatus.PARKED
