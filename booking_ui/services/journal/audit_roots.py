"""Roots: once a minute one value over the lengths and heads of all chains, so that none can vanish or go back in time.

A root covers the root before it and one leaf for each chain that changed since. It is written apart from bookings: one
row that every booking had to change would make all of them wait for each other. Until the next root, a chain written less
than a minute ago can be taken away together with its booking, unseen.

The newest root leaves the machine once a day, to the log and by mail. Whoever holds one can prove that the database is not
older than it, and that nothing which it covers was changed since: `python -m booking_ui audit verify --root VALUE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, delete, select

from booking_ui.db import locks
from booking_ui.db.models import AuditChain, AuditEntry, AuditLeaf, AuditRoot
from booking_ui.db.session import read, write
from booking_ui.domain.clock import iso
from booking_ui.services.journal import audit, audit_keys
from booking_ui.services.journal.audit_keys import keyed, same

log = structlog.get_logger()

BATCH = 2000
_CHANGED = select(AuditChain).where(col(AuditChain.length) != col(AuditChain.rooted_length))


def value(root: AuditRoot, leaves: Iterable[Sequence[object]]) -> str:
    """The keyed hash of a root; its leaves are (subject, length, head), in the order of their subjects."""
    known = ["root", root.key_id, root.number, iso(root.at), root.previous]
    return keyed(root.key_id, [*known, [list(leaf) for leaf in leaves]])


def name(root: AuditRoot | None) -> str:
    """A root as it leaves the machine: its number and its value. Empty when there is none yet."""
    return f"{root.number}-{root.value}" if root else ""


def is_name(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,9}-[0-9a-f]{64}", text))


def newest(tx: Session) -> AuditRoot | None:
    return tx.exec(select(AuditRoot).order_by(col(AuditRoot.number).desc()).limit(1)).first()


def newest_name() -> str:
    with read() as tx:
        return name(newest(tx))


def extend(*, now: datetime) -> int:
    """Write roots until they cover every chain as it is now; returns the number of chains that had changed.

    A chain whose own seal is wrong is left out: what covered it before still tells of it.
    """
    with read() as tx:
        if tx.exec(_CHANGED.limit(1)).first() is None:
            return 0
    total, last = 0, ""
    while True:
        with write() as tx:
            locks.audit_roots(tx)
            changed = tx.exec(
                _CHANGED.where(AuditChain.subject > last)
                .order_by(col(AuditChain.subject))
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).all()
            total += _cover(tx, changed, now)
        if len(changed) < BATCH:
            return total
        last = changed[-1].subject


def _cover(tx: Session, changed: Sequence[AuditChain], now: datetime) -> int:
    sound = [one for one in changed if same(one.seal, audit.seal(one))]
    if len(sound) < len(changed):
        log.error("audit.unsealed", chains=len(changed) - len(sound))
    _add(tx, [(one.subject, one.length, one.head) for one in sound], now)
    for one in sound:
        one.rooted_length = one.length
    tx.add_all(sound)
    return len(sound)


def _add(tx: Session, leaves: Sequence[tuple[str, int, str]], now: datetime) -> None:
    """Write the next root; the caller holds the lock of the roots."""
    if not leaves:
        return
    last = newest(tx)
    root = AuditRoot(
        number=last.number + 1 if last else 1,
        at=now.replace(microsecond=0),
        previous=last.value if last else audit.GENESIS,
        key_id=audit_keys.keys().newest,
        value="",
    )
    leaves = sorted(leaves)
    root.value = value(root, leaves)
    tx.add(root)
    tx.flush()  # its leaves name it
    tx.execute(
        sa.insert(AuditLeaf),
        [
            {"root_number": root.number, "subject": subject, "length": length, "head": head}
            for subject, length, head in leaves
        ],
    )


def remove(tx: Session, subjects: Iterable[str], now: datetime) -> int:
    """Remove whole chains whose time is over, and say so in a root; returns the number of rows that are gone."""
    wanted = sorted(set(subjects))
    if not wanted:
        return 0
    locks.audit_roots(tx)
    tx.flush()
    gone = tx.execute(delete(AuditEntry).where(col(AuditEntry.subject).in_(wanted)))
    tx.execute(delete(AuditChain).where(col(AuditChain.subject).in_(wanted)))
    _add(tx, [(subject, 0, "") for subject in wanted], now)
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE counts its rows
