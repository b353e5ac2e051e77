"""Which messages wait for the morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, DeliveryStatus, Notification, Slot
from booking_ui.domain.channel import Channel
from booking_ui.services.mail import quiet
from tests.support.schedule import an_appointment

NIGHT = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)  # 11:30 pm at the clinic
MORNING = datetime(2026, 1, 6, 2, 30, tzinfo=UTC)  # 8 am
HOUR = timedelta(hours=1)


def a_visit(starts_at: datetime) -> Appointment:
    return an_appointment(Slot(id=1, doctor_id=1, starts_at=starts_at, ends_at=starts_at + HOUR), 1)


def until(
    kind: str, *, visit_in: timedelta | None, channel: Channel = Channel.SMS, now: datetime = NIGHT
) -> datetime | None:
    row = Notification(key="1", kind=kind, channel=channel, status=DeliveryStatus.WAITING, created_at=now)
    visit = None if visit_in is None else a_visit(now + visit_in)
    return quiet.until(row, visit, now)


def test_a_refund_waits_for_the_morning_on_a_telephone_alone() -> None:
    assert until("refunded", visit_in=48 * HOUR) == MORNING
    assert until("refunded", visit_in=48 * HOUR, channel=Channel.WHATSAPP) == MORNING
    assert until("refunded", visit_in=48 * HOUR, channel=Channel.MAIL) is None
    assert until("refunded", visit_in=-48 * HOUR) == MORNING


def test_codes_holds_that_end_and_near_visits_do_not_wait() -> None:
    assert until("sign_in_code", visit_in=None) is None
    assert until("hold_ends", visit_in=48 * HOUR) is None
    assert until("cancelled", visit_in=12 * HOUR) is None
    assert until("cancelled", visit_in=12 * HOUR + timedelta(minutes=1)) == MORNING


def test_by_day_and_without_quiet_hours_nothing_waits(configured: pytest.MonkeyPatch) -> None:
    assert until("refunded", visit_in=48 * HOUR, now=MORNING) is None
    configured.setenv("QUIET_HOURS", "")
    settings.cache_clear()
    assert until("refunded", visit_in=48 * HOUR) is None
