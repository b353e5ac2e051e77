"""A memory of what was read, good until anybody commits anything.

Every answer first asks the database for its stamp, which every commit of every process changes: an entry made under an
equal stamp is still the truth, so no write has to remember to invalidate anything. Price: one tiny query an answer, and
a busy clinic keeps little.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlmodel import Session

from booking_ui.db.session import Database, Stamp, database

T = TypeVar("T")

MOST = 512  # entries of one stamp; searches are typed by strangers
_STAMP = "stamp"


@dataclass
class _Kept:
    stamp: Stamp | None = None
    entries: dict[Hashable, Any] = field(default_factory=dict)


_kept: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()
_guard = Lock()


def remembered(tx: Session, key: Hashable, load: Callable[[], T]) -> T:
    """The answer of `load()`, from memory while nothing was committed since.

    `tx` must not have written what `load` reads: what a writer sees before its commit is nobody else's truth.
    """
    return remembered_while(tx, key, lambda _: load(), lambda _: True)


def remembered_while(tx: Session, key: Hashable, load: Callable[[Stamp], T], fits: Callable[[T], bool]) -> T:
    """`remembered`, for an answer that is good only while it `fits`; `load` is told the stamp it reads under."""
    # Once a transaction: what it reads afterwards is never older.
    stamp: Stamp = tx.info.get(_STAMP) or tx.info.setdefault(_STAMP, database().stamp(tx))
    with _guard:
        kept = _kept.setdefault(database(), _Kept())
        if kept.stamp != stamp or len(kept.entries) > MOST:
            kept.stamp, kept.entries = stamp, {}
        entries = kept.entries
        if key in entries and fits(found := entries[key]):
            hit: T = found
            return hit
    # Read after the stamp was taken, so never older than it; kept only among entries of that very stamp.
    value = load(stamp)
    with _guard:
        entries[key] = value
    return value
