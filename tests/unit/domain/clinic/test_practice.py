"""What the desk writes about a doctor: read generously, stored exactly, refused by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from booking_ui.domain.clinic import weekly
from booking_ui.domain.clinic.practice import Written, fee_text, practice
from booking_ui.domain.clinic.schedule import Hours
from booking_ui.domain.errors import BadInput

ARUN = Written(
    name="Dr  Arun Pillai ",
    qualifications="MBBS, MD",
    speciality="Dermatologist",
    languages="English, Malayalam,English",
    city="Kochi",
    area="Fort Kochi",
    address="4, Rose Street",
    practising_since="2011",
    about="Skin and hair.\r\n\r\nSeen  on weekdays.",
    fee="₹1,500.50",
    slot_minutes="20",
    mon="9-13, 17:00–20:30",
)


def wrong(**changed: str) -> dict[str, str]:
    with pytest.raises(BadInput) as refusal:
        practice(replace(ARUN, **changed), 2026)
    return {one.field: one.message for one in refusal.value.errors}


def test_a_form_is_stored_tidied_with_its_fee_in_paise() -> None:
    found = practice(ARUN, 2026)
    assert dict(found.facts) == {
        "name": "Dr Arun Pillai",
        "qualifications": "MBBS, MD",
        "speciality": "Dermatologist",
        "languages": ["English", "Malayalam"],
        "city": "Kochi",
        "area": "Fort Kochi",
        "address": "4, Rose Street",
        "practising_since": 2011,
        "about": "Skin and hair.\n\nSeen on weekdays.",
        "fee_paise": 150_050,
        "slot_minutes": 20,
    }
    assert found.week[0] == ((time(9), time(13)), (time(17), time(20, 30)))
    assert found.week[1:] == ((),) * 6


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", " "),
        ("name", "x" * 121),
        ("name", "Dr\x00Arun"),
        ("qualifications", ""),
        ("speciality", "ab"),
        ("languages", " , "),
        ("city", ""),
        ("area", ""),
        ("address", "4"),
        ("practising_since", "2027"),
        ("practising_since", "١٩٩٩"),
        ("practising_since", "since 2010"),
        ("about", "x" * 1201),
        ("fee", ""),
        ("fee", "0"),
        ("fee", "0.99"),
        ("fee", "100000.01"),
        ("fee", "-500"),
        ("fee", "5e3"),
        ("fee", "12.345"),
        ("slot_minutes", "4"),
        ("slot_minutes", "241"),
        ("slot_minutes", "half an hour"),
        ("mon", "9-13, 12-14"),
        ("tue", "17:00-9:00"),
        ("wed", "9:00-9:00"),
        ("thu", "9:00-9:15"),
        ("fri", "morning"),
        ("sat", "25:00-26:00"),
        ("sun", "9:60-10:30"),
        ("sun", "13pm-14"),
        ("sun", "8-9, 10-11, 12-13, 14-15, 16-17"),
    ],
)
def test_what_can_not_be_stored_is_refused_beside_its_own_field(field: str, text: str) -> None:
    assert list(wrong(**{field: text})) == [field]


def test_everything_that_is_wrong_is_told_at_once_and_says_what_to_mend() -> None:
    assert wrong(fee="free", mon="9-13, 12-14", tue="17-9", wed="9:00-9:15") == {
        "fee": "Write a fee from ₹1 to ₹1,00,000, such as 500.",
        "mon": "9:00-13:00 and 12:00-14:00 overlap.",
        "tue": "17:00-9:00 ends before it starts.",
        "wed": "9:00-9:15 is shorter than one visit of 20 minutes.",
    }


@pytest.mark.parametrize(
    ("fee", "paise"), [("1", 100), ("500", 50_000), ("Rs. 99.5", 9_950), ("1,00,000", 10_000_000)]
)
def test_a_fee_from_one_rupee_to_a_lakh_is_read_exactly(fee: str, paise: int) -> None:
    assert practice(replace(ARUN, fee=fee), 2026).facts["fee_paise"] == paise


@pytest.mark.parametrize(
    "line", ["9:00-13:00, 17:00-20:00", "9 am to 1 pm and 5pm - 8pm", "17.00–20.00; 9–13"]
)
def test_hours_are_understood_however_people_write_them(line: str) -> None:
    week = practice(replace(ARUN, mon=line), 2026).week
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


def test_a_fee_is_shown_as_it_is_written() -> None:
    assert [fee_text(paise) for paise in (100, 50_000, 50_050, 50_005)] == ["1", "500", "500.50", "500.05"]
