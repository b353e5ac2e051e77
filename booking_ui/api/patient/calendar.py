"""A visit as a calendar file: for its patient, and for everybody who has its link."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from booking_ui.api.http.envelope import PROBLEMS
from booking_ui.api.http.fields import PathId
from booking_ui.api.http.identity import Now, Patient
from booking_ui.domain.errors import NotFound
from booking_ui.edge.threads import call
from booking_ui.languages import to
from booking_ui.services.booking import appointments
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import calendar_entry, visit_link

# The description is of JSON; docs/api.md has the files.
router = APIRouter(prefix="/api", include_in_schema=False, responses=PROBLEMS)

LONGEST = 60  # characters of a link that are looked at


@router.get("/appointments/{appointment_id}/calendar.ics")
async def own(appointment_id: PathId, who: Patient, now: Now) -> Response:
    visit = await call(appointments.find, patient_id=who.person_id, appointment_id=appointment_id, now=now)
    return _file(visit, calendar_entry.entry(visit, now=now))


@router.get("/visits/{link}/calendar.ics")
async def linked(link: str, now: Now) -> Response:
    """Names no patient. A link that is over leads to the page that says so: it is a person who taps it."""
    link = link[:LONGEST]
    try:
        visit = await call(visit_link.open_visit, link=link, now=now)
    except NotFound:
        return RedirectResponse(to(f"/v/{quote(link, safe='')}/"), status_code=303)
    return _file(visit, calendar_entry.entry(visit, now=now))


def _file(visit: AppointmentView, content: bytes) -> Response:
    # Inline: a telephone then opens its calendar, where a download would lie among the files.
    headers = {
        "Content-Disposition": f'inline; filename="{calendar_entry.file_name(visit)}"',
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
