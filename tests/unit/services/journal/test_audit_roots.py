"""Roots cover every chain, say so when one is removed in good order, and outlive a change of SECRET_KEY."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import AuditChain, AuditLeaf, AuditRoot
from booking_ui.db.session import read, write
from booking_ui.services.journal import audit, audit_roots
from booking_ui.services.upkeep import invariants
from tests.support.cast import NOW

pytestmark = pytest.mark.usefixtures("db")
OLD, NEW = "o" * 40, "n" * 40


def noted(*subjects: str) -> None:
    with write() as tx:
        for subject in subjects:
            audit.record(tx, subject, "changed", actor="worker", now=NOW)


def faults() -> list[str]:
    counts = invariants.count(now=NOW, only=invariants.AUDIT)
    return [f"{one.subject}: {one.fault}" for count in counts for one in count.violations]


def leaves() -> list[tuple[int, str, int]]:
    with read() as tx:
        query = select(AuditLeaf.root_number, AuditLeaf.subject, AuditLeaf.length)
        return sorted((number, subject, length) for number, subject, length in tx.exec(query).all())


def test_a_root_has_a_leaf_for_each_chain_that_changed_since_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit_roots, "BATCH", 2)
    noted("doctor:1", "doctor:2", "doctor:3")
    assert audit_roots.extend(now=NOW) == 3
    assert audit_roots.extend(now=NOW) == 0
    noted("doctor:2")
    assert audit_roots.extend(now=NOW + timedelta(minutes=1)) == 1
    assert leaves() == [(1, "doctor:1", 1), (1, "doctor:2", 1), (2, "doctor:3", 1), (3, "doctor:2", 2)]
    assert audit_roots.is_name(audit_roots.newest_name())
    assert faults() == []


def test_a_chain_removed_in_good_order_is_not_missed_and_may_begin_again() -> None:
    noted("doctor:1", "doctor:2")
    audit_roots.extend(now=NOW)
    with write() as tx:
        assert audit_roots.remove(tx, ["doctor:1"], NOW) == 1
    assert faults() == []
    noted("doctor:1")
    audit_roots.extend(now=NOW)
    assert leaves()[2:] == [(2, "doctor:1", 0), (3, "doctor:1", 1)]
    assert faults() == []


def test_a_chain_whose_seal_is_wrong_gets_no_root() -> None:
    noted("doctor:1")
    with write() as tx:
        tx.get_one(AuditChain, "doctor:1").seal = "0" * 64
    assert audit_roots.extend(now=NOW) == 0
    with read() as tx:
        assert tx.exec(select(AuditRoot)).all() == []


def test_another_secret_key_needs_the_former_one(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("SECRET_KEY", OLD)
    settings.cache_clear()
    noted("doctor:1")
    audit_roots.extend(now=NOW)
    configured.setenv("SECRET_KEY", NEW)
    settings.cache_clear()
    assert [fault.partition(" need")[0] for fault in faults()] == [
        "audit: 1 rows", "audit: 1 chains", "audit: 1 roots",
    ]  # fmt: skip
    configured.setenv("SECRET_KEY_PREVIOUS", OLD)
    settings.cache_clear()
    noted("doctor:1")
    audit_roots.extend(now=NOW)
    assert faults() == []
    with read() as tx:
        assert len({row.key_id for row in audit.trail(tx, "doctor:1")}) == 2
