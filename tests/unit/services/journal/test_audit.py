"""The trail: each subject's rows form a chain, which shows what was changed or taken out."""

from __future__ import annotations

import hmac
from datetime import timedelta

import pytest
import sqlalchemy as sa

from booking_ui.config.settings import settings
from booking_ui.db.models import AuditEntry
from booking_ui.db.session import read, write
from booking_ui.domain.causes import Cause
from booking_ui.domain.clock import iso
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.services.journal import audit, audit_proof
from booking_ui.services.journal.audit import Action
from tests.support.cast import FIRST_SLOT, NOW
from tests.support.schedule import counted

pytestmark = pytest.mark.usefixtures("db")


def three_rows() -> list[AuditEntry]:
    """A booking's chain, written in two transactions, as values that may be changed."""
    with write() as tx:
        audit.note(tx, 7, Action.APPOINTMENT, actor="patient:1", now=NOW, after="pending_payment")
        audit.note(tx, 7, Action.PAYMENT, actor="worker", now=NOW, before="pending", after="captured")
    with write() as tx:
        audit.note(tx, 7, Action.MOVED, actor="admin:3", now=NOW + timedelta(hours=1), reason="She called")
    return copies("appointment:7")


def copies(subject: str) -> list[AuditEntry]:
    with read() as tx:
        return [AuditEntry(**row.model_dump()) for row in audit.trail(tx, subject)]


def test_each_row_names_the_hash_of_the_one_before() -> None:
    rows = three_rows()
    assert [(row.seq, row.action, row.actor) for row in rows] == [
        (1, "appointment", "patient:1"),
        (2, "payment", "worker"),
        (3, "moved", "admin:3"),
    ]
    assert [row.previous_hash for row in rows] == [audit.GENESIS, rows[0].hash, rows[1].hash]
    assert audit.holds(rows)
    assert audit.holds([])


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("subject", "appointment:8"),
        ("seq", 4),
        ("at", NOW + timedelta(seconds=1)),
        ("actor", "admin:3"),
        ("action", "refund"),
        ("before", "failed"),
        ("after", "failed"),
        ("reason", "as agreed"),
        ("cause", Cause.HOLD_EXPIRED),
        ("facts", "bill 1 INR - - -"),
        ("key_id", "00000000"),
        ("key_id", ""),
        ("previous_hash", audit.GENESIS),
        ("hash", audit.GENESIS),
    ],
)
def test_a_changed_fact_breaks_the_chain(fact: str, value: object) -> None:
    rows = three_rows()
    setattr(rows[1], fact, value)
    assert not audit.holds(rows)


def test_a_row_taken_out_or_put_elsewhere_breaks_the_chain() -> None:
    first, second, third = three_rows()
    assert not audit.holds([second, third])
    assert not audit.holds([first, third])
    assert not audit.holds([second, first, third])


def test_a_hash_is_made_as_it_was_for_the_rows_that_are_stored_already(
    configured: pytest.MonkeyPatch,
) -> None:
    configured.setenv("SECRET_KEY", "k" * 40)
    settings.cache_clear()
    rows = three_rows()
    facts = (
        f'["entry", "3c2f6316", "appointment:7", 3, "2026-01-05T05:30:00Z", "admin:3", "moved", "", "", "She called", '
        f'null, "", "{rows[1].hash}"]'
    )
    extracted = hmac.digest(bytes(32), b"k" * 40, "sha256")
    key = hmac.digest(extracted, b"booking_ui audit, version 1\x01", "sha256")
    assert rows[2].hash == hmac.digest(key, facts.encode(), "sha256").hex() == audit.digest(rows[2])


def test_every_subject_has_a_chain_of_its_own() -> None:
    with write() as tx:
        for subject in ("clinic", "doctor:1", "clinic"):
            audit.record(tx, subject, "changed", actor="admin:3", now=NOW)
    assert [row.seq for row in copies("clinic")] == [1, 2]
    assert [row.previous_hash for row in copies("doctor:1")] == [audit.GENESIS]


def test_a_row_keeps_whole_seconds_the_cause_and_four_hundred_letters_of_its_reason() -> None:
    with write() as tx:
        now = NOW + timedelta(microseconds=123_456)
        audit.record(tx, "clinic", "changed", actor="worker", now=now, reason=Cause.HOLD_EXPIRED)
        audit.record(tx, "clinic", "changed", actor="admin:3", now=now, reason="x" * 401)
    assert [(row.at, row.reason, row.cause) for row in copies("clinic")] == [
        (NOW, "hold expired", Cause.HOLD_EXPIRED),
        (NOW, "x" * 400, None),
    ]
    assert audit.holds(copies("clinic"))


def test_a_remark_is_hashed_as_it_is_stored_so_that_other_words_for_it_change_no_chain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = Remark(RemarkCode.REFUSED, amount=Paise(500_00), reference="AB12CD34", reason="x" * 500)
    with write() as tx:
        audit.record(tx, "clinic", "changed", actor="worker", now=NOW, reason=said)
    monkeypatch.setattr(RemarkCode.REFUSED, "words", "{amount}, refused: {reason}")
    (row,) = copies("clinic")
    assert row.reason.startswith("₹500, refused: xxx")
    assert audit.holds([row])
    with read() as tx:
        assert list(audit_proof.changed_rows(tx, audit_proof.ALL)) == []
    with write() as tx:
        tx.execute(sa.text("UPDATE audit_entry SET reason = REPLACE(reason, '50000', '60000')"))
    assert not audit.holds(copies("clinic"))
    with read() as tx:
        assert list(audit_proof.changed_rows(tx, audit_proof.ALL)) == [("clinic", "row 1 was changed")]


def test_of_a_subject_made_just_now_no_earlier_row_is_looked_for() -> None:
    with counted() as statements, write() as tx:
        audit.begins(tx, "person:1")
        audit.record(tx, "person:1", "registered", actor="person:1", now=NOW)
        audit.record(tx, "person:1", "signed_in", actor="person:1", now=NOW)
    assert [one for one in statements if one.startswith("SELECT")] == []
    assert [row.seq for row in copies("person:1")] == [1, 2]


def test_the_instant_of_a_slot_fact_is_read_back() -> None:
    fact = audit.slot_fact(FIRST_SLOT, 412)
    assert fact == f"{iso(FIRST_SLOT)} slot:412" == "2026-01-06T04:30:00Z slot:412"
    assert audit.slot_instant(fact) == FIRST_SLOT
