"""A visit in a calendar: what stays the same through its life, and what takes the place of an older entry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from booking_ui.config.settings import settings
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import calendar_entry

NOW = datetime(2026, 1, 5, 4, 30, tzinfo=UTC)


def visit(*, moved: int = 0, dependent_id: int = 0, status: str = "confirmed") -> AppointmentView:
    return AppointmentView(
        reference="AB12CD",
        starts_at="2026-01-06T04:30:00Z",
        ends_at="2026-01-06T05:00:00Z",
        doctor_name="Dr Chandra Rao",
        speciality="Cardiologist",
        address="12, 100 Feet Road, Bengaluru",
        patient_name="Kiran",
        moved=moved,
        dependent_id=dependent_id,
        status=status,
    )


def lines(content: bytes) -> list[str]:
    """The lines of the file, with the long ones whole."""
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_a_visit_that_is_downloaded_is_a_whole_entry_without_a_method() -> None:
    assert lines(calendar_entry.entry(visit(), now=NOW)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Booking//EN",
        "BEGIN:VEVENT",
        "SUMMARY:Dr Chandra Rao\\, Cardiologist",
        "DTSTART:20260106T043000Z",
        "DTEND:20260106T050000Z",
        "DTSTAMP:20260105T043000Z",
        "UID:AB12CD@booking",
        "SEQUENCE:0",
        "DESCRIPTION:Booking AB12CD",
        "LOCATION:12\\, 100 Feet Road\\, Bengaluru",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@pytest.mark.parametrize(
    ("moved", "method", "sequence", "status"),
    [
        (0, "REQUEST", 0, "CONFIRMED"),
        (2, "REQUEST", 2, "CONFIRMED"),
        (0, "CANCEL", 1, "CANCELLED"),
        (2, "CANCEL", 3, "CANCELLED"),
    ],
)
def test_each_move_and_the_end_take_the_place_of_what_a_calendar_has(
    moved: int, method: str, sequence: int, status: str
) -> None:
    content = calendar_entry.entry(visit(moved=moved), now=NOW, method=method, attendee="asha@example.com")
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["UID"]) == (method, "AB12CD@booking")
    assert (event["SEQUENCE"], event["STATUS"]) == (sequence, status)


def test_a_mailed_entry_names_the_patient_and_the_host_of_the_clinic(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("PUBLIC_URL", "https://clinic.example:8443")
    settings.cache_clear()
    content = calendar_entry.entry(visit(), now=NOW, method="REQUEST", attendee="asha@example.com")
    assert {
        "ORGANIZER:mailto:no-reply@clinic.example",
        "ATTENDEE:mailto:asha@example.com",
    } <= set(lines(content))


def test_the_entry_of_a_cancelled_visit_is_cancelled_wherever_it_is_loaded() -> None:
    content = calendar_entry.entry(visit(moved=2, status="cancelled"), now=NOW)
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert (event["SEQUENCE"], event["STATUS"]) == (3, "CANCELLED")


def test_a_visit_of_a_dependent_names_who_comes() -> None:
    of_kiran = lines(calendar_entry.entry(visit(dependent_id=3), now=NOW))
    assert "SUMMARY:Dr Chandra Rao\\, Cardiologist (for Kiran)" in of_kiran
    assert "DESCRIPTION:Booking AB12CD (for Kiran)" in of_kiran


def test_the_file_is_named_by_its_booking() -> None:
    assert calendar_entry.file_name(visit()) == "visit-AB12CD.ics"
