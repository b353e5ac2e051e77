"""The hours in which nothing leaves to a telephone that can wait: a night is not woken for a refund."""

from __future__ import annotations

from datetime import datetime, timedelta

from booking_ui.config.settings import settings
from booking_ui.config.text_addresses import end_of_quiet, quiet_hours
from booking_ui.db.models import Appointment, Notification
from booking_ui.domain.channel import Channel

URGENT = frozenset({"hold_made", "hold_ends"})
NEAR = timedelta(hours=12)


def until(row: Notification, visit: Appointment | None, now: datetime) -> datetime | None:
    """The instant until which this message waits; None when it may leave now.

    A mail wakes nobody. A code, a hold that was made or ends, and whatever is about a visit within 12 hours can't wait.
    """
    if row.channel is Channel.MAIL or visit is None or row.kind in URGENT or _is_near(visit, now):
        return None
    return end_of_quiet(quiet_hours(settings().quiet_hours), now, settings().zone)


def _is_near(visit: Appointment, now: datetime) -> bool:
    return now < visit.starts_at <= now + NEAR
