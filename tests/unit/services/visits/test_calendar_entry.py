"""A visit in a calendar: what stays the same through its life, and what takes the place of an older entry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from icalendar import Calendar

from booking_ui.config.settings import settings
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import calendar_entry
from booking_ui.services.visits.calendar_entry import Invitation

NOW = datetime(2026, 1, 5, 4, 30, tzinfo=UTC)


def visit(*, moved: int = 0, dependent_id: int = 0, status: str = "confirmed") -> AppointmentView:
    return AppointmentView(
        reference="AB12CD",
        starts_at="2026-01-06T04:30:00Z",
        ends_at="2026-01-06T05:00:00Z",
        doctor_name="Dr Chandra Rao",
        speciality="Cardiologist",
        address="12, 100 Feet Road, Bengaluru",
        city="Bengaluru",
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
        "DESCRIPTION:Booking AB12CD\\nhttp://localhost:3000/appointment/AB12CD/",
        "LOCATION:12\\, 100 Feet Road\\, Bengaluru",
        "STATUS:CONFIRMED",
        "URL:http://localhost:3000/appointment/AB12CD/",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Dr Chandra Rao\\, Cardiologist",
        "TRIGGER:-PT2H",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def invited(of: AppointmentView, invitation: Invitation) -> tuple[Calendar, Any]:
    calendar = Calendar.from_ical(calendar_entry.entry(of, now=NOW, invitation=invitation))
    (event,) = calendar.walk("VEVENT")
    return calendar, event


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
    calendar, event = invited(visit(moved=moved), Invitation(method, "asha@example.com"))
    assert (calendar["METHOD"], event["UID"]) == (method, "AB12CD@booking")
    assert (event["SEQUENCE"], event["STATUS"]) == (sequence, status)


def test_an_invitation_is_accepted_already_and_asks_for_no_answer(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("PUBLIC_URL", "https://clinic.example:8443")
    settings.cache_clear()
    _calendar, event = invited(visit(), Invitation("REQUEST", "asha@example.com", 'Asha "A;B" Rao'))
    organizer, attendee = event["ORGANIZER"], event["ATTENDEE"]
    assert (organizer, organizer.params["CN"]) == ("mailto:no-reply@clinic.example", "Saanjh Clinics")
    assert (attendee, attendee.params["CN"]) == ("mailto:asha@example.com", 'Asha "A;B" Rao')
    assert (attendee.params["RSVP"], attendee.params["PARTSTAT"]) == ("FALSE", "ACCEPTED")


def test_the_organizer_is_the_sender_of_the_clinics_mails(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("MAIL_FROM", "Front desk <desk@clinic.example>")
    settings.cache_clear()
    _calendar, event = invited(visit(), Invitation("REQUEST", "asha@example.com"))
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == (
        "mailto:desk@clinic.example",
        "Front desk",
    )
    assert event["ATTENDEE"].params["CN"] == "asha@example.com"


def test_no_line_is_longer_than_calendars_read_and_no_letter_is_cut() -> None:
    long = AppointmentView(
        **{**visit().__dict__, "address": "१२, १०० फ़ीट रोड, इंदिरानगर; दूसरी मंज़िल\\, " * 5, "city": "बेंगलुरु"}
    )
    content = calendar_entry.entry(long, now=NOW)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert event["LOCATION"] == f"{long.address}, बेंगलुरु"


def test_what_will_not_take_place_rings_no_alarm() -> None:
    _calendar, event = invited(visit(), Invitation("CANCEL", "asha@example.com"))
    assert event.walk("VALARM") == []


def test_the_entry_of_a_cancelled_visit_is_cancelled_wherever_it_is_loaded() -> None:
    content = calendar_entry.entry(visit(moved=2, status="cancelled"), now=NOW)
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert (event["SEQUENCE"], event["STATUS"]) == (3, "CANCELLED")


def test_a_visit_of_a_dependent_names_who_comes() -> None:
    of_kiran = lines(calendar_entry.entry(visit(dependent_id=3), now=NOW))
    assert "SUMMARY:Dr Chandra Rao\\, Cardiologist (for Kiran)" in of_kiran
    told = "DESCRIPTION:Booking AB12CD (for Kiran)\\nhttp://localhost:3000/appointment/AB12CD/"
    assert told in of_kiran


def test_the_file_is_named_by_its_booking() -> None:
    assert calendar_entry.file_name(visit()) == "visit-AB12CD.ics"
