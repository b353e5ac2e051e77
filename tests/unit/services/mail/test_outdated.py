"""A mail whose reason has gone while it waited is dropped, and the reason is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Notification, pk
from booking_ui.db.session import read, write
from booking_ui.services.booking import cancel, claim, hold_expiry, reschedule
from booking_ui.services.desk import mark_payment
from booking_ui.services.mail import outbox, outdated
from booking_ui.services.upkeep import delivery
from tests.support.cancelling import promises
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.paying import bill_of, paid_at_the_desk

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def folder(configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The mails of a clinic without a mail server."""
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path / "mail"


@pytest.fixture
def visit_id(cast: Cast) -> int:
    """A held visit of Asha's, about which no mail is due."""
    found = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    forget_mails()
    return found


def forget_mails() -> None:
    with write() as tx:
        tx.exec(delete(Notification))


def due(visit_id: int, *kinds: str, key: str = "") -> None:
    with write() as tx:
        for kind in kinds:
            outbox.add_visit_message(tx, appointment_id=visit_id, kind=kind, now=NOW, key=key)


def rows() -> list[Notification]:
    with read() as tx:
        return list(tx.exec(select(Notification).order_by(col(Notification.id))).all())


def state() -> tuple[str, str, int, datetime | None]:
    (row,) = rows()
    return row.status, row.last_error, row.attempts, row.next_attempt_at


def states() -> list[tuple[str, str, str]]:
    return [(row.kind, row.status.value, row.last_error) for row in rows()]


def subjects(folder: Path) -> list[str]:
    return sorted(str(message_from_bytes(file.read_bytes())["Subject"]) for file in folder.glob("*.eml"))


def test_a_visit_cancelled_before_its_confirmation_left_is_told_as_cancelled_only(
    cast: Cast, visit_id: int, folder: Path
) -> None:
    paid_at_the_desk(cast, visit_id)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit_id, now=NOW)
    delivery.deliver_due(now=NOW)
    assert states() == [
        ("confirmed", "ignored", "cancelled or over in the meantime"),
        ("cancelled", "done", ""),
    ]
    assert subjects(folder) == ["Cancelled: Dr Chandra Rao, Tue 6 Jan, 10:00 am"]
    assert promises(NOW) == []


def test_of_two_moves_only_the_last_is_told_and_none_of_a_cancelled_visit(cast: Cast, visit_id: int) -> None:
    paid_at_the_desk(cast, visit_id)
    forget_mails()
    for slot in (1, 2):
        reschedule.reschedule(
            patient_id=cast.asha, appointment_id=visit_id, slot_id=cast.slots[slot], now=NOW
        )
    first, second = (pk(row) for row in rows())
    delivery.deliver(first, NOW)
    over = "cancelled, moved again or over in the meantime"
    assert states() == [("rescheduled", "ignored", over), ("rescheduled", "waiting", "")]
    delivery.deliver(second, NOW)
    assert states()[1] == ("rescheduled", "done", "")
    forget_mails()
    due(visit_id, "rescheduled", key="2")
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit_id, now=NOW)
    delivery.deliver(pk(rows()[0]), NOW)
    assert states()[0] == ("rescheduled", "ignored", over)


def test_a_failed_payment_is_told_until_the_time_is_held_again_or_paid(cast: Cast, visit_id: int) -> None:
    due(visit_id, "payment_failed")
    delivery.deliver(pk(rows()[0]), NOW)
    assert state()[:2] == ("ignored", "paid, held again or given back in the meantime")
    bill = pk(bill_of(visit_id))
    mark_payment.mark(admin=cast.devi, payment_id=bill, status="failed", reason="never came", now=NOW)
    forget_mails()
    due(visit_id, "payment_failed")
    delivery.deliver(pk(rows()[0]), NOW)
    assert state()[0] == "done"
    forget_mails()
    due(visit_id, "payment_failed")
    paid_at_the_desk(cast, visit_id)
    delivery.deliver(pk(rows()[0]), NOW)
    assert states()[0] == ("payment_failed", "ignored", "paid, held again or given back in the meantime")


def test_a_free_time_is_told_until_the_failed_booking_is_let_go(cast: Cast, visit_id: int) -> None:
    bill = pk(bill_of(visit_id))
    mark_payment.mark(admin=cast.devi, payment_id=bill, status="failed", reason="never came", now=NOW)
    forget_mails()
    due(visit_id, "unpaid")
    delivery.deliver(pk(rows()[0]), NOW)
    assert state()[0] == "done"
    forget_mails()
    due(visit_id, "unpaid")
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=visit_id, now=NOW)
    delivery.deliver(pk(rows()[0]), NOW)
    assert state()[:2] == ("ignored", "paid, let go, held again, taken or begun in the meantime")


def test_what_cannot_be_undone_has_no_reason_to_be_dropped(visit_id: int) -> None:
    due(visit_id, "cancelled", "slot_lost", "refunded")
    for row in rows():
        delivery.deliver(pk(row), NOW)
    assert {row.status.value for row in rows()} == {"done"}


def remind(visit_id: int) -> int:
    """A reminder of the time that the visit has now."""
    with write() as tx:
        visit = tx.get_one(Appointment, visit_id)
        outbox.add_visit_message(
            tx,
            appointment_id=visit_id,
            kind="reminder",
            now=NOW,
            key=outdated.reminder_key(visit).split(":", 2)[2],
        )
        assert outdated.reminder_key(visit) == f"{visit_id}:reminder:2026-01-06T04:30:00Z"
    return rows()[-1].id or 0


def test_a_reminder_is_sent_until_the_visit_begins(cast: Cast, visit_id: int, folder: Path) -> None:
    paid_at_the_desk(cast, visit_id)
    forget_mails()
    delivery.deliver(remind(visit_id), FIRST_SLOT - timedelta(seconds=1))
    assert subjects(folder) == ["Reminder: Dr Chandra Rao, Tue 6 Jan, 10:00 am"]
    forget_mails()
    delivery.deliver(remind(visit_id), FIRST_SLOT)
    assert state() == ("ignored", "cancelled, moved or begun in the meantime", 0, None)


def test_a_reminder_of_a_time_that_the_visit_left_is_dropped(cast: Cast, visit_id: int) -> None:
    paid_at_the_desk(cast, visit_id)
    forget_mails()
    mail_id = remind(visit_id)
    with write() as tx:
        visit = tx.get_one(Appointment, visit_id)
        visit.starts_at, visit.ends_at = visit.ends_at, visit.ends_at + 30 * MINUTE
    delivery.deliver(mail_id, NOW)
    assert state() == ("ignored", "cancelled, moved or begun in the meantime", 0, None)


def test_a_hold_is_told_of_its_end_while_it_is_held_and_unpaid(cast: Cast, visit_id: int) -> None:
    due(visit_id, "hold_ends")
    delivery.deliver(rows()[0].id or 0, NOW + 15 * MINUTE)
    assert state() == ("ignored", "paid, let go or over in the meantime", 0, None)
    forget_mails()
    due(visit_id, "hold_ends")
    delivery.deliver(rows()[0].id or 0, NOW + 14 * MINUTE)
    assert state()[0] == "done"
    paid_at_the_desk(cast, visit_id)
    forget_mails()
    due(visit_id, "hold_ends")
    delivery.deliver(rows()[0].id or 0, NOW + 14 * MINUTE)
    assert state()[0] == "ignored"
