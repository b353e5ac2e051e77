"""Revision 0012: refunds of kept money and closed days are values, and become the nearest older ones on the way back."""

from __future__ import annotations

import sqlalchemy as sa

from booking_ui.db.session import database, read
from booking_ui.services.booking import claim
from booking_ui.services.desk.refund import refund
from tests.support.cast import NOW, Cast
from tests.support.databases import to_revision
from tests.support.paying import paid_at_the_desk

VALUES = (
    "SELECT origin FROM refund",
    "SELECT status_cause FROM appointment",
    "SELECT DISTINCT cause FROM audit_entry WHERE cause IN ('by_hand', 'desk_refund')",
)


def values() -> list[object]:
    with read() as tx:
        return [tx.execute(sa.text(query)).scalar_one() for query in VALUES]


def test_the_new_values_become_older_ones_and_the_rows_stay(cast: Cast) -> None:
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, visit)
    refund(admin=cast.devi, appointment_id=visit, amount_paise=100, reason="waited", now=NOW)
    address = database().url
    with database().engine.begin() as tx:
        tx.execute(sa.text("UPDATE appointment SET status_cause = 'day_closed'"))
    assert values() == ["desk_refund", "day_closed", "desk_refund"]
    to_revision(address, "downgrade", "0011")
    assert values() == ["by_hand", "hold_expired", "by_hand"]
    to_revision(address, "upgrade", "0012")
    assert values() == ["by_hand", "hold_expired", "by_hand"]
