"""The trail: one row for every change, each subject's rows chained by hashes that need a key.

Nobody who can write to the database alone can add, change or reorder a row unseen, and the chain's own row (`AuditChain`)
holds its length and its last hash under the key, so none can be taken from its end. Roots (`audit_roots`) say which
chains there are. The caller holds the subject's row lock, so `seq` has no rival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa
from sqlalchemy import Row
from sqlmodel import Session, col, select

from booking_ui.db.models import AuditChain, AuditEntry
from booking_ui.db.session import before_commit
from booking_ui.domain import remarks
from booking_ui.domain.causes import Cause, Reason
from booking_ui.domain.clock import iso
from booking_ui.services.journal import audit_keys
from booking_ui.services.journal.audit_keys import keyed, same

GENESIS = "0" * 64
AUDIT = "audit"
REASON_LETTERS = 400  # of the column


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
    RETAINED = "retained"  # before and after are paise
    LET_GO = "let_go"  # of a booking that failed already: its status stays
    BOOKED_FOR = (
        "booked_for"  # the first row of a booking that the desk made: after is the patient as an actor
    )
    FOR_WHOM = "for"
    REASON_CHANGED = "reason_changed"  # never what it says
    LINKS_ENDED = "links_ended"  # those of messages that show the visit without signing in
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


AT, REASON = FACTS.index("at"), FACTS.index("reason")


def digest(entry: AuditEntry) -> str:
    """The keyed hash of everything in a row and of its predecessor's hash; empty when its key is not known."""
    facts = [getattr(entry, name) for name in FACTS]
    facts[REASON] = remarks.stored(facts[REASON])
    return digest_of(facts)


def digest_of(facts: list[Any]) -> str:
    """`digest` of the values of FACTS, in their order, as the database has them."""
    return keyed(facts[0], ["entry", *facts[:AT], iso(facts[AT]), *facts[AT + 1 :]])


def seal(chain: AuditChain | Row[Any] | _Chain) -> str:
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


@dataclass
class _Chain:
    """A chain in the transaction that adds to it; its row is written once, before the commit."""

    subject: str
    length: int = 0
    head: str = GENESIS
    broken: str = ""
    key_id: str = ""
    stored: bool = False


def begins(tx: Session, subject: str) -> None:
    """Say that the subject was made in this transaction, so that its chain is not looked for."""
    _keep(tx, _Chain(subject))


def _keep(tx: Session, chain: _Chain) -> _Chain:
    tx.info[AUDIT, chain.subject] = chain
    before_commit(tx, lambda: _store(tx, chain))
    return chain


# Plain statements, built once: as an object of the session the row would cost a claim three times as much.
_TABLE: Any = sa.inspect(AuditChain).local_table
_INSERT = sa.insert(_TABLE)
_UPDATE = (
    sa.update(_TABLE)
    .where(_TABLE.c.subject == sa.bindparam("of"))
    .values({name: sa.bindparam(name) for name in ("length", "head", "broken", "key_id", "seal")})
)


def _store(tx: Session, chain: _Chain) -> None:
    if not chain.length:
        return
    chain.key_id = audit_keys.keys().newest
    end = {"length": chain.length, "head": chain.head, "broken": chain.broken, "key_id": chain.key_id}
    row = {**end, "seal": seal(chain), "of" if chain.stored else "subject": chain.subject}
    tx.connection().execute(_UPDATE if chain.stored else _INSERT, row)


_CHAIN = sa.select(
    *(_TABLE.c[name] for name in ("subject", "length", "head", "broken", "key_id", "seal")),
    sa.select(sa.func.max(col(AuditEntry.seq)))
    .where(col(AuditEntry.subject) == sa.bindparam("of"))
    .scalar_subquery()
    .label("last"),
).where(_TABLE.c.subject == sa.bindparam("of"))
_NEWEST = (
    sa.select(col(AuditEntry.seq), col(AuditEntry.hash))
    .where(col(AuditEntry.subject) == sa.bindparam("of"))
    .order_by(col(AuditEntry.seq).desc())
    .limit(1)
)


def _chain(tx: Session, subject: str) -> _Chain:
    """The subject's chain, to be added to. Damage does not stop the clinic; it is written into the chain for good."""
    if (AUDIT, subject) not in tx.info:
        found = tx.connection().execute(_CHAIN, {"of": subject}).first()
        _keep(tx, _checked(found) if found else _found_anew(tx, subject))
    chain: _Chain = tx.info[AUDIT, subject]
    return chain


def _found_anew(tx: Session, subject: str) -> _Chain:
    newest = tx.connection().execute(_NEWEST, {"of": subject}).first()
    if newest is None:
        return _Chain(subject)
    return _Chain(subject, *newest, broken=f"its length and head were gone after row {newest[0]}")


def _checked(row: Any) -> _Chain:
    last, broken = row.last or 0, row.broken
    if not broken:
        # With a key that this process does not know it can't be judged here; `audit_proof` says so.
        if audit_keys.is_known(row.key_id) and not same(row.seal, seal(row)):
            broken = f"its length and head were not the clinic's after row {last}"
        elif last > row.length:
            broken = f"rows were added behind row {row.length}"
    # The next row needs a free place.
    return _Chain(row.subject, max(row.length, last), row.head, broken, row.key_id, stored=True)


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
        reason=remarks.fitted(cause.words if cause else reason, REASON_LETTERS),
        cause=cause,
        facts=facts,
        key_id=audit_keys.keys().newest,
        previous_hash=chain.head,
        hash="",
    )
    entry.hash = digest(entry)
    chain.length, chain.head = entry.seq, entry.hash
    tx.add(entry)
    return entry


def trail(tx: Session, subject: str) -> list[AuditEntry]:
    """The subject's rows, oldest first."""
    return list(
        tx.exec(select(AuditEntry).where(AuditEntry.subject == subject).order_by(col(AuditEntry.seq))).all()
    )
