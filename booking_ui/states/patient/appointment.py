"""One booking's status. It changes by itself: pushed when the booking changes, and Razorpay is asked a few times."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import quote

import reflex as rx
from reflex.event import EventSpec

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound, WrongState
from booking_ui.edge import live, questions
from booking_ui.edge.gate import allow, principal, tab_principal
from booking_ui.edge.live import News
from booking_ui.edge.threads import call
from booking_ui.languages import N_, _, to
from booking_ui.services.booking import cancel
from booking_ui.services.views import AppointmentView, SlotView
from booking_ui.services.visits import calendar_entry, place, visit_link
from booking_ui.states.patient.booking import booking_in_address, hold_again, nearest_free
from booking_ui.states.shared.session import NoticeState

INSTEAD = N_("These times are free. Choose one and we hold it for you.")
ASK_AFTER_SECONDS = (0, 2, 4, 8, 15, 30)  # a webhook usually arrives before the third question


@dataclass(frozen=True)
class Links:
    """Targets of the page's actions: a map, and a calendar file, in a data: URL or by its address."""

    directions: str = ""
    calendar: str = ""
    calendar_name: str = ""


def links(visit: AppointmentView) -> Links:
    """The calendar file needs no request, so it works offline."""
    return Links(
        directions=place.on_map(visit.map_place),
        calendar=f"data:text/calendar;charset=utf-8,{quote(calendar_entry.entry(visit, now=utc_now()))}",
        calendar_name=calendar_entry.file_name(visit),
    )


class AppointmentState(rx.State):
    """`stage` is loading, ready or missing."""

    stage: str = "loading"
    visit: AppointmentView = AppointmentView()
    links: Links = Links()
    problem: str = ""
    nearest: list[SlotView] = []

    @rx.event
    @allow("patient")
    async def load(self) -> EventSpec | None:
        self.stage, self.problem, self.nearest = "loading", "", []
        try:
            await self._show_and_offer(await booking_in_address(self, principal().person_id))
        except NotFound:
            self.stage, self.visit = "missing", AppointmentView()
            return None
        live.watch(f"appointment:{self.visit.id}", self, refreshed)
        return AppointmentState.ask_again if self.visit.worth_asking else None

    @rx.event(background=True)
    @allow("patient")
    async def ask_again(self) -> None:
        """Ask what became of the money, now and a few times more, in case no message comes.

        Ends when it is known, when it was asked too often lately, or when the page is left.
        """
        patient_id, visit_id = principal().person_id, self.visit.id
        for seconds in ASK_AFTER_SECONDS:
            await asyncio.sleep(seconds)
            async with self:
                still = self.visit.id == visit_id and self.visit.worth_asking
                if not still or not live.is_watching(self, f"appointment:{visit_id}"):
                    return
            visit = await questions.ask(self.visit, patient_id=patient_id, now=utc_now())
            if visit is None:
                return
            async with self:
                if self.visit.id == visit_id:
                    await self._show_and_offer(visit)

    @rx.event
    @allow("patient")
    async def again(self) -> EventSpec | None:
        """Hold the same slot once more and go to pay for it."""
        visit = await hold_again(self)
        return rx.redirect(to(f"/checkout/{visit.reference}/")) if visit else None

    @rx.event
    @allow("patient")
    async def cancel(self) -> EventSpec:
        """Cancel and name the exact refund; a second click finds that it was cancelled already."""
        try:
            outcome = await call(
                cancel.cancel_by_policy,
                patient_id=principal().person_id,
                appointment_id=self.visit.id,
                now=utc_now(),
            )
        except WrongState as moved:
            self._show(await booking_in_address(self, principal().person_id))
            return NoticeState.tell(moved.sentence)
        self._show(outcome.appointment)
        return NoticeState.tell(outcome.sentence)

    @rx.event
    @allow("patient")
    async def end_links(self) -> EventSpec:
        """Let the links in messages show this visit no more."""
        await call(
            visit_link.end_links,
            patient_id=principal().person_id,
            appointment_id=self.visit.id,
            now=utc_now(),
        )
        return NoticeState.tell(_("The links in our messages do not open this visit any more."))

    @rx.event
    @allow()
    async def leave(self) -> None:
        live.unwatch(self)

    async def _show_and_offer(self, visit: AppointmentView) -> None:
        """Show the booking; a patient who lost the time is offered the nearest free slots."""
        self._show(visit)
        if (
            visit.phase in {"closed", "refund_due", "refund_held", "refund_failed", "refunded"}
            and not self.nearest
        ):
            self.nearest = await nearest_free(visit.slot_id)
            self.problem = _(INSTEAD) if self.nearest else ""

    def _show(self, visit: AppointmentView) -> None:
        self.visit, self.links, self.stage = visit, links(visit), "ready"


async def refreshed(state: AppointmentState, _news: News) -> None:
    """The booking changed elsewhere: a webhook, the desk, another tab."""
    who = await tab_principal(state)
    if who is None or state.stage != "ready":
        return
    try:
        visit = await booking_in_address(state, who.person_id)
    except NotFound:  # the tab left the page without telling us
        live.unwatch(state)
        return
    await state._show_and_offer(visit)  # noqa: SLF001 - the state's own module
