"""A visit as a calendar entry (RFC 5545), for the status page and the mails."""

from __future__ import annotations

from datetime import datetime

from icalendar import Calendar, Event

from booking_ui.services.views import AppointmentView


def entry(visit: AppointmentView, *, now: datetime) -> bytes:
    """The whole file; the same booking has the same uid, so a later file moves the entry it made."""
    event = Event()
    event.add("uid", f"{visit.reference}@booking")
    event.add("dtstamp", now)
    event.add("dtstart", datetime.fromisoformat(visit.starts_at))
    event.add("dtend", datetime.fromisoformat(visit.ends_at))
    event.add("summary", f"{visit.doctor_name}, {visit.speciality}")
    event.add("location", visit.address)
    event.add("description", f"Booking {visit.reference}")
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Booking//EN")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def file_name(visit: AppointmentView) -> str:
    return f"visit-{visit.reference}.ics"
