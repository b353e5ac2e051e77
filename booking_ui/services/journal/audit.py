"""The trail: one row for every change, each subject's rows chained by hashes that need a key.

Nobody who can write to the database alone can add, change or reorder a row unseen, and the chain's own row (`AuditChain`)
holds its length and its last hash under the key, so none can be taken from its end. Roots (`audit_roots`) say which
chains there are. The caller holds the subject's row lock, so `seq` has no rival.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa
from sqlalchemy import Row
from sqlmodel import Session, col, func, select

from booking_ui.db.models import AuditChain, AuditEntry
from booking_ui.domain.causes import Cause, Reason
from booking_ui.domain.clock import iso
from booking_ui.services.journal import audit_keys
from booking_ui.services.journal.audit_keys import keyed, same

GENESIS = "0" * 64
AUDIT = "audit"


class Change(TypedDict, total=False):
    """The parts of a row that not every action has."""

    before: str
    after: str
    reason: Reason
    facts: str


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
    REFUND_AT_RAZORPAY = "refund_at_razorpay"  # after is its status, which has not changed
    # Of something else.
    CASE = "case"
    REPLAY = "replay"
    SENT_AGAIN = "sent_again"  # a mail, by the desk
    SIGNATURE = "signature"
    RETENTION = "retention"
    DEPENDENT = "dependent"
    DOCTOR_ADDED = "doctor_added"
    ROLE = "role"  # before and after are roles
    PASSWORD_SET = "password_set"  # noqa: S105 - the name of an action
    SIGNED_IN = "signed_in"


FACTS = (
    "key_id", "subject", "seq", "at", "actor", "action", "before", "after", "reason", "cause", "facts", "previous_hash",
)  # fmt: skip


def digest(entry: AuditEntry | Row[Any]) -> str:
    """The keyed hash of everything in a row and of its predecessor's hash; empty when its key is not known."""
    facts = [getattr(entry, name) for name in FACTS]
    facts[FACTS.index("at")] = iso(entry.at)
    return keyed(entry.key_id, ["entry", *facts])


def seal(chain: AuditChain) -> str:
    """The keyed hash of a chain's length and head; empty when its key is not known."""
    return keyed(chain.key_id, ["chain", chain.key_id, chain.subject, chain.length, chain.head, chain.broken])


def slot_fact(starts_at: datetime, slot_id: int) -> str:
    """2026-11-24T05:00:00Z slot:412."""
    return f"{iso(starts_at)} slot:{slot_id}"


def slot_instant(fact: str) -> datetime:
    """The instant in a slot fact."""
    return datetime.fromisoformat(fact.partition(" ")[0])


def holds(rows: Sequence[AuditEntry]) -> bool:
    """True when a subject's rows, oldest first, follow each other from the first on and are as they were written."""
    previous = GENESIS
    for number, row in enumerate(rows, 1):
        in_place = (row.seq, row.previous_hash) == (number, previous)
        if not (in_place and same(row.hash, digest(row))):
            return False
        previous = row.hash
    return True


def is_whole(rows: Sequence[AuditEntry], chain: AuditChain | None) -> bool:
    """True when the rows hold and are all that the chain had."""
    if chain is None or chain.broken or not same(chain.seal, seal(chain)):
        return False
    return holds(rows) and (len(rows), rows[-1].hash if rows else GENESIS) == (chain.length, chain.head)


def booking(appointment_id: int) -> str:
    """The subject of one booking's chain: its appointment, payment and refunds together."""
    return f"appointment:{appointment_id}"


def begins(tx: Session, subject: str) -> None:
    """Say that the subject was made in this transaction, so that its chain is not looked for."""
    tx.info[AUDIT, subject] = _new_chain(subject)


def _new_chain(subject: str, length: int = 0, head: str = GENESIS, broken: str = "") -> AuditChain:
    return AuditChain(subject=subject, length=length, head=head, broken=broken, key_id="", seal="")


_CHAIN = select(
    AuditChain,
    select(func.max(AuditEntry.seq))
    .where(col(AuditEntry.subject) == sa.bindparam("subject"))
    .scalar_subquery(),
).where(AuditChain.subject == sa.bindparam("subject"))
_NEWEST = (
    select(AuditEntry.seq, AuditEntry.hash)
    .where(AuditEntry.subject == sa.bindparam("subject"))
    .order_by(col(AuditEntry.seq).desc())
    .limit(1)
)


def _chain(tx: Session, subject: str) -> AuditChain:
    """The subject's chain, to be added to. Damage does not stop the clinic; it is written into the chain for good."""
    if (AUDIT, subject) not in tx.info:
        found = tx.exec(
            _CHAIN, params={"subject": subject}, execution_options={"populate_existing": True}
        ).first()
        tx.info[AUDIT, subject] = _checked(*found) if found else _found_anew(tx, subject)
    chain: AuditChain = tx.info[AUDIT, subject]
    return chain


def _found_anew(tx: Session, subject: str) -> AuditChain:
    newest = tx.exec(_NEWEST, params={"subject": subject}).first()
    if newest is None:
        return _new_chain(subject)
    return _new_chain(subject, *newest, broken=f"its length and head were gone after row {newest[0]}")


def _checked(chain: AuditChain, last: int | None) -> AuditChain:
    last = last or 0
    if not chain.broken:
        # With a key that this process does not know it can't be judged here; `audit_proof` says so.
        if audit_keys.is_known(chain.key_id) and not same(chain.seal, seal(chain)):
            chain.broken = f"its length and head were not the clinic's after row {last}"
        elif last > chain.length:
            chain.broken = f"rows were added behind row {chain.length}"
    chain.length = max(chain.length, last)  # the next row needs a free place
    return chain


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
    facts: str = "",
) -> AuditEntry:
    """Add one row to the subject's chain, in the caller's transaction."""
    chain = _chain(tx, subject)
    cause = reason if isinstance(reason, Cause) else None
    entry = AuditEntry(
        subject=subject,
        seq=chain.length + 1,
        at=now.replace(microsecond=0),
        actor=actor,
        action=action,
        before=before,
        after=after,
        reason=(cause.words if cause else reason)[:400],
        cause=cause,
        facts=facts,
        key_id=audit_keys.keys().newest,
        previous_hash=chain.head,
        hash="",
    )
    entry.hash = digest(entry)
    chain.length, chain.head, chain.key_id = entry.seq, entry.hash, entry.key_id
    chain.seal = seal(chain)
    tx.add_all([entry, chain])
    return entry


def trail(tx: Session, subject: str) -> list[AuditEntry]:
    """The subject's rows, oldest first."""
    return list(
        tx.exec(select(AuditEntry).where(AuditEntry.subject == subject).order_by(col(AuditEntry.seq))).all()
    )
