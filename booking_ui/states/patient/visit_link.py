"""The page of a link in a message: one visit, to look at, for anybody who has the link."""

from __future__ import annotations

from dataclasses import replace

import reflex as rx
from reflex.event import EventSpec

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound
from booking_ui.edge.gate import allow, visitor
from booking_ui.edge.threads import call
from booking_ui.languages import to
from booking_ui.services.booking import appointments
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import visit_link
from booking_ui.states.patient.appointment import Links, links

LONGEST = 60  # characters of a link that are looked at


class VisitLinkState(rx.State):
    """`stage` is loading, ready or over."""

    stage: str = "loading"
    visit: AppointmentView = AppointmentView()
    links: Links = Links()

    @rx.event
    @allow()
    async def load(self) -> EventSpec | None:
        self.stage, self.visit, self.links = "loading", AppointmentView(), Links()
        link = str(getattr(self, "visit_token", ""))[:LONGEST]
        try:
            visit = await call(visit_link.open_visit, link=link, now=utc_now())
        except NotFound:
            self.stage = "over"
            return None
        if await _is_own(visit.reference):
            return rx.redirect(to(f"/appointment/{visit.reference}/"), replace=True)
        # A request of its own: telephones open a calendar for one, and few do for a file that the page made.
        found = replace(links(visit), calendar=visit_link.calendar_path(link))
        self.visit, self.links, self.stage = visit, found, "ready"
        return None


async def _is_own(reference: str) -> bool:
    """True when the patient of the visit is signed in here: they see it whole."""
    who = visitor()
    if who is None:
        return False
    try:
        await call(appointments.find, patient_id=who.person_id, reference=reference, now=utc_now())
    except NotFound:
        return False
    return True
