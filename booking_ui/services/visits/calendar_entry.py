"""A visit as a calendar entry (RFC 5545). Its UID stays; a higher SEQUENCE replaces the entry in a calendar."""

from __future__ import annotations

from datetime import datetime

from icalendar import Calendar, Event, vCalAddress

from booking_ui.config.settings import settings
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.languages import _
from booking_ui.services.views import AppointmentView


def entry(visit: AppointmentView, *, now: datetime, method: str = "", attendee: str = "") -> bytes:
    """The visit as a file. `method` is for a mail to `attendee`: REQUEST puts it in or moves it, CANCEL takes it out."""
    over = method == "CANCEL" or visit.status == AppointmentStatus.CANCELLED
    event = Event()
    event.add("uid", f"{visit.reference}@booking")
    event.add("dtstamp", now)
    # Each move raises it, and so does the end of the booking: an older mail read later changes nothing.
    event.add("sequence", visit.moved + over)
    event.add("status", "CANCELLED" if over else "CONFIRMED")
    event.add("dtstart", datetime.fromisoformat(visit.starts_at))
    event.add("dtend", datetime.fromisoformat(visit.ends_at))
    event.add("summary", _summary(visit))
    event.add("location", visit.address)
    event.add("description", _description(visit))
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Booking//EN")
    if method:
        calendar.add("method", method)
        event.add("organizer", _address(settings().sender[1]))
        event.add("attendee", _address(attendee))
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _summary(visit: AppointmentView) -> str:
    """The doctor, and for whom the visit is if it is a dependent's."""
    if visit.dependent_id:
        return _(
            "{doctor}, {speciality} (for {patient})",
            doctor=visit.doctor_name,
            speciality=visit.speciality,
            patient=visit.patient_name,
        )
    return f"{visit.doctor_name}, {visit.speciality}"


def _description(visit: AppointmentView) -> str:
    if visit.dependent_id:
        return _("Booking {reference} (for {patient})", reference=visit.reference, patient=visit.patient_name)
    return _("Booking {reference}", reference=visit.reference)


def _address(email: str) -> vCalAddress:
    return vCalAddress(f"mailto:{email}")


def file_name(visit: AppointmentView) -> str:
    return f"visit-{visit.reference}.ics"
