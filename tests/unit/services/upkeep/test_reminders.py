"""Reminders by the clock: a visit that comes near, and a time that waits for its payment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, DeliveryStatus, Notification, Payment, Slot
from booking_ui.db.session import read, write
from booking_ui.domain.causes import Cause
from booking_ui.domain.channel import Channel
from booking_ui.gateways.razorpay import use as use_gateway
from booking_ui.services.booking import cancel, claim, hold_expiry
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import orders
from booking_ui.services.upkeep import delivery, invariants, reminders
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.phones import proven
from tests.support.sandbox_control import capture_now, control, pay

DAY = timedelta(hours=24)
EARLY = FIRST_SLOT - timedelta(days=3)
HOLD_NEARS_ITS_END = NOW + timedelta(minutes=11)


@pytest.fixture(autouse=True)
def mailbox(configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path / "mail"


@pytest.fixture
def calm_sandbox(sandbox: str) -> Iterator[str]:
    yield sandbox
    control(sandbox, "faults", method="DELETE")


def subjects(mailbox: Path) -> list[str]:
    return sorted(str(message["Subject"]) for message in messages(mailbox))


def messages(mailbox: Path) -> list[EmailMessage]:
    found = []
    for path in sorted(mailbox.glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        found.append(message)
    return found


def told(kind: str) -> list[str]:
    with read() as tx:
        return list(tx.exec(select(Notification.status).where(Notification.kind == kind)).all())


def confirmed(cast: Cast, *, slot: int = 0, booked_at: datetime = EARLY) -> int:
    """Asha's visit, paid at the desk; the id."""
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[slot], now=booked_at)
    with read() as tx:
        bill = tx.exec(select(Payment.id).where(Payment.appointment_id == view.id)).one() or 0
    mark_payment.mark(
        admin=cast.devi, payment_id=bill, status="captured", reason="paid in cash", now=booked_at
    )
    return view.id


def move(appointment_id: int, slot_id: int) -> None:
    """As a reschedule leaves it: another slot, another time."""
    with write() as tx:
        slot = tx.get_one(Slot, slot_id)
        row = tx.get_one(Appointment, appointment_id)
        row.slot_id, row.starts_at, row.ends_at = slot_id, slot.starts_at, slot.ends_at


def test_a_visit_is_remembered_a_day_before_once(cast: Cast, mailbox: Path) -> None:
    confirmed(cast)
    assert reminders.remind(now=FIRST_SLOT - DAY - timedelta(seconds=1)) == 0
    assert reminders.remind(now=FIRST_SLOT - DAY) == 1
    assert reminders.remind(now=FIRST_SLOT - DAY + timedelta(hours=5)) == 0
    delivery.deliver_due(now=FIRST_SLOT - DAY)
    assert subjects(mailbox) == [
        "Confirmed: Dr Chandra Rao, Tue 6 Jan, 10:00 am",
        "Reminder: Dr Chandra Rao, Tue 6 Jan, 10:00 am",
    ]


def test_whoever_booked_inside_the_window_was_just_told(cast: Cast) -> None:
    confirmed(cast, booked_at=FIRST_SLOT - DAY + timedelta(minutes=1))
    assert reminders.remind(now=FIRST_SLOT - timedelta(hours=3)) == 0


def test_a_moved_visit_is_remembered_for_its_new_time(cast: Cast, mailbox: Path) -> None:
    visit = confirmed(cast)
    assert reminders.remind(now=FIRST_SLOT - DAY) == 1
    move(visit, cast.slots[1])
    assert reminders.remind(now=FIRST_SLOT - DAY + timedelta(minutes=30)) == 1
    delivery.deliver_due(now=FIRST_SLOT - DAY + timedelta(minutes=31))
    assert sorted(told("reminder")) == [DeliveryStatus.DONE, DeliveryStatus.IGNORED]
    assert "Reminder: Dr Chandra Rao, Tue 6 Jan, 10:30 am" in subjects(mailbox)
    assert "Reminder: Dr Chandra Rao, Tue 6 Jan, 10:00 am" not in subjects(mailbox)


def test_a_visit_cancelled_before_the_mail_went_out_is_not_remembered(cast: Cast, mailbox: Path) -> None:
    visit = confirmed(cast)
    reminders.remind(now=FIRST_SLOT - DAY)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit, now=FIRST_SLOT - DAY)
    delivery.deliver_due(now=FIRST_SLOT - DAY + timedelta(minutes=1))
    assert told("reminder") == [DeliveryStatus.IGNORED]
    assert [s for s in subjects(mailbox) if s.startswith("Reminder")] == []
    assert [c.number for c in invariants.count(now=FIRST_SLOT) if c.violations and c.number == 8] == []


def test_reminders_can_be_switched_off(cast: Cast, configured: pytest.MonkeyPatch) -> None:
    confirmed(cast)
    configured.setenv("REMINDER_HOURS", "0")
    settings.cache_clear()
    assert reminders.remind(now=FIRST_SLOT - timedelta(hours=1)) == 0


