"""A visit as a calendar file: for its patient, and without a sign-in by its link, as long as that opens."""

from __future__ import annotations

from urllib.parse import urlsplit

from anyio.from_thread import BlockingPortal
from icalendar import Calendar

from booking_ui.db.models import Appointment
from booking_ui.db.session import read
from booking_ui.languages import speaking
from booking_ui.services.visits import visit_link
from tests.support.api import Caller, claimed, opened, refusal
from tests.support.cast import NOW, Cast


def held(asha: Caller, cast: Cast) -> int:
    return int(str(claimed(asha, cast.slots[0])["appointmentId"]))


def address(visit: int) -> str:
    with read() as tx:
        whole = urlsplit(visit_link.calendar_address(tx.get_one(Appointment, visit)))
    return f"{whole.path}?{whole.query}".rstrip("?")


def test_the_link_gives_a_file_that_names_only_the_doctor(
    asha: Caller, cast: Cast, portal: BlockingPortal
) -> None:
    visit = held(asha, cast)
    with speaking("hi"):
        hindi = address(visit)
    for where, booking in ((address(visit), "Booking "), (hindi, "बुकिंग ")):
        with opened(portal, perimeter=True) as door:
            answer = Caller(door).send("GET", where)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"].startswith('inline; filename="visit-')
        (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
        assert event["SUMMARY"] == "Dr Chandra Rao, Cardiologist"
        assert str(event["DESCRIPTION"]).startswith(booking)
        assert [word for word in ("Asha", "asha@", "ATTENDEE") if word in answer.text] == []


def test_it_ends_with_the_visits_link_and_leads_to_the_page_that_says_so(asha: Caller, cast: Cast) -> None:
    visit = held(asha, cast)
    where = address(visit)
    visit_link.end_links(patient_id=cast.asha, appointment_id=visit, now=NOW)
    stranger = Caller(asha.door)
    for over in (
        where,
        where.replace("/visits/", "/visits/a"),
        "/api/visits/%2F%2Fevil.example/calendar.ics",
    ):
        answer = stranger.get(over)
        assert answer.status_code in (303, 404)
        assert answer.headers.get("location", "/v/").startswith("/v/")
    assert stranger.get(where).headers["location"] == f"/v/{where.split('/')[3]}/"
    assert stranger.get(address(visit)).status_code == 200


def test_the_patient_has_it_by_the_bookings_own_address(asha: Caller, bilal: Caller, cast: Cast) -> None:
    visit = held(asha, cast)
    own = f"/api/appointments/{visit}/calendar.ics"
    answer = asha.get(own)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert Calendar.from_ical(answer.content).walk("VEVENT")[0]["SEQUENCE"] == 0
    assert refusal(bilal.get(own)) == (404, "not_found")
    assert refusal(Caller(asha.door).get(own)) == (401, "not_signed_in")
