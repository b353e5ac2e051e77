"""The proof hashes what it is asked for again, names what differs, and counts what it has no key for."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import select

from booking_ui.db.models import AuditChain, AuditEntry, AuditRoot
from booking_ui.db.session import Database, read, write
from booking_ui.services.journal import audit, audit_proof, audit_roots
from booking_ui.services.journal.audit_proof import ALL, Fault, Scope
from tests.support.cast import NOW


@pytest.fixture(autouse=True)
def two_chains(db: Database) -> None:
    """Rows 1 and 2 of doctor:1, row 3 of doctor:2, and a root over both chains."""
    del db
    for subject in ("doctor:1", "doctor:1", "doctor:2"):
        with write() as tx:
            audit.record(tx, subject, "changed", actor="worker", now=NOW)
    audit_roots.extend(now=NOW)


def change(model: type, **values: object) -> None:
    with write() as tx:
        tx.connection().execute(sa.update(model).values(**values))


def rows(scope: Scope = ALL) -> list[Fault]:
    with read() as tx:
        return list(audit_proof.changed_rows(tx, scope))


def seals(scope: Scope = ALL) -> list[Fault]:
    with read() as tx:
        return list(audit_proof.broken_seals(tx, scope))


def roots(scope: Scope = ALL) -> list[Fault]:
    with read() as tx:
        return list(audit_proof.broken_roots(tx, scope))


def test_an_untouched_audit_has_no_fault() -> None:
    assert (rows(), seals(), roots()) == ([], [], [])


def test_changed_rows_are_named_within_the_spans_that_were_asked_for() -> None:
    change(AuditEntry, actor="admin:9")
    changed = [
        ("doctor:1", "row 1 was changed"),
        ("doctor:1", "row 2 was changed"),
        ("doctor:2", "row 1 was changed"),
    ]
    assert rows() == changed
    assert rows(Scope(spans=((0, 1), (2, None)))) == [changed[0], changed[2]]


def test_a_seal_is_looked_at_for_the_rows_in_scope() -> None:
    change(AuditChain, length=9)
    wrong = "its length and head were changed"
    assert sorted(seals()) == [("doctor:1", wrong), ("doctor:2", wrong)]
    assert seals(Scope(spans=((2, None),))) == [("doctor:2", wrong)]


def test_a_root_that_was_seen_must_still_be_there() -> None:
    name = audit_roots.newest_name()
    assert roots(Scope(seen=name)) == []
    [(subject, fault)] = roots(Scope(seen="2-" + "a" * 64))
    assert (subject, fault[:31]) == ("root:2", "it was seen and is not there: t")
    change(AuditRoot, value="0" * 64)
    assert ("root:1", "it is not the one that was seen: what it covered was written anew") in roots(
        Scope(seen=name)
    )
    assert roots(Scope(roots_after=1)) == []


def test_what_needs_another_key_is_counted_and_not_called_changed() -> None:
    for model in (AuditEntry, AuditChain, AuditRoot):
        change(model, key_id="deadbeef")
    needs = "need the SECRET_KEY of id deadbeef: put it into SECRET_KEY_PREVIOUS"
    assert rows() == [("audit", f"3 rows {needs}")]
    assert seals() == [("audit", f"2 chains {needs}")]
    assert roots() == [("audit", f"1 roots {needs}")]


def test_the_whole_is_told_from_a_part() -> None:
    assert (ALL.whole, Scope(roots_after=1).whole, Scope(spans=((0, 2),)).whole) == (True, True, False)
    with read() as tx:
        assert len(tx.exec(select(AuditRoot)).all()) == 1
