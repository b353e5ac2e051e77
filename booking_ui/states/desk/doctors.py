"""The desk's doctors: who works, which days are closed, and who must be called because of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date

import reflex as rx
from pydantic import with_config
from typing_extensions import TypedDict

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput, BookingError, FieldError
from booking_ui.edge.gate import STRICT, Id, Short, allow, principal
from booking_ui.edge.threads import call
from booking_ui.services.schedule import leave as leave_days
from booking_ui.services.views import HitView, Rota
from booking_ui.states.desk.page import DeskPage

NOT_A_DAY = "Choose a day."


@dataclass(frozen=True)
class Problems:
    """What is wrong with the form, by field, and as a whole."""

    doctor: str = ""
    first_day: str = ""
    last_day: str = ""
    name: str = ""
    whole: str = ""


@with_config(STRICT)
class CloseDays(TypedDict):
    doctor: Short
    first_day: Short
    last_day: Short
    name: Short


class Days(TypedDict):
    """The same as the service wants it; doctor 0 is the whole clinic."""

    doctor_id: int
    first_day: date
    last_day: date
    name: str


@dataclass(frozen=True)
class Asked:
    """Days somebody wants to close although visits lie on them; closed only when she says so again."""

    doctor: str = ""
    first_day: str = ""
    last_day: str = ""
    name: str = ""
    days: str = ""
    hits: list[HitView] = field(default_factory=list)

    def form(self) -> CloseDays:
        return CloseDays(doctor=self.doctor, first_day=self.first_day, last_day=self.last_day, name=self.name)


class DoctorsState(DeskPage, rx.State):
    """`busy` is True while something is being changed."""

    rota: Rota = Rota()
    problems: Problems = Problems()
    asked: Asked = Asked()
    called: list[HitView] = []
    said: str = ""
    busy: bool = False

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        self.reset()  # type: ignore[no-untyped-call]
        await self._show()

    @rx.event
    @allow("admin")
    async def close_days(self, form: CloseDays) -> AsyncIterator[None]:
        """Close days; where visits lie on them they are listed first and nothing is changed."""
        self.problems, self.asked, self.said, self.called, self.busy = Problems(), Asked(), "", [], True
        yield
        try:
            wanted = read(form)
            hits = await call(leave_days.hits, **wanted, now=utc_now())
            if hits:
                self.asked = Asked(
                    days=leave_days.days_label(wanted["first_day"], wanted["last_day"]), hits=hits, **form
                )
            else:
                await self._close(wanted)
        except BookingError as refusal:
            self.problems = problems(refusal)
        finally:
            self.busy = False

    @rx.event
    @allow("admin")
    async def close_anyway(self) -> AsyncIterator[None]:
        """Close the days that were asked about; the visits stay and are listed to be called."""
        asked, self.busy = self.asked, True
        yield
        try:
            if asked.hits:
                await self._close(read(asked.form()))
        except BookingError as refusal:
            self.problems = problems(refusal)
        finally:
            self.asked, self.busy = Asked(), False

    @rx.event
    @allow("admin")
    async def think_again(self) -> None:
        self.asked = Asked()

    @rx.event
    @allow("admin")
    async def open_days(self, day_off_id: Id) -> None:
        """Take leave or a holiday back."""
        self.said, self.called = "", []
        await call(leave_days.open_days, admin=principal(), day_off_id=day_off_id, now=utc_now())
        self.said = "Those days are open again; their times can be booked."
        await self._show()

    @rx.event
    @allow("admin")
    async def set_active(self, doctor_id: Id, active: bool) -> None:
        """Take a doctor out of search and booking, or back in."""
        self.said, self.called = "", []
        await call(
            leave_days.set_active, admin=principal(), doctor_id=doctor_id, active=active, now=utc_now()
        )
        self.said = (
            "She can be booked again." if active else "She can't be booked any more. Booked visits stay."
        )
        await self._show()

    async def _close(self, wanted: Days) -> None:
        self.called = await call(leave_days.close_days, admin=principal(), **wanted, now=utc_now())
        self.said = f"Closed: {leave_days.days_label(wanted['first_day'], wanted['last_day'])}."
        await self._show()

    async def _show(self) -> None:
        self.rota = await call(leave_days.shown, now=utc_now())
        self.loaded = True


def read(form: CloseDays) -> Days:
    """The form's days; no doctor is the whole clinic. Raises BadInput."""
    found: dict[str, date] = {}
    wrong = []
    for name, text in (("first_day", form["first_day"]), ("last_day", form["last_day"] or form["first_day"])):
        try:
            found[name] = date.fromisoformat(text)
        except ValueError:
            wrong.append(FieldError(name, NOT_A_DAY))
    if wrong:
        raise BadInput(*wrong[:1])
    doctor = form["doctor"]
    doctor_id = int(doctor) if doctor.isascii() and doctor.isdecimal() and len(doctor) < 10 else 0
    if doctor and not doctor_id:
        raise BadInput(FieldError("doctor", "Choose a doctor, or the whole clinic."))
    return Days(
        doctor_id=doctor_id, first_day=found["first_day"], last_day=found["last_day"], name=form["name"]
    )


def problems(refusal: BookingError) -> Problems:
    """The refusal beside the fields it is about."""
    if not isinstance(refusal, BadInput):
        return Problems(whole=refusal.sentence)
    return Problems(**{one.field: one.message for one in refusal.errors})
