"""The page of a link in a message: one visit without names, and the whole one for its own patient."""

from __future__ import annotations

from booking_ui.db.models import Appointment
from booking_ui.db.session import read
from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim
from booking_ui.services.visits import visit_link
from booking_ui.states.patient.appointment import AppointmentState
from booking_ui.states.patient.visit_link import VisitLinkState
from tests.support.cast import Cast
from tests.support.holding import times
from tests.support.tab import Tab, Went, run, signed_in


def linked(cast: Cast) -> tuple[str, str]:
    """(reference, link) of a held visit of Asha's, tomorrow."""
    slot = times(cast, 1, first=utc_now().replace(minute=0, second=0, microsecond=0))[0]
    visit = claim.claim(patient_id=cast.asha, slot_id=slot, now=utc_now())
    with read() as tx:
        return visit.reference, visit_link.token(tx.get_one(Appointment, visit.id))


async def opened(link: str, person_id: int = 0) -> tuple[VisitLinkState, Went]:
    token = signed_in(person_id) if person_id else ""
    tab = Tab(f"/v/{link}/", token=token, params={"visit_token": link})
    went = await tab.send(VisitLinkState, VisitLinkState.load)
    return await tab.state(VisitLinkState), went


def test_anybody_with_the_link_sees_the_visit_and_no_name(cast: Cast) -> None:
    async def story() -> None:
        reference, link = linked(cast)
        for person_id in (0, cast.bilal, cast.devi.person_id):
            page, went = await opened(link, person_id)
            assert (page.stage, page.visit.reference, page.visit.patient_name) == ("ready", reference, "")
            assert page.links.calendar == f"/api/visits/{link}/calendar.ics"
            assert went.redirects == []

    run(story())


def test_its_own_patient_is_led_to_the_whole_visit(cast: Cast) -> None:
    async def story() -> None:
        reference, link = linked(cast)
        page, went = await opened(link, cast.asha)
        assert went.redirects == [f"/appointment/{reference}/"]
        assert page.visit.reference == ""

    run(story())


def test_a_link_that_opens_nothing_says_that_it_is_over(cast: Cast) -> None:
    async def story() -> None:
        _reference, link = linked(cast)
        for forged in (link[:-1], "x" * 24, "", "x" * 4000):
            page, _went = await opened(forged)
            assert (page.stage, page.visit.reference) == ("over", "")

    run(story())


def test_the_patient_ends_the_links_on_the_visits_own_page(cast: Cast) -> None:
    async def story() -> None:
        reference, link = linked(cast)
        at = f"/appointment/{reference}/"
        tab = Tab(at, token=signed_in(cast.asha), params={"booking_ref": reference})
        await tab.send(AppointmentState, AppointmentState.load)
        went = await tab.send(AppointmentState, AppointmentState.end_links)
        assert went.told == ["The links in our messages do not open this visit any more."]
        page, _went = await opened(link)
        assert page.stage == "over"

    run(story())
