"""The outbox: a message is a row written beside its reason; services/upkeep/delivery.py sends it, after the commit."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from booking_ui.db.models import Appointment, DeliveryStatus, Notification, Person
from booking_ui.languages import N_
from booking_ui.services.journal import request_ids
from booking_ui.services.mail import outdated

log = structlog.get_logger()

ALERT = "case_opened"
"""The kind of the mails to ALERT_EMAIL: they are about no booking and no account."""
NO_ADDRESS = N_("the patient has no mail address")

_ADDRESS = (
    select(Person.email)
    .join(Appointment, col(Appointment.patient_id) == col(Person.id))
    .where(col(Appointment.id) == sa.bindparam("appointment_id"), col(Person.email).is_not(None))
)


def add_visit_mail(tx: Session, *, appointment_id: int, kind: str, now: datetime, key: str = "") -> None:
    """Make a mail about a booking due, in the caller's transaction; once for each kind and key.

    For a patient without a mail address a row is written that is sent to nobody.
    """
    unique = outdated.visit_mail_key(appointment_id, kind, key)
    if tx.exec(select(Notification.id).where(Notification.key == unique)).first() is None:
        log.info("mail.due", mail=unique)
        reachable = tx.exec(_ADDRESS, params={"appointment_id": appointment_id}).first() is not None
        tx.add(
            Notification(
                key=unique,
                appointment_id=appointment_id,
                kind=kind,
                status=DeliveryStatus.WAITING if reachable else DeliveryStatus.IGNORED,
                next_attempt_at=now if reachable else None,
                last_error="" if reachable else NO_ADDRESS,
                created_at=now,
                request_id=request_ids.current(),
            )
        )


def sent_keys(row: Notification) -> list[str]:
    """The keys under which a mail went out or will, the newest last: a mailbox must not take a second copy for the first."""
    return [row.key, *(f"{row.key}:again:{time}" for time in range(1, row.sent_again + 1))]


def case_subject(notification_id: int) -> str:
    """The subject of the case about a mail that was given up."""
    return f"mail:{notification_id}"


def add_alert(tx: Session, *, key: str, now: datetime) -> None:
    """Make a mail to ALERT_EMAIL due, about the cases that are open as it leaves."""
    tx.add(
        Notification(
            key=f"{ALERT}:{key}",
            kind=ALERT,
            status=DeliveryStatus.WAITING,
            next_attempt_at=now,
            created_at=now,
            request_id=request_ids.current(),
        )
    )


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
    log.info("mail.due", mail=f"{kind}:{key}")
    tx.add(
        Notification(
            key=f"{kind}:{key}",
            person_id=person_id,
            one_time_code_id=code_id,
            kind=kind,
            address=address if person_id else "",
            status=DeliveryStatus.WAITING if person_id else DeliveryStatus.IGNORED,
            next_attempt_at=now if person_id else None,
            last_error="" if person_id else N_("nobody has this address"),
            created_at=now,
            request_id=request_ids.current(),
        )
    )


def add_account_text(
    tx: Session, person_id: int | None, phone: str, code_id: int, *, kind: str, key: str, now: datetime
) -> None:
    """Make a text message with a code due to `phone`; nobody need have this number yet."""
    log.info("text.due", text=f"{kind}:{key}")
    tx.add(
        Notification(
            key=f"{kind}:{key}",
            person_id=person_id,
            one_time_code_id=code_id,
            kind=kind,
            address=phone,
            status=DeliveryStatus.WAITING,
            next_attempt_at=now,
            created_at=now,
            request_id=request_ids.current(),
        )
    )
