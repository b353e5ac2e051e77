"""Weekly hours as the desk writes them."""

from __future__ import annotations

from datetime import time

import pytest

from booking_ui.domain.clinic import weekly
from booking_ui.domain.clinic.schedule import Hours


@pytest.mark.parametrize(
    "line", ["9:00-13:00, 17:00-20:00", "9 am to 1 pm and 5pm - 8pm", "17.00–20.00; 9–13"]
)
def test_hours_are_understood_however_people_write_them(line: str) -> None:
    week, wrong = weekly.parse_week([line, *[""] * 6], 20)
    assert wrong == []
    assert weekly.day_line(week[0]) == "9:00-13:00, 17:00-20:00"
    assert weekly.read_back(line) == "9:00 am – 1:00 pm, 5:00 pm – 8:00 pm"


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        ("6:00-7:00", "6:00 am – 7:00 am"),
        ("12 am to 12 pm", "12:00 am – 12:00 pm"),
        ("7-6", "7:00 am – 6:00 am"),
        ("", ""),
        ("mornings", ""),
        ("9-25", ""),
    ],
)
def test_a_line_says_how_it_is_understood_before_anything_is_checked(line: str, heard: str) -> None:
    assert weekly.read_back(line) == heard


def test_stored_breaks_are_the_gaps_between_spans_and_what_is_shown_reads_back_the_same() -> None:
    rows = [
        Hours(2, time(9), time(13)),
        Hours(2, time(11), time(11, 15), is_break=True),
        Hours(2, time(12, 30), time(15)),
        Hours(5, time(17), time(18)),
    ]
    week = weekly.week_of(rows)
    lines = [weekly.day_line(spans) for spans in week]
    assert lines == ["", "", "9:00-11:00, 11:15-13:00, 13:00-15:00", "", "", "17:00-18:00", ""]
    assert weekly.parse_week(lines, 15) == (week, [])
    assert weekly.week_of(weekly.hours_of(week)) == week
