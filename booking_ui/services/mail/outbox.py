"""The outbox: a message is a row written beside its reason; services/upkeep/delivery.py sends it, after the commit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session, col, select

from booking_ui.db.models import Appointment, DeliveryStatus, Notification, Person
from booking_ui.domain.channel import Channel
from booking_ui.languages import N_
from booking_ui.services.journal import request_ids
from booking_ui.services.mail import kinds, outdated, receivers

log = structlog.get_logger()

ALERT = "case_opened"
"""The kind of the mails to ALERT_EMAIL: they are about no booking and no account."""

WORDS = 300  # of the clinic's own, in one message


def add_visit_message(
    tx: Session, *, appointment_id: int, kind: str, now: datetime, key: str = "", words: str = ""
) -> None:
    """Make a message about a booking due, in the caller's transaction, on each channel on which its patient gets such ones.

    It is due once for each kind and key. `words` are the clinic's own, such as the reason why a visit was cancelled. Without
    any channel a row is written that says so and is sent to nobody.
    """
    unique = outdated.visit_message_key(appointment_id, kind, key)
    if tx.exec(
        select(Notification.id).where(col(Notification.key).in_(outdated.on_every_channel(unique)))
    ).first():
        return
    about: dict[str, Any] = {"appointment_id": appointment_id, "kind": kind, "words": words[:WORDS]}
    patient = _patient(tx, appointment_id)
    channels = [channel for channel in receivers.wanted(patient) if kinds.goes_by(kind, channel)]
    for channel in channels:
        _add(tx, now, key=outdated.on_channel(unique, channel), channel=channel, **about)
    if not channels and kinds.goes_by(kind, Channel.MAIL):
        why = receivers.why_not(patient, Channel.MAIL if patient.email else receivers.text_channel())
        _add(tx, now, key=unique, nobody=why or receivers.NO_ADDRESS, **about)


def _patient(tx: Session, appointment_id: int) -> Person:
    mine = select(Person).join(Appointment, col(Appointment.patient_id) == col(Person.id))
    return tx.exec(mine.where(Appointment.id == appointment_id)).one()


def _add(tx: Session, now: datetime, *, key: str, nobody: str = "", **about: Any) -> None:
    """A row that is due at once, or, with the reason why it goes to `nobody`, one that only says so."""
    log.info("message.due", message=key)
    tx.add(
        Notification(
            key=key,
            status=DeliveryStatus.IGNORED if nobody else DeliveryStatus.WAITING,
            next_attempt_at=None if nobody else now,
            last_error=nobody,
            created_at=now,
            request_id=request_ids.current(),
            **about,
        )
    )


def sent_keys(row: Notification) -> list[str]:
    """The keys under which a message went out or will, the newest last: nobody must take a second copy for the first."""
    return [row.key, *(f"{row.key}:again:{time}" for time in range(1, row.sent_again + 1))]


def case_subject(notification_id: int) -> str:
    """The subject of the case about a message that was given up."""
    return f"mail:{notification_id}"


def add_alert(tx: Session, *, key: str, now: datetime) -> None:
    """Make a mail to ALERT_EMAIL due, about the cases that are open as it leaves."""
    _add(tx, now, key=f"{ALERT}:{key}", kind=ALERT)


def add_account_mail(
    tx: Session,
    *,
    person_id: int | None,
    code_id: int | None,
    kind: str,
    key: str,
    now: datetime,
    address: str = "",
) -> None:
    """Make a mail about an account due, to the person's own address or to `address`.

    Without a person a row is written that is sent to nobody.
    """
    nobody = "" if person_id else N_("nobody has this address")
    _add(
        tx,
        now,
        key=f"{kind}:{key}",
        nobody=nobody,
        person_id=person_id,
        address=address if person_id else "",
        one_time_code_id=code_id,
        kind=kind,
    )


def add_account_text(
    tx: Session, person_id: int | None, phone: str, code_id: int | None, *, kind: str, key: str, now: datetime
) -> None:
    """Make a text about an account due, or one with a code, to `phone` (E.164), whether it has an account or not.

    It leaves by SMS, or by WhatsApp where the clinic has nothing else.
    """
    channel = receivers.text_channel()
    _add(
        tx,
        now,
        key=outdated.on_channel(f"{kind}:{key}", channel),
        channel=channel,
        person_id=person_id,
        address=phone,
        one_time_code_id=code_id,
        kind=kind,
    )
