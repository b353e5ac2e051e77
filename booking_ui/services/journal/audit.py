"""The trail: one row for every change, each subject's rows chained by sha256.

Changing or removing a row breaks the chain of its subject; removing the last one contradicts the subject's status.
The caller holds the subject's row lock, so `seq` has no rival.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa
from sqlalchemy import Row
from sqlmodel import Session, col, select

from booking_ui.db.models import AuditEntry
from booking_ui.domain.causes import Cause, Reason
from booking_ui.domain.clock import iso

GENESIS = "0" * 64
AUDIT = "audit"


class Change(TypedDict, total=False):
    """The parts of a row that not every action has."""

    before: str
    after: str
    reason: Reason


class Action(StrEnum):
    """The actions that a rule or a page tells apart; a row may have another one."""

    # Changes of status: before and after are the two.
    APPOINTMENT = "appointment"
    PAYMENT = "payment"
    REFUND = "refund"
    # Of a booking.
    MOVED = "moved"  # before and after are slot facts
    FOR_WHOM = "for"
    REASON_CHANGED = "reason_changed"  # never what it says
    ADOPTED = "adopted"
    SETTLED = "settle"
    ALARM = "alarm"
    DISPUTE = "dispute"  # before and after are its statuses
    REFUND_WAIT = "refund_wait"  # after: held, released or ended
    ASKED = "asked"  # Razorpay, by the desk
    # Of something else.
    CASE = "case"
    REPLAY = "replay"
    SENT_AGAIN = "sent_again"  # a mail, by the desk
    SIGNATURE = "signature"
    RETENTION = "retention"
    DEPENDENT = "dependent"
    DOCTOR_ADDED = "doctor_added"
    PASSWORD_SET = "password_set"  # noqa: S105 - the name of an action
    SIGNED_IN = "signed_in"


FACTS = ("subject", "seq", "at", "actor", "action", "before", "after", "reason", "previous_hash")


def digest(entry: AuditEntry | Row[Any]) -> str:
    """The hash of a row's facts and its predecessor's hash."""
    facts = [getattr(entry, name) for name in FACTS]
    facts[FACTS.index("at")] = iso(entry.at)
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def slot_fact(starts_at: datetime, slot_id: int) -> str:
    """2026-11-24T05:00:00Z slot:412."""
    return f"{iso(starts_at)} slot:{slot_id}"


def slot_instant(fact: str) -> datetime:
    """The instant in a slot fact."""
    return datetime.fromisoformat(fact.partition(" ")[0])


def holds(rows: Sequence[AuditEntry]) -> bool:
    """True when a subject's rows, oldest first, are all there and as they were written."""
    previous = GENESIS
    for number, row in enumerate(rows, 1):
        if (row.seq, row.previous_hash, row.hash) != (number, previous, digest(row)):
            return False
        previous = row.hash
    return True


_NEWEST = (
    select(AuditEntry)
    .where(AuditEntry.subject == sa.bindparam("subject"))
    .order_by(col(AuditEntry.seq).desc())
    .limit(1)
)


def booking(appointment_id: int) -> str:
    """The subject of one booking's chain: its appointment, payment and refunds together."""
    return f"appointment:{appointment_id}"


def begins(tx: Session, subject: str) -> None:
    """Say that the subject was made in this transaction, so that its chain is not looked for."""
    tx.info[AUDIT, subject] = None


def _last(tx: Session, subject: str) -> AuditEntry | None:
    if (AUDIT, subject) in tx.info:
        found: AuditEntry | None = tx.info[AUDIT, subject]
        return found
    return tx.exec(_NEWEST, params={"subject": subject}).first()


def note(
    tx: Session,
    appointment_id: int,
    action: Action,
    *,
    actor: str,
    now: datetime,
    **change: Unpack[Change],
) -> AuditEntry:
    """Add one row to a booking's chain, in the caller's transaction."""
    return record(tx, booking(appointment_id), action, actor=actor, now=now, **change)


def record(
    tx: Session,
    subject: str,
    action: str,
    *,
    actor: str,
    now: datetime,
    before: str = "",
    after: str = "",
    reason: Reason = "",
) -> AuditEntry:
    """Add one row to the subject's chain, in the caller's transaction."""
    last = _last(tx, subject)
    cause = reason if isinstance(reason, Cause) else None
    entry = AuditEntry(
        subject=subject,
        seq=last.seq + 1 if last else 1,
        at=now.replace(microsecond=0),
        actor=actor,
        action=action,
        before=before,
        after=after,
        reason=(cause.words if cause else reason)[:400],
        cause=cause,
        previous_hash=last.hash if last else GENESIS,
        hash="",
    )
    entry.hash = digest(entry)
    tx.add(entry)
    tx.info[AUDIT, subject] = entry  # the predecessor of this transaction's next row
    return entry


def trail(tx: Session, subject: str) -> list[AuditEntry]:
    """The subject's rows, oldest first."""
    return list(
        tx.exec(select(AuditEntry).where(AuditEntry.subject == subject).order_by(col(AuditEntry.seq))).all()
    )
