"""A doctor's own day, read-only. The session alone says whose it is."""

from __future__ import annotations

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound
from booking_ui.domain.period import day_of
from booking_ui.edge.gate import STRICT, Short, allow, principal
from booking_ui.edge.threads import call
from booking_ui.languages import to
from booking_ui.services.schedule import doctor_day
from booking_ui.services.views import DoctorDayView

PATH = "/day/"
NO_DOCTOR = 0  # for a sign-in that belongs to no doctor: the service refuses with whom to ask
NO_DAY = DoctorDayView(
    day="",
    day_label="",
    is_today=False,
    previous="",
    next="",
    next_with_visits="",
    next_with_visits_label="",
    doctor_name="",
)


@with_config(STRICT)
class DayForm(TypedDict, total=False):
    on: Short


class DayState(rx.State):
    """`loaded` is False until the first answer; `problem` says why there is no day to show."""

    loaded: bool = False
    view: DoctorDayView = NO_DAY
    problem: str = ""

    @rx.event
    @allow("doctor")
    async def load(self) -> None:
        """The day of the address, today without one."""
        try:
            self.view = await call(
                doctor_day.visits_of_day,
                doctor_id=principal().doctor_id or NO_DOCTOR,
                day=day_of(self.router.url.query_parameters.get("on", "")),
                now=utc_now(),
            )
        except NotFound as missing:
            self.problem, self.view = missing.sentence, NO_DAY
        else:
            self.problem = ""
        self.loaded = True

    @rx.event
    @allow("doctor")
    async def choose(self, form: DayForm) -> EventSpec:
        """Go to the address of that day."""
        day = day_of(form.get("on", ""))
        return rx.redirect(to(f"{PATH}?on={day.isoformat()}" if day else PATH))

    @rx.event
    @allow()
    async def leave(self) -> None:
        """Forget what was shown: the tab may be another person's next."""
        self.reset()  # type: ignore[no-untyped-call]
