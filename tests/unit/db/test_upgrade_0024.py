"""Revision 0024: messages of before went by mail; on the way back those to telephones go, with their cases."""

from __future__ import annotations

import sqlalchemy as sa

from booking_ui.db.models import DeliveryStatus, Notification
from booking_ui.db.session import database, read, write
from booking_ui.domain.channel import Channel
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.services.booking import claim
from booking_ui.services.mail import outbox
from tests.support.cast import NOW, Cast
from tests.support.databases import to_revision
from tests.support.phones import proven


def found(query: str) -> list[object]:
    with read() as tx:
        return list(tx.execute(sa.text(query)).scalars())


def test_messages_of_before_are_mails_and_texts_do_not_go_back(cast: Cast) -> None:
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    proven(cast.asha, stopped_messages="whatsapp")
    with write() as tx:
        outbox.add_visit_message(tx, appointment_id=visit, kind="refunded", now=NOW, words="Ill.")
        tx.flush()
        for row in tx.scalars(sa.select(Notification)):
            row.status, row.refusal, row.next_attempt_at = DeliveryStatus.PARKED, Refusal.LOST, None
            row.last_error = "ReadTimeout"
        tx.execute(
            sa.text(
                "INSERT INTO reconciliation_case (kind, subject, detail, opened_at, seen_at, closing_note) "
                "SELECT 'mail_parked', 'mail:' || id, 'x', created_at, created_at, '' FROM notification"
            )
        )
    assert found("SELECT channel FROM notification ORDER BY id") == [Channel.MAIL.value, Channel.SMS.value]
    address = database().url
    to_revision(address, "downgrade", "0023")
    assert found("SELECT kind FROM notification") == ["refunded"]
    assert found("SELECT refusal FROM notification") == [None]
    assert found("SELECT COUNT(*) FROM reconciliation_case") == [1]
    to_revision(address, "upgrade", "0024")
    assert found("SELECT channel FROM notification") == ["mail"]
    assert found("SELECT stopped_messages FROM person WHERE name = 'Asha'") == [""]
