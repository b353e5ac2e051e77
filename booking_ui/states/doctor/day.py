"""A doctor's own day, read-only. Whose day it is comes from the session alone."""

from __future__ import annotations

from datetime import date

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.calls import call
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound
from booking_ui.gate import STRICT, Short, allow, principal
from booking_ui.services import rounds
from booking_ui.services.views import RoundView
from booking_ui.states import admin_filters

PATH = "/day/"
NO_DOCTOR = 0  # an account of a doctor that belongs to none: the service says whom to ask
NO_DAY = RoundView(
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
    view: RoundView = NO_DAY
    problem: str = ""

    @rx.event
    @allow("doctor")
    async def load(self) -> None:
        """The day of the address, today without one."""
        try:
            self.view = await call(
                rounds.of_day,
                doctor_id=principal().doctor_id or NO_DOCTOR,
                day=_asked(self.router.url.query_parameters.get("on", "")),
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
        """The answer is another address."""
        day = _asked(form.get("on", ""))
        return rx.redirect(f"{PATH}?on={day.isoformat()}" if day else PATH)

    @rx.event
    @allow()
    async def leave(self) -> None:
        """Forget what was shown: the tab may be somebody else's next."""
        self.reset()  # type: ignore[no-untyped-call]


def _asked(text: str) -> date | None:
    """A day of this century; anything else counts as not given."""
    return admin_filters.read({"since": text}).first_day
