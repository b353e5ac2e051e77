"""The proof of the audit, as far as it needs keys: rows, seals of chains, and roots are hashed again.

What can be told by comparing columns is counted in SQL, by promises 5 and 10 (`upkeep/invariants.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.db.models import AuditChain, AuditEntry, AuditLeaf, AuditRoot
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.services.journal import audit, audit_keys, audit_roots
from booking_ui.services.journal.audit_keys import same

AT_ONCE = 10_000
EVERYTHING: tuple[tuple[int, int | None], ...] = ((0, None),)

Fault = tuple[str, Remark]
"""The subject, and what is wrong with it."""


@dataclass(frozen=True)
class Scope:
    """The part that is hashed again: rows within spans of ids (after, up to), and roots after a number.

    `seen` is a root (`audit_roots.name`) that left the machine or that this process saw: it must still be there.
    """

    spans: tuple[tuple[int, int | None], ...] = EVERYTHING
    roots_after: int = 0
    seen: str = ""

    @property
    def whole(self) -> bool:
        return self.spans == EVERYTHING


ALL = Scope()


def changed_rows(tx: Session, scope: Scope) -> Iterator[Fault]:
    """Rows whose content differs from what was hashed."""
    # Plain columns: a million objects would cost a minute.
    columns = [getattr(AuditEntry, name) for name in (*audit.FACTS, "hash")]
    # As it was hashed: a remark in its stored form.
    columns[audit.REASON] = sa.type_coerce(AuditEntry.reason, sa.String).label("reason")
    unknown = Counter[str]()
    for query in _within(sa.select(*columns), scope):
        for row in tx.execute(query.execution_options(yield_per=AT_ONCE)):
            if row.key_id and not audit_keys.is_known(row.key_id):
                unknown[row.key_id] += 1
            elif not same(row.hash, audit.digest_of(list(row[:-1]))):  # by place: by name costs twice as much
                yield (
                    str(row.subject),
                    Remark(RemarkCode.ROW_CHANGED if row.key_id else RemarkCode.ROW_UNKEYED, number=row.seq),
                )
    yield from _of_other_keys(unknown, RemarkCode.ROWS_OF_OTHER_KEY)


def broken_seals(tx: Session, scope: Scope) -> Iterator[Fault]:
    """Chains whose length or head is not the clinic's: all of them, or those of the rows in scope."""
    query: Any = sa.select(AuditChain)
    if not scope.whole:
        rows = [each.with_only_columns(AuditEntry.subject) for each in _within(sa.select(AuditEntry), scope)]
        query = query.where(col(AuditChain.subject).in_(sa.union(*rows)))
    unknown = Counter[str]()
    for chain in tx.execute(query.execution_options(yield_per=AT_ONCE)).scalars():
        if not audit_keys.is_known(chain.key_id):
            unknown[chain.key_id] += 1
        elif not same(chain.seal, audit.seal(chain)):
            yield chain.subject, Remark(RemarkCode.HEAD_CHANGED)
    yield from _of_other_keys(unknown, RemarkCode.CHAINS_OF_OTHER_KEY)


def broken_roots(tx: Session, scope: Scope) -> Iterator[Fault]:
    """Roots that do not cover what they covered, or that are gone."""
    yield from _not_there(tx, scope.seen)
    previous = tx.get(AuditRoot, scope.roots_after) if scope.roots_after else None
    leaves = _leaves(tx, scope.roots_after)
    unknown = Counter[str]()
    for root in tx.exec(
        select(AuditRoot).where(AuditRoot.number > scope.roots_after).order_by(col(AuditRoot.number))
    ).all():
        found = leaves.pop(root.number, [])
        number, before = (previous.number, previous.value) if previous else (0, audit.GENESIS)
        if not audit_keys.is_known(root.key_id):
            unknown[root.key_id] += 1
        elif (root.number, root.previous) != (number + 1, before):
            yield f"root:{root.number}", Remark(RemarkCode.ROOT_APART, root=number)
        elif not same(root.value, audit_roots.value(root, found)):
            yield f"root:{root.number}", Remark(RemarkCode.ROOT_CHANGED)
        previous = root
    yield from ((f"root:{number}", Remark(RemarkCode.ROOT_GONE)) for number in leaves)
    yield from _of_other_keys(unknown, RemarkCode.ROOTS_OF_OTHER_KEY)


def _not_there(tx: Session, seen: str) -> Iterator[Fault]:
    if not seen:
        return
    number, _, value = seen.partition("-")
    root = tx.get(AuditRoot, int(number))
    if root is None:
        yield f"root:{number}", Remark(RemarkCode.ROOT_UNSEEN)
    elif not same(root.value, value):
        yield f"root:{number}", Remark(RemarkCode.ROOT_ANEW)


def _leaves(tx: Session, after: int) -> dict[int, list[tuple[str, int, str]]]:
    columns = (AuditLeaf.root_number, AuditLeaf.subject, AuditLeaf.length, AuditLeaf.head)
    found = tx.execute(
        sa.select(*columns).where(col(AuditLeaf.root_number) > after).order_by(col(AuditLeaf.root_number))  # type: ignore[call-overload]  # columns, whatever the stubs say
    )
    # By Python's order, as they were hashed: databases sort by their own.
    return {
        number: sorted((str(subject), int(length), str(head)) for _, subject, length, head in some)
        for number, some in groupby(found, key=lambda row: int(row[0]))
    }


def _within(query: Any, scope: Scope) -> Iterator[Any]:
    for after, up_to in scope.spans:
        since = query.where(col(AuditEntry.id) > after)
        yield since if up_to is None else since.where(col(AuditEntry.id) <= up_to)


def _of_other_keys(unknown: Counter[str], code: RemarkCode) -> Iterator[Fault]:
    for key_id, count in unknown.items():
        yield "audit", Remark(code, count=count, key=key_id)
