"""The outbox: a mail is a row written beside its reason; services/upkeep/delivery.py sends it, after the commit."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlmodel import Session, select

from booking_ui.db.models import DeliveryStatus, Notification
from booking_ui.languages import N_
from booking_ui.services.journal import request_ids
from booking_ui.services.mail import outdated

log = structlog.get_logger()

ALERT = "case_opened"
"""The kind of the mails to ALERT_EMAIL: they are about no booking and no account."""


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
            last_error="" if person_id else N_("nobody has this address"),
            created_at=now,
            request_id=request_ids.current(),
        )
    )
