"""Periods of whole days in the clinic's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking_ui.domain.period import AHEAD, DEFAULT, PRESETS, Period, Span, day_of, preset, span

KOLKATA = ZoneInfo("Asia/Kolkata")
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("this-month", date(2026, 11, 1), TODAY),
        ("last-month", date(2026, 10, 1), date(2026, 10, 31)),
        ("last-7-days", date(2026, 11, 18), TODAY),
        ("last-30-days", date(2026, 10, 26), TODAY),
    ],
)
def test_a_period_behind_ends_today_or_with_last_month(key: str, first: date, last: date) -> None:
    assert preset(key, TODAY) == Period(first, last)


def test_an_unknown_period_is_the_default() -> None:
    assert preset("next-century", TODAY) == preset(DEFAULT, TODAY)
    assert next(iter(PRESETS)) == DEFAULT


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [("today", 24, 24), ("tomorrow", 25, 25), ("next-7-days", 24, 30)],
)
def test_a_period_ahead_counts_from_today(key: str, first: int, last: int) -> None:
    assert AHEAD[key][1](TODAY) == Period(date(2026, 11, first), date(2026, 11, last))


def test_a_period_reaches_from_midnight_to_the_midnight_after_its_last_day() -> None:
    assert Period(TODAY, TODAY).span(KOLKATA) == Span(
        datetime(2026, 11, 23, 18, 30, tzinfo=UTC), datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    )
    assert span(None, None, KOLKATA) == Span()


def test_a_period_is_shown_by_its_days() -> None:
    assert Period(date(2026, 11, 1), date(2026, 11, 21)).label == "Sun 1 Nov – Sat 21 Nov"
    assert Period(TODAY, TODAY).label == "Tue 24 Nov"


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 800), st.integers(1, 400))
def test_the_parts_of_a_period_are_its_days_in_order(first: date, more: int, at_most: int) -> None:
    whole = Period(first, date.fromordinal(first.toordinal() + more))
    parts = list(whole.parts(at_most))
    assert sum(part.days for part in parts) == whole.days
    assert all(1 <= part.days <= at_most for part in parts)
    assert (parts[0].first, parts[-1].last) == (whole.first, whole.last)
    assert all((b.first - a.last).days == 1 for a, b in pairwise(parts))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-24", TODAY),
        ("0002-11-24", None),
        ("2100-01-01", None),
        ("24.11.2026", None),
        ("2026-02-30", None),
        ("", None),
    ],
)
def test_a_day_of_this_century_is_read_from_an_address(text: str, day: date | None) -> None:
    assert day_of(text) == day
