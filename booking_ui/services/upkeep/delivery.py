"""Sending the messages of the outbox: each once, looked at again as it leaves, tried by steps, and parked at the end."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col

from booking_ui.db import locks, queues
from booking_ui.db.models import Appointment, DeliveryStatus, Notification, Person, pk
from booking_ui.db.session import read, write
from booking_ui.domain.channel import Channel
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.domain.message_kind import MessageKind
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.gateways import mail, texts
from booking_ui.languages import speaking
from booking_ui.services.cases import alert_mail, reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import request_ids
from booking_ui.services.journal.batches import each, one_by_one
from booking_ui.services.limits import metrics
from booking_ui.services.mail import (
    account_mails,
    account_texts,
    address_limits,
    link_secrets,
    outbox,
    outdated,
    quiet,
    receivers,
    visit_mails,
    visit_texts,
)
from booking_ui.services.upkeep import mailed_receipts
from booking_ui.services.visits import patient_view

log = structlog.get_logger()

# Sent only after Razorpay was asked: services/upkeep/reminders.py delivers them.
ASK_FIRST = frozenset({"hold_ends", "unpaid"})


def deliver_due(*, now: datetime, limit: int = 20, by: Collection[Channel] = tuple(Channel)) -> int:
    """Send the messages that are due `by` these channels, codes first; returns the number of those that were tried."""
    which = (col(Notification.kind).not_in(ASK_FIRST), col(Notification.channel).in_(by))
    ids = lease_due(*which, now=now, limit=limit)
    return len(each(ids, lambda notification_id: deliver(notification_id, now)))


def lease_due(*which: sa.ColumnElement[bool], now: datetime, limit: int) -> Iterator[int]:
    """The ids of due messages that fulfil `which`, each leased to the caller when it is asked for: of two workers one gets it.

    Somebody waits before a page for each code, so none waits behind the reminders of a morning.
    """
    code = col(Notification.one_time_code_id).is_not(None)

    def take() -> int | None:
        with write() as tx:
            for first in (code, ~code):
                for row in locks.lease(tx, queues.MAILS, *which, first, now=now, limit=1):
                    return pk(row)
        return None

    return one_by_one(take, limit=limit, within=queues.MAILS.lease / 4)


def deliver(notification_id: int, now: datetime) -> None:
    """Send one leased message, unless its reason has gone.

    An error postpones it. The last one, or a refusal for good, parks it, which opens a case.
    """
    with request_ids.known_by(_request_id(notification_id)):
        _deliver(notification_id, now)


def _request_id(notification_id: int) -> str | None:
    with read() as tx:
        return tx.get_one(Notification, notification_id).request_id


def _deliver(notification_id: int, now: datetime) -> None:
    try:
        message = _message(notification_id, now)
        if isinstance(message, Remark):
            return _end(notification_id, message, now)
        if ends := _quiet_until(notification_id, now):
            return postpone(notification_id, ends, Refusal.QUIET)
        if until := _too_many(notification_id, message, now):
            return postpone(notification_id, until, Refusal.TOO_MANY)
        _hand_over(mailed_receipts.added(message, notification_id, now))
    except (mail.MailError, texts.TextError) as exc:
        log.warning("message.postponed", notification=notification_id, reason=str(exc), for_good=exc.for_good)
        return _note_failure(notification_id, exc, now)
    except Exception as exc:
        # The edge of a job, as for a webhook: a message that can't be written must not be tried for ever.
        log.exception("message.failed", notification=notification_id)
        return _note_failure(
            notification_id, mail.MailError(f"failed: {type(exc).__name__}", Refusal.BROKEN), now
        )
    return _note_sent(notification_id, message.to, now)


Message = mail.Message | texts.Text


def _hand_over(message: Message) -> None:
    if isinstance(message, texts.Text):
        texts.send(message)
    else:
        mail.send(message)


def _message(notification_id: int, now: datetime) -> Message | Remark:
    with read() as tx:
        row = tx.get_one(Notification, notification_id)  # never deleted while it waits
        with speaking(receivers.receiver_language(_receiver(tx, row))):
            message = _composed(tx, row, now)
    if isinstance(message, Remark):
        return message
    return replace(message, key=outbox.sent_keys(row)[-1], request_id=row.request_id or "")


def _receiver(tx: Session, row: Notification) -> Person | None:
    """The person who gets this message; None for a mail to ALERT_EMAIL, and for a number of nobody's."""
    visit = _visit(tx, row)
    person_id = visit.patient_id if visit else row.person_id
    return tx.get(Person, person_id) if person_id else None


def _visit(tx: Session, row: Notification) -> Appointment | None:
    return tx.get(Appointment, row.appointment_id) if row.appointment_id else None


