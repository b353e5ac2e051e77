"""Revision 0016: audit rows get hashes with a key; a chain that was broken before stays broken, there and back."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from sqlmodel import col, select

from booking_ui.db.models import AuditEntry
from booking_ui.db.session import database, read
from booking_ui.domain.clock import iso
from booking_ui.services.booking import claim
from booking_ui.services.desk.refund import refund
from booking_ui.services.journal import audit_roots
from booking_ui.services.upkeep import invariants
from tests.support.cast import NOW, Cast
from tests.support.databases import to_revision
from tests.support.paying import paid_at_the_desk

PLAIN = ("subject", "seq", "at", "actor", "action", "before", "after", "reason", "previous_hash")


def faults() -> list[str]:
    counts = invariants.count(now=NOW, only=invariants.AUDIT)
    return [f"{one.subject}: {one.fault}" for count in counts for one in count.violations]


def hashes() -> list[str]:
    with read() as tx:
        return list(tx.execute(sa.text("SELECT hash FROM audit_entry ORDER BY subject, seq")).scalars())


def plain_hashes() -> list[str]:
    """The hashes that the version of before would have written."""
    columns = [getattr(AuditEntry, name) for name in PLAIN]
    with read() as tx:
        rows = tx.execute(sa.select(*columns).order_by(col(AuditEntry.subject), col(AuditEntry.seq))).all()
    facts = [
        [iso(value) if name == "at" else value for name, value in zip(PLAIN, row, strict=True)]
        for row in rows
    ]
    return [hashlib.sha256(json.dumps(one).encode()).hexdigest() for one in facts]


def booked(cast: Cast) -> None:
    """Two bookings: one paid and partly refunded at the desk, one held."""
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, visit)
    refund(admin=cast.devi, appointment_id=visit, amount_paise=100, reason="waited", now=NOW)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    audit_roots.extend(now=NOW)


def execute(statement: str) -> None:
    with database().engine.begin() as tx:
        tx.execute(sa.text(statement))


def test_chains_get_keys_and_give_them_back(cast: Cast) -> None:
    booked(cast)
    address = database().url
    keyed = hashes()
    assert faults() == []
    to_revision(address, "downgrade", "0015")
    assert hashes() == plain_hashes() != keyed
    to_revision(address, "upgrade", "head")
    assert faults() == []
    assert hashes() != plain_hashes()
    assert audit_roots.extend(now=NOW) == 3
    execute("UPDATE refund SET amount_paise = 200")
    execute("UPDATE payment SET mark_reason = 'by card' WHERE appointment_id = 1")
    assert len(faults()) == 2


def test_staff_of_before_get_the_role_that_they_have(cast: Cast) -> None:
    address = database().url
    to_revision(address, "downgrade", "0015")
    execute("DELETE FROM audit_entry")
    to_revision(address, "upgrade", "head")
    with read() as tx:
        rows = tx.exec(select(AuditEntry)).all()
    assert [(row.subject, row.actor, row.after) for row in rows] == [("person:3", "system:upgrade", "admin")]
    assert faults() == []


def test_a_chain_that_was_broken_before_stays_broken_there_and_back(cast: Cast) -> None:
    booked(cast)
    address = database().url
    to_revision(address, "downgrade", "0015")
    execute("UPDATE audit_entry SET reason = 'forged' WHERE subject = 'appointment:1' AND seq = 2")
    before = hashes()
    to_revision(address, "upgrade", "head")
    assert "appointment:1: row 2 had been changed when the chain got its key" in faults()
    assert {one.partition(": ")[0] for one in faults()} == {"appointment:1"}
    to_revision(address, "downgrade", "0015")
    assert hashes() == before
    to_revision(address, "upgrade", "head")
    assert "appointment:1: row 2 had been changed when the chain got its key" in faults()
