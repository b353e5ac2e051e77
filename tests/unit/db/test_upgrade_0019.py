"""Revision 0019: messages, mails and refunds of before come from no request that is known, there and back."""

from __future__ import annotations

import sqlalchemy as sa

from booking_ui.db.session import database, read
from booking_ui.services.booking import claim
from booking_ui.services.desk.refund import refund
from booking_ui.services.journal import request_ids
from tests.support.cast import NOW, Cast
from tests.support.databases import to_revision
from tests.support.paying import paid_at_the_desk
from tests.support.webhooks import body, deliver

TABLES = ("webhook_event", "notification", "refund")


def known() -> list[set[object]]:
    with read() as tx:
        return [set(tx.execute(sa.text(f"SELECT request_id FROM {table}")).scalars()) for table in TABLES]


def test_rows_of_before_have_no_request_and_stay(cast: Cast) -> None:
    with request_ids.known_by("proxy-0001"):
        visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
        paid_at_the_desk(cast, visit)
        refund(admin=cast.devi, appointment_id=visit, amount_paise=100, reason="waited", now=NOW)
        deliver(body("payment.captured"))
    assert known() == [{"proxy-0001"}] * 3
    address = database().url
    to_revision(address, "downgrade", "0018")
    to_revision(address, "upgrade", "0019")
    assert known() == [{None}] * 3