def _composed(tx: Session, row: Notification, now: datetime) -> Message | Remark:
    """The message in the language that is spoken, or the reason why it must not be sent."""
    if row.kind == outbox.ALERT:
        return alert_mail.compose(tx, row, now)
    if row.appointment_id is not None:
        return _about_visit(tx, row, now)
    if row.channel is Channel.MAIL:
        return account_mails.compose(tx, row, now)
    return account_texts.compose(tx, row, now)


def _about_visit(tx: Session, row: Notification, now: datetime) -> Message | Remark:
    booking = patient_view.load(tx, Appointment.id == row.appointment_id)[0]
    why = receivers.why_not(booking.patient, row.channel) or outdated.reason(tx, row, booking, now)
    if why:
        return why
    if row.channel is Channel.MAIL:
        return visit_mails.compose(row, booking, now)
    return visit_texts.compose(row, booking)


def _quiet_until(notification_id: int, now: datetime) -> datetime | None:
    with read() as tx:
        row = tx.get_one(Notification, notification_id)
        return quiet.until(row, _visit(tx, row), now)


def _too_many(notification_id: int, message: Message, now: datetime) -> datetime | None:
    """The instant until which this message waits because of those that its address got; never one about cases."""
    with read() as tx:
        if tx.get_one(Notification, notification_id).kind == outbox.ALERT:
            return None
        until = address_limits.free_at(tx, message.to, now)
    if until:
        metrics.REFUSED.labels("mails").inc()
        log.info("limit.reached", limit="mails", notification=notification_id)
    return until


def postpone(notification_id: int, until: datetime, refusal: Refusal | None = None) -> None:
    """Try again at `until` without counting the attempt, which failed for another reason than the message."""
    with write() as tx:
        row = tx.get_one(Notification, notification_id)
        row.next_attempt_at, row.attempts = until, row.attempts - 1
        if refusal:
            row.refusal, row.last_error = refusal, ""
        tx.add(row)


def _note_sent(notification_id: int, address: str, now: datetime) -> None:
    with write() as tx:
        row = tx.get_one(Notification, notification_id)
        row.status, row.sent_at, row.next_attempt_at = DeliveryStatus.DONE, now, None
        row.last_error, row.refusal = "", None
        row.address_hash, row.address = link_secrets.address_hash(address), ""
        tx.add(row)
        _end_case(tx, row, Remark(RemarkCode.WAS_SENT), now)
    log.info("message.sent", message=row.key)


def _end(notification_id: int, why: Remark, now: datetime) -> None:
    with write() as tx:
        row = tx.get_one(Notification, notification_id)
        row.status, row.next_attempt_at = DeliveryStatus.IGNORED, None
        row.last_error, row.refusal, row.address = why, None, ""
        tx.add(row)
        _end_case(tx, row, Remark(RemarkCode.NOT_TO_BE_SENT, why=why), now)


def _note_failure(notification_id: int, error: mail.MailError | texts.TextError, now: datetime) -> None:
    with write() as tx:
        row = tx.get_one(Notification, notification_id)
        row.last_error, row.refusal = str(error)[:300], error.refusal
        row.next_attempt_at = None if error.for_good else queues.MAILS.after(row.attempts, now)
        if row.next_attempt_at is None:
            row.status = DeliveryStatus.PARKED
            _open_case(tx, row, now)
        tx.add(row)


def _open_case(tx: Session, row: Notification, now: datetime) -> None:
    """Tell the desk of a parked message, in the transaction that parks it."""
    visit = _visit(tx, row)
    texted = row.channel is not Channel.MAIL
    code = {
        (False, False): RemarkCode.PARKED,
        (False, True): RemarkCode.PARKED_OF,
        (True, False): RemarkCode.PARKED_BY,
        (True, True): RemarkCode.PARKED_BY_OF,
    }[texted, visit is not None]
    values = {"message": MessageKind(row.kind), "error": row.last_error}
    values |= {"channel": row.channel} if texted else {}
    values |= {"reference": visit.reference} if visit else {}
    detail = Remark(code, **values)
    reconciliation_cases.open_within(
        tx, _case_kind(row), outbox.case_subject(pk(row)), detail, now, anew=True
    )


def _end_case(tx: Session, row: Notification, why: Remark, now: datetime) -> None:
    if reconciliation_cases.any_open(tx, outbox.case_subject(pk(row))):
        reconciliation_cases.end(tx, _case_kind(row), outbox.case_subject(pk(row)), why, now)


def _case_kind(row: Notification) -> CaseKind:
    return CaseKind.ALERT_PARKED if row.kind == outbox.ALERT else CaseKind.MAIL_PARKED