def test_a_hold_that_nears_its_end_is_told_once_after_asking(
    cast: Cast, mailbox: Path, calm_sandbox: str
) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert reminders.remind_unpaid(now=NOW + timedelta(minutes=9)) == 0
    assert reminders.remind_unpaid(now=HOLD_NEARS_ITS_END) == 1
    assert reminders.remind_unpaid(now=HOLD_NEARS_ITS_END + timedelta(minutes=1)) == 0
    assert subjects(mailbox) == ["Tue 6 Jan, 10:00 am is held for you until Mon 5 Jan, 10:15 am"]


def test_money_found_by_asking_confirms_the_booking_instead(
    cast: Cast, mailbox: Path, calm_sandbox: str
) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    order = orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW).gateway_order_id
    pay(calm_sandbox, order, method="upi")
    capture_now(calm_sandbox)
    reminders.remind_unpaid(now=HOLD_NEARS_ITS_END)
    delivery.deliver_due(now=HOLD_NEARS_ITS_END)
    assert told("hold_ends") == [DeliveryStatus.IGNORED]
    assert subjects(mailbox) == ["Confirmed: Dr Chandra Rao, Tue 6 Jan, 10:00 am"]


def test_while_razorpay_cannot_be_asked_nothing_is_sent_and_it_is_tried_again_until_the_hold_ends(
    cast: Cast, mailbox: Path, sandbox: str, configured: pytest.MonkeyPatch
) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    configured.setenv("RAZORPAY_API_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    use_gateway(None)
    for minutes in (11, 12, 13, 14):
        assert reminders.remind_unpaid(now=NOW + timedelta(minutes=minutes)) == 1
    assert (told("hold_ends"), subjects(mailbox)) == ([DeliveryStatus.WAITING], [])
    configured.setenv("RAZORPAY_API_URL", sandbox)
    settings.cache_clear()
    use_gateway(None)
    reminders.remind_unpaid(now=NOW + timedelta(minutes=16))
    assert (told("hold_ends"), subjects(mailbox)) == ([DeliveryStatus.IGNORED], [])


def failed(cast: Cast) -> int:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(
            update(Appointment)
            .where(col(Appointment.id) == view.id)
            .values(status="failed", status_cause=Cause.PAYMENT_FAILED)
        )
        tx.exec(update(Payment).where(col(Payment.appointment_id) == view.id).values(status="failed"))
    return view.id


def test_a_failed_payment_is_remembered_once_while_its_time_is_free(cast: Cast, mailbox: Path) -> None:
    failed(cast)
    assert reminders.remind_unpaid(now=NOW + timedelta(minutes=59)) == 0
    assert reminders.remind_unpaid(now=NOW + timedelta(hours=1)) == 1
    assert reminders.remind_unpaid(now=NOW + timedelta(hours=2)) == 0
    assert subjects(mailbox) == ["Tue 6 Jan, 10:00 am with Dr Chandra Rao is still free"]


def test_nobody_is_reminded_of_a_failed_booking_that_they_let_go(cast: Cast, mailbox: Path) -> None:
    visit_id = failed(cast)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=visit_id, now=NOW + timedelta(minutes=59))
    assert reminders.remind_unpaid(now=NOW + timedelta(hours=2)) == 0
    assert subjects(mailbox) == []


def test_nobody_is_reminded_of_a_time_that_was_taken_or_replaced(cast: Cast, mailbox: Path) -> None:
    failed(cast)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW)
    assert reminders.remind_unpaid(now=NOW + timedelta(minutes=8)) == 0
    hold_expiry.let_go(patient_id=cast.bilal, appointment_id=2, now=NOW + timedelta(minutes=9))
    confirmed(cast, slot=1, booked_at=NOW + timedelta(minutes=10))
    assert reminders.remind_unpaid(now=NOW + timedelta(hours=1)) == 0
    assert subjects(mailbox) == []


def test_a_telephone_is_reminded_again_two_hours_before_and_a_mailbox_is_not(cast: Cast) -> None:
    two_hours = FIRST_SLOT - timedelta(hours=2)
    confirmed(cast)
    assert reminders.remind(now=FIRST_SLOT - DAY) == 1
    assert reminders.remind(now=two_hours) == 0
    proven(cast.asha)
    assert reminders.remind(now=two_hours) == 1
    assert reminders.remind(now=two_hours + timedelta(minutes=1)) == 0
    with read() as tx:
        row = tx.exec(select(Notification).where(Notification.kind == "reminder_soon")).one()
    assert (row.channel, row.key.endswith("@sms")) == (Channel.SMS, True)
    assert delivery.deliver_due(now=two_hours) == 2 + len(told("confirmed"))
    assert told("reminder_soon") == [DeliveryStatus.DONE]


def test_the_first_reminder_comes_once_by_every_way(cast: Cast) -> None:
    proven(cast.asha)
    confirmed(cast)
    assert reminders.remind(now=FIRST_SLOT - DAY) == 1
    assert reminders.remind(now=FIRST_SLOT - DAY + timedelta(minutes=1)) == 0
    assert len(told("reminder")) == 2


def test_without_a_way_a_reminder_is_noted_once_and_goes_to_nobody(cast: Cast) -> None:
    proven(cast.asha, email=False, stopped_messages="sms")
    confirmed(cast)
    assert reminders.remind(now=FIRST_SLOT - DAY) == 1
    assert reminders.remind(now=FIRST_SLOT - timedelta(hours=1)) == 0
    assert told("reminder") == [DeliveryStatus.IGNORED]
    assert told("reminder_soon") == []
