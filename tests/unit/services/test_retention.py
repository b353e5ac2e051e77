"""What is removed when its time is over, what stays, and that the trail still verifies. On both databases."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, col, select, update

from booking_ui.config import settings
from booking_ui.db.models import (
    Appointment,
    AuditEntry,
    Notification,
    OneTimeCode,
    Payment,
    PaymentAttempt,
    SignIn,
    WebhookEvent,
)
from booking_ui.db.session import read, write
from booking_ui.domain.errors import WrongState
from booking_ui.services import accounts, booking, inbox, invariants, notifications, recovery, retention
from tests.unit.cast import NOW, Cast
from tests.unit.services.test_inbox import body, deliver

ORDER = "order_TVCpvdEADkAoMJ"
DAY = timedelta(days=1)


@pytest.fixture
def lived(cast: Cast) -> Cast:
    """A paid visit with its message, a session, a used-up code and their mails."""
    hers = booking.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.appointment_id) == hers.id).values(gateway_order_id=ORDER))
    deliver(body("payment.captured"))
    inbox.process_due(now=NOW)
    accounts.open_session(person_id=cast.asha, now=NOW)
    recovery.ask_code(email="asha@example.com", now=NOW)
    recovery.ask_code(email="nobody@example.com", now=NOW)
    notifications.deliver_due(now=NOW)
    for path in (settings().data_dir / "mail").glob("*.eml"):
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    return cast


def count(table: type[SQLModel]) -> int:
    with read() as tx:
        return tx.exec(select(func.count()).select_from(table)).one()


def kept() -> dict[str, int]:
    tables = (Appointment, Payment, PaymentAttempt, WebhookEvent, Notification, OneTimeCode, SignIn)
    return {str(table.__tablename__): count(table) for table in tables}


def mails() -> int:
    return len(list((settings().data_dir / "mail").glob("*.eml")))


def promises_hold() -> bool:
    return [c.violations for c in invariants.count(now=NOW) if c.number != 4] == [[]] * 7


def test_nothing_is_removed_before_its_time(lived: Cast) -> None:
    before = kept()
    assert retention.sweep(now=NOW + 29 * DAY) == 0
    assert kept() == before


def test_mails_and_codes_go_after_a_month(lived: Cast) -> None:
    assert retention.sweep(now=NOW + 31 * DAY) > 0
    found = kept()
    assert (found["notification"], found["one_time_code"], mails()) == (1, 0, 0)  # the visit's own row stays
    assert promises_hold()


def test_a_session_goes_a_month_after_its_end(lived: Cast) -> None:
    retention.sweep(now=NOW + 59 * DAY)
    assert kept()["sign_in"] == 1
    retention.sweep(now=NOW + 61 * DAY)
    assert kept()["sign_in"] == 0


def test_a_message_loses_its_text_and_stays_known(lived: Cast) -> None:
    retention.sweep(now=NOW + 181 * DAY)
    with read() as tx:
        event = tx.exec(select(WebhookEvent)).one()
    assert (event.body, event.order_id, event.status) == (b"", ORDER, "done")
    assert not deliver(body("payment.captured"))  # the same again is still a repetition
    with pytest.raises(WrongState, match="was removed"):
        inbox.replay(admin=lived.devi, event_row_id=event.id or 0, now=NOW)
    with pytest.raises(WrongState, match="was removed"):
        inbox.dry_run(event_row_id=event.id or 0, now=NOW)
    assert promises_hold()


def test_a_message_that_waits_for_a_person_keeps_its_text(lived: Cast) -> None:
    with write() as tx:
        tx.exec(update(WebhookEvent).values(status="parked"))
    retention.sweep(now=NOW + 1000 * DAY)
    with read() as tx:
        assert tx.exec(select(WebhookEvent)).one().body


def test_a_booking_is_kept_for_seven_years_and_then_goes_whole(lived: Cast) -> None:
    retention.sweep(now=NOW + 7 * 365 * DAY)
    assert (kept()["appointment"], kept()["payment"], kept()["payment_attempt"]) == (1, 1, 1)
    late = NOW + (7 * 366 + 2) * DAY
    retention.sweep(now=late)
    assert kept() == dict.fromkeys(kept(), 0)
    assert promises_hold()
    with read() as tx:
        subjects = set(tx.exec(select(AuditEntry.subject)).all())
    assert not [one for one in subjects if one.startswith("appointment:")]


def test_a_payment_that_is_not_settled_outlives_its_time(lived: Cast) -> None:
    with write() as tx:
        tx.exec(update(Payment).values(status="refund_pending"))
    retention.sweep(now=NOW + 20 * 366 * DAY)
    assert kept()["payment"] == 1


def test_what_was_removed_is_in_the_trail_and_a_second_sweep_finds_nothing(lived: Cast) -> None:
    now = NOW + 31 * DAY
    retention.sweep(now=now)
    assert retention.sweep(now=now) == 0
    with read() as tx:
        rows = tx.exec(select(AuditEntry).where(col(AuditEntry.subject).like("retention:%"))).all()
    assert [(row.actor, row.action) for row in rows] == [("worker", "retention")]
    assert "2 account mails" in rows[0].reason
    assert "@" not in rows[0].reason


def test_more_than_one_batch_is_swept_at_once(lived: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    retention.sweep(now=NOW + 61 * DAY)
    assert (kept()["one_time_code"], kept()["sign_in"]) == (0, 0)
