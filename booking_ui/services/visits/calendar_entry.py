"""A visit as a calendar entry (RFC 5545). Its UID stays; a higher SEQUENCE replaces the entry in a calendar.

Times are UTC, which every calendar shows in its owner's zone. The entry of a mail is an invitation (RFC 6047) that is
accepted already: nobody is asked to answer it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event, vCalAddress

from booking_ui.config.settings import settings
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.languages import _, to
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import place

ALARM = timedelta(hours=2)
"""The time before the visit at which a calendar rings."""


@dataclass(frozen=True)
class Invitation:
    """The entry's part in a mail. `method` (RFC 5546): REQUEST puts the visit in or moves it, CANCEL takes it out.

    `name` is empty where the address is not confirmed: a stranger may have chosen it.
    """

    method: str
    address: str
    name: str = ""


def entry(visit: AppointmentView, *, now: datetime, invitation: Invitation | None = None) -> bytes:
    """The visit as a file: as part of a mail, or to be loaded by whoever opens it."""
    over = _is_over(visit, invitation)
    calendar, event = Calendar(), _event(visit, now, over)
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Booking//EN")
    if invitation:
        calendar.add("method", invitation.method)
        event.add("organizer", _organizer())
        event.add("attendee", _attendee(invitation))
    if not over:
        event.add_component(_alarm(visit))
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _is_over(visit: AppointmentView, invitation: Invitation | None) -> bool:
    cancels = invitation is not None and invitation.method == "CANCEL"
    return cancels or visit.status == AppointmentStatus.CANCELLED


def _event(visit: AppointmentView, now: datetime, over: bool) -> Event:
    event = Event()
    event.add("uid", f"{visit.reference}@booking")
    event.add("dtstamp", now)
    # Each move raises it, and so does the end of the booking: an older mail read later changes nothing.
    event.add("sequence", visit.moved + over)
    event.add("status", "CANCELLED" if over else "CONFIRMED")
    event.add("dtstart", datetime.fromisoformat(visit.starts_at))
    event.add("dtend", datetime.fromisoformat(visit.ends_at))
    event.add("summary", _summary(visit))
    event.add("location", place.line(visit.address, visit.city))
    event.add("description", f"{_description(visit)}\n{page(visit)}")
    event.add("url", page(visit))
    return event


def page(visit: AppointmentView) -> str:
    """The address of the visit's own page. It takes a sign-in: calendars are shared with families and offices."""
    return settings().base_url + to(f"/appointment/{visit.reference}/")


def _alarm(visit: AppointmentView) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _summary(visit))
    alarm.add("trigger", -ALARM)
    return alarm


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


def _organizer() -> vCalAddress:
    name, address = settings().sender
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = name
    return organizer


def _attendee(invitation: Invitation) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{invitation.address}")
    attendee.params["CN"] = invitation.name or invitation.address
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    return attendee


def file_name(visit: AppointmentView) -> str:
    return f"visit-{visit.reference}.ics"
