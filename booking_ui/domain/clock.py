"""Instants and days as text. Inside, instants are aware UTC; people read them in the clinic's zone.

Every date and time that people read is written here, by Babel, in the language that is spoken. A label depends on a day
or a minute and the language alone and is remembered: a page of slots needs thousands of them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    get_day_names,
    get_timezone_gmt,
    get_timezone_location,
)

from booking_ui.languages import FIRST, _, locale, locale_of, ngettext, spoken


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
    names = get_day_names("wide", locale=locale())
    return tuple(names[weekday] for weekday in range(7))


def date_label(day: date) -> str:
    """24 Nov."""
    return _day(day, "d MMM")


def day_label(day: date) -> str:
    """Tue 24 Nov."""
    return _day(day, "EEE d MMM")


def days_label(first: date, last: date) -> str:
    """Tue 24 Nov to Thu 26 Nov; one day stands alone."""
    return (
        day_label(first)
        if first == last
        else _("{first} to {last}", first=day_label(first), last=day_label(last))
    )


def long_day_label(day: date) -> str:
    """Tuesday 24 November 2026."""
    return _day(day, "EEEE d MMMM y")


def instant_label(instant: datetime, zone: ZoneInfo) -> str:
    """Tue 24 Nov, 10:30 am."""
    return f"{day_label(instant.astimezone(zone).date())}, {clock_label(instant, zone)}"


def whole_label(instant: datetime, zone: ZoneInfo) -> str:
    """Tuesday 24 November 2026, 10:30 am, India Time (GMT+05:30): for what is read anywhere and kept for long."""
    day, offset = instant.astimezone(zone), get_timezone_gmt(instant.astimezone(zone), locale=locale())
    named = "/" in zone.key  # "UTC" lies in no country
    where = (
        f"{get_timezone_location(zone, locale=locale(), return_city=False)} ({offset})" if named else offset
    )
    return f"{long_day_label(day.date())}, {clock_label(instant, zone)}, {where}"


def distance_label(delta: timedelta) -> str:
    """The time until something: "in 2 h 10 min", "in 3 days", "now"."""
    minutes = int(delta.total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("in {minutes} min", minutes=minutes)
    if minutes < 24 * 60:
        if not minutes % 60:
            return _("in {hours} h", hours=minutes // 60)
        return _("in {hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
    days = (minutes + 12 * 60) // (24 * 60)  # the nearest: 41 hours are two nights
    return ngettext("in {count} day", "in {count} days", days)


def duration_label(length: timedelta) -> str:
    """A length of time in whole minutes: "45 minutes", "2 hours", "1 hour 30 minutes"."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    in_hours = ngettext("{count} hour", "{count} hours", hours)
    in_minutes = ngettext("{count} minute", "{count} minutes", minutes)
    if hours and minutes:
        return f"{in_hours} {in_minutes}"
    return in_hours if hours else in_minutes


def _day(day: date, pattern: str) -> str:
    return _written_day(day, pattern, spoken())


def _time_of_day(hour: int, minute: int) -> str:
    return _written_time(hour, minute, spoken())


@lru_cache(maxsize=4096)
def _written_day(day: date, pattern: str, language: str) -> str:
    """Only English shortens its months: "नव॰" is read by nobody."""
    return format_date(
        day, pattern if language == FIRST else _whole_month(pattern), locale=locale_of(language)
    )


def _whole_month(pattern: str) -> str:
    return pattern if "MMMM" in pattern else pattern.replace("MMM", "MMMM")


@lru_cache(maxsize=4 * 24 * 60)
def _written_time(hour: int, minute: int, language: str) -> str:
    """English has am and pm; elsewhere people name the part of the day: सुबह 10:30."""
    if language == FIRST:
        return format_time(time(hour, minute), "h:mm a", locale=FIRST).lower()
    return format_skeleton("Bhm", time(hour, minute), locale=locale_of(language))


# ── For programs and files ────────────────────────────────────────────────────────────────────────────────────────


def minute_mark(instant: datetime) -> str:
    """202611240500, in UTC: part of a name that is another one each minute."""
    return format_datetime(instant, "yyyyMMddHHmm", tzinfo=UTC, locale=FIRST)


def file_mark(instant: datetime) -> str:
    """20261124-050000, in UTC: part of a file's name, so that files sort by age."""
    return format_datetime(instant, "yyyyMMdd-HHmmss", tzinfo=UTC, locale=FIRST)


def utc_minute(instant: datetime) -> str:
    """2026-11-24 05:00, in UTC."""
    return format_datetime(instant, "yyyy-MM-dd HH:mm", tzinfo=UTC, locale=FIRST)
