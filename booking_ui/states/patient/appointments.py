"""My appointments: upcoming visits, and past ones in pieces."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventSpec

from booking_ui.config.settings import settings
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import WrongState
from booking_ui.edge import live
from booking_ui.edge.gate import Id, allow, principal, tab_principal
from booking_ui.edge.live import News
from booking_ui.edge.threads import call
from booking_ui.languages import _
from booking_ui.services.booking import appointments, cancel, hold_expiry
from booking_ui.services.views import AppointmentView
from booking_ui.states.shared.session import NoticeState
from booking_ui.states.shared.url_messages import problem_message

PAST_AT_ONCE = 10


class AppointmentsState(rx.State):
    """The first of `upcoming` is the prominent one; `more` says that there are earlier visits than `past` shows."""

    loaded: bool = False
    upcoming: list[AppointmentView] = []
    past: list[AppointmentView] = []
    more: bool = False
    hold_seconds: int = 0  # how long a whole hold lasts
    _shown: int = PAST_AT_ONCE

    @rx.event
    @allow("patient")
    async def load(self) -> EventSpec | None:
        self._shown = PAST_AT_ONCE
        self.hold_seconds = settings().payment_timeout_minutes * 60
        await self._read()
        self.loaded = True
        problem = problem_message(self.router.url.query_parameters.get("problem", ""))
        return NoticeState.tell(problem) if problem else None

    @rx.event
    @allow("patient")
    async def cancel(self, appointment_id: Id) -> EventSpec:
        """Cancel and name the exact refund. Raises NotFound, also for another patient's booking."""
        try:
            outcome = await call(
                cancel.cancel_by_policy,
                patient_id=principal().person_id,
                appointment_id=appointment_id,
                now=utc_now(),
            )
        except WrongState as moved:
            said = moved.sentence
        else:
            said = outcome.sentence
            if outcome.refund_paise:  # the worker sends it: the row says so once it has left
                live.watch(f"appointment:{appointment_id}", self, refreshed)
        await self._read()
        return NoticeState.tell(said)

    @rx.event
    @allow("patient")
    async def let_go(self, appointment_id: Id) -> EventSpec:
        """Give a hold up; the slot can be had again while it is free. Raises NotFound, also for another patient's booking."""
        try:
            visit = await call(
                hold_expiry.let_go,
                patient_id=principal().person_id,
                appointment_id=appointment_id,
                now=utc_now(),
            )
        except WrongState as moved:
            said = moved.sentence
        else:
            said = _("{time} is not held for you any more. You pay nothing.", time=visit.when_label)
        await self._read()
        return NoticeState.tell(said)

    @rx.event
    @allow("patient")
    async def time_up(self) -> None:
        """A countdown in the browser reached zero; only the server knows what is still held."""
        await self._read()

    @rx.event
    @allow("patient")
    async def show_more(self) -> None:
        self._shown += PAST_AT_ONCE
        await self._read()

    async def _read(self, patient_id: int = 0) -> None:
        who, now = patient_id or principal().person_id, utc_now()
        self.upcoming = await call(appointments.listed, patient_id=who, now=now, when="upcoming")
        found = await call(appointments.listed, patient_id=who, now=now, when="past", limit=self._shown + 1)
        self.more = len(found) > self._shown
        # A hold that ended is worth a line only while its slot can still be had.
        self.past = [
            visit for visit in found[: self._shown] if visit.phase != "expired" or visit.can_try_again
        ]


async def refreshed(state: AppointmentsState, _news: News) -> None:
    """The refund of a visit that was cancelled here went its way."""
    who = await tab_principal(state)
    if who is None:
        return
    await state._read(who.person_id)  # noqa: SLF001 - the state's own module
    if not any(visit.payment_status == "refund_pending" for visit in state.past):
        live.unwatch(state)
