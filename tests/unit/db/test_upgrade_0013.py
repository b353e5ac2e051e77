"""Revision 0013: a mail that was given up before it becomes a case of the desk, and is none on the way back."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import col, update

from booking_ui.db.models import DeliveryStatus, Notification
from booking_ui.db.session import database, read, write
from booking_ui.services.booking import claim
from booking_ui.services.mail import outbox
from tests.support.cast import NOW, Cast
from tests.support.databases import to_revision


def cases() -> list[tuple[str, str, str]]:
    with read() as tx:
        rows = tx.execute(sa.text("SELECT kind, subject, detail FROM reconciliation_case"))
        return [(row.kind, row.subject, row.detail) for row in rows]


def test_a_mail_that_was_given_up_becomes_a_case(cast: Cast) -> None:
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    parked = {"status": DeliveryStatus.PARKED, "next_attempt_at": None, "last_error": "SMTPSenderRefused 553"}
    with write() as tx:
        outbox.add_visit_message(tx, appointment_id=visit, kind="refunded", now=NOW)
        outbox.add_visit_message(tx, appointment_id=visit, kind="slot_lost", now=NOW)
        tx.flush()
        tx.exec(update(Notification).where(col(Notification.kind) == "refunded").values(**parked))
    address = database().url
    to_revision(address, "downgrade", "0012")
    assert cases() == []
    to_revision(address, "upgrade", "0013")
    assert cases() == [("mail_parked", "mail:1", "refunded: SMTPSenderRefused 553")]
    to_revision(address, "downgrade", "0012")
    assert cases() == []
