"""How instants are shown: UTC inside, the clinic's wall clock outside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from booking_ui.domain import clock

KOLKATA = ZoneInfo("Asia/Kolkata")
VISIT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def test_now_is_an_aware_utc_instant() -> None:
    assert clock.utc_now().tzinfo is UTC


def test_instants_are_written_in_utc_with_a_z_and_without_fractions() -> None:
    there = datetime(2026, 11, 24, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert clock.iso(there) == "2026-11-24T05:00:00Z"


@pytest.mark.parametrize(
    ("hour", "minute", "shown"),
    [(0, 0, "12:00 am"), (0, 5, "12:05 am"), (9, 15, "9:15 am"), (12, 0, "12:00 pm"), (17, 45, "5:45 pm")],
)
def test_times_are_shown_by_the_clinics_twelve_hour_clock(hour: int, minute: int, shown: str) -> None:
    assert clock.clock_label(datetime(2026, 11, 24, hour, minute, tzinfo=KOLKATA), KOLKATA) == shown


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Kolkata", "Tuesday 24 November 2026, 10:30 am, India Time (GMT+05:30)"),
        ("Asia/Dubai", "Tuesday 24 November 2026, 9:00 am, United Arab Emirates Time (GMT+04:00)"),
        ("UTC", "Tuesday 24 November 2026, 5:00 am, GMT+00:00"),
    ],
)
def test_what_is_kept_for_long_names_the_year_and_the_zone(zone: str, shown: str) -> None:
    assert clock.whole_label(VISIT, ZoneInfo(zone)) == shown


def test_every_minute_of_a_day_is_shown_by_it() -> None:
    midnight = datetime(2026, 11, 24, tzinfo=KOLKATA)
    minutes = [midnight + timedelta(minutes=one) for one in range(24 * 60)]
    assert [clock.clock_label(one, KOLKATA) for one in minutes] == [
        f"{one:%-I:%M} {'am' if one.hour < 12 else 'pm'}" for one in minutes
    ]
    assert [clock.wall_time_label(one.time()) for one in minutes] == [
        clock.clock_label(one, KOLKATA) for one in minutes
    ]


@pytest.mark.parametrize(
    ("label", "pattern"),
    [
        (clock.weekday_label, "%a"),
        (clock.weekday_name, "%A"),
        (clock.date_label, "%-d %b"),
        (clock.day_label, "%a %-d %b"),
        (clock.long_day_label, "%A %-d %B %Y"),
    ],
)
def test_every_day_of_four_years_is_shown_in_plain_english(
    label: Callable[[date], str], pattern: str
) -> None:
    days = [date(2026, 1, 1) + timedelta(days=one) for one in range(4 * 366)]
    assert [label(day) for day in days] == [format(day, pattern) for day in days]


def test_the_week_begins_on_monday() -> None:
    week = [date(2026, 11, 23) + timedelta(days=one) for one in range(7)]
    assert clock.weekday_names() == tuple(map(clock.weekday_name, week))
    assert clock.weekday_names()[0] == "Monday"


def test_files_and_rows_are_named_by_the_instant_in_utc() -> None:
    there = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=KOLKATA)
    assert clock.minute_mark(there) == "202601012134"
    assert clock.file_mark(there) == "20260101-213405"
    assert clock.utc_minute(there) == "2026-01-01 21:34"


def test_days_and_instants_are_shown_short_and_long() -> None:
    assert clock.day_label(date(2026, 11, 4)) == "Wed 4 Nov"
    assert clock.long_day_label(date(2026, 11, 24)) == "Tuesday 24 November 2026"
    assert clock.instant_label(VISIT, KOLKATA) == "Tue 24 Nov, 10:30 am"


@pytest.mark.parametrize(
    ("utc", "day"),
    [(datetime(2026, 11, 23, 18, 29, tzinfo=UTC), 23), (datetime(2026, 11, 23, 18, 30, tzinfo=UTC), 24)],
)
def test_the_day_changes_at_the_clinics_midnight(utc: datetime, day: int) -> None:
    assert clock.today(utc, KOLKATA) == date(2026, 11, day)
    assert clock.instant_label(utc, KOLKATA).startswith(clock.day_label(date(2026, 11, day)))


@pytest.mark.parametrize(
    ("ahead", "shown"),
    [
        (timedelta(minutes=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "in 1 min"),
        (timedelta(minutes=59, seconds=59), "in 59 min"),
        (timedelta(hours=1), "in 1 h"),
        (timedelta(hours=2, minutes=10), "in 2 h 10 min"),
        (timedelta(hours=23, minutes=59), "in 23 h 59 min"),
        (timedelta(days=1), "in 1 day"),
        (timedelta(hours=35, minutes=59), "in 1 day"),
        (timedelta(hours=41), "in 2 days"),
        (timedelta(days=3, hours=4), "in 3 days"),
    ],
)
def test_a_distance_is_shown_in_the_largest_units_that_matter(ahead: timedelta, shown: str) -> None:
    assert clock.distance_label(ahead) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(0), "0 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=45), "45 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=1, minutes=30, seconds=59), "1 hour 30 minutes"),
    ],
)
def test_a_length_of_time_is_told_in_hours_and_minutes(length: timedelta, shown: str) -> None:
    assert clock.duration_label(length) == shown
