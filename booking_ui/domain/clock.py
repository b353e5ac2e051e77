"""The one time function: instants are aware UTC; people read them in the clinic's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """The instant now. Read once at a door, then passed down as `now`."""
    return datetime.now(UTC)


def iso(instant: datetime) -> str:
    """RFC 3339 in UTC: 2026-11-24T05:00:00Z."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def clock_label(instant: datetime, zone: ZoneInfo) -> str:
    """10:30 am."""
    local = instant.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def day_label(day: date) -> str:
    """Tue 24 Nov."""
    return f"{day:%a} {day.day} {day:%b}"


def long_day_label(day: date) -> str:
    """Tuesday 24 November 2026."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def instant_label(instant: datetime, zone: ZoneInfo) -> str:
    """Tue 24 Nov, 10:30 am."""
    return f"{day_label(instant.astimezone(zone).date())}, {clock_label(instant, zone)}"


def distance_label(delta: timedelta) -> str:
    """How far ahead: "in 2 h 10 min", "in 3 days", "now"."""
    minutes = int(delta.total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"in {minutes} min"
    if minutes < 24 * 60:
        rest = f" {minutes % 60} min" if minutes % 60 else ""
        return f"in {minutes // 60} h{rest}"
    days = (minutes + 12 * 60) // (24 * 60)  # the nearest: 41 hours are two nights
    return "in 1 day" if days == 1 else f"in {days} days"


def today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()
