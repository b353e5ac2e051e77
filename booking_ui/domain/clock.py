"""Instants and days as text. Inside, instants are aware UTC; people read them in the clinic's zone.

Every date and time that people read is written here, by Babel, so that a language is one locale and not a search through
the code. A label depends on a day or a minute alone and is remembered: a page of slots needs thousands of them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_day_names

_LOCALE = Locale.parse("en")


def utc_now() -> datetime:
    """The instant now. Read once at the edge, then passed down as `now`."""
    return datetime.now(UTC)


def today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def iso(instant: datetime) -> str:
    """RFC 3339 in UTC: 2026-11-24T05:00:00Z."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# ── For people ────────────────────────────────────────────────────────────────────────────────────────────────────


def clock_label(instant: datetime, zone: ZoneInfo) -> str:
    """10:30 am."""
    local = instant.astimezone(zone)
    return _time_of_day(local.hour, local.minute)


def wall_time_label(wall: time) -> str:
    """10:30 am, of a time that belongs to no day yet."""
    return _time_of_day(wall.hour, wall.minute)


def weekday_label(day: date) -> str:
    """Tue."""
    return _day(day, "EEE")


def weekday_name(day: date) -> str:
    """Tuesday."""
    return _day(day, "EEEE")


def weekday_names() -> tuple[str, ...]:
    """Monday to Sunday."""
    names = get_day_names("wide", locale=_LOCALE)
    return tuple(names[weekday] for weekday in range(7))


def date_label(day: date) -> str:
    """24 Nov."""
    return _day(day, "d MMM")


def day_label(day: date) -> str:
    """Tue 24 Nov."""
    return _day(day, "EEE d MMM")


def days_label(first: date, last: date) -> str:
    """Tue 24 Nov to Thu 26 Nov; one day stands alone."""
    return day_label(first) if first == last else f"{day_label(first)} to {day_label(last)}"


def long_day_label(day: date) -> str:
    """Tuesday 24 November 2026."""
    return _day(day, "EEEE d MMMM y")


def instant_label(instant: datetime, zone: ZoneInfo) -> str:
    """Tue 24 Nov, 10:30 am."""
    return f"{day_label(instant.astimezone(zone).date())}, {clock_label(instant, zone)}"


def distance_label(delta: timedelta) -> str:
    """The time until something: "in 2 h 10 min", "in 3 days", "now"."""
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


def duration_label(length: timedelta) -> str:
    """A length of time in whole minutes: "45 minutes", "2 hours", "1 hour 30 minutes"."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    parts = [(hours, "hour"), (minutes, "minute")]
    return (
        " ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts if count)
        or "0 minutes"
    )


@lru_cache(maxsize=4096)
def _day(day: date, pattern: str) -> str:
    return format_date(day, pattern, locale=_LOCALE)


@lru_cache(maxsize=24 * 60)
def _time_of_day(hour: int, minute: int) -> str:
    return format_time(time(hour, minute), "h:mm a", locale=_LOCALE).lower()


# ── For programs and files ────────────────────────────────────────────────────────────────────────────────────────


def minute_mark(instant: datetime) -> str:
    """202611240500, in UTC: part of a name that is another one each minute."""
    return format_datetime(instant, "yyyyMMddHHmm", tzinfo=UTC, locale=_LOCALE)


def file_mark(instant: datetime) -> str:
    """20261124-050000, in UTC: part of a file's name, so that files sort by age."""
    return format_datetime(instant, "yyyyMMdd-HHmmss", tzinfo=UTC, locale=_LOCALE)


def utc_minute(instant: datetime) -> str:
    """2026-11-24 05:00, in UTC."""
    return format_datetime(instant, "yyyy-MM-dd HH:mm", tzinfo=UTC, locale=_LOCALE)
