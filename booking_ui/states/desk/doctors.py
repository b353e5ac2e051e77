"""The desk's doctors: every doctor, the closed days, and the patients to call because of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date

import reflex as rx
from pydantic import with_config
from typing_extensions import TypedDict

from booking_ui.domain.clock import days_label, utc_now
from booking_ui.domain.errors import BadInput, BookingError, FieldError
from booking_ui.edge.gate import STRICT, Id, Short, allow, principal
from booking_ui.edge.threads import call
from booking_ui.languages import N_, _
from booking_ui.services.schedule import doctor_editing, doctor_list, leave
from booking_ui.services.views.desk import AffectedVisit, DoctorList
from booking_ui.states.desk.lists import number_in
from booking_ui.states.desk.page import DeskPage

NOT_A_DAY = N_("Choose a day.")


@dataclass(frozen=True)
class Problems:
    """A sentence for each field of the form, and one for the whole; empty where nothing is wrong."""

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


@with_config(STRICT)
class WordForm(TypedDict):
    """The reason of closed days in another language."""

    day_off_id: Id
    language: Short
    text: Short


@dataclass(frozen=True)
class WordProblem:
    """The sentence about a reason that can't be said so, beside the days and the language it was typed for."""

    day_off_id: int = 0
    language: str = ""
    sentence: str = ""


class Days(TypedDict):
    """The days to close as the service takes them; doctor 0 is the whole clinic."""

    doctor_id: int
    first_day: date
    last_day: date
    name: str


@dataclass(frozen=True)
class Question:
    """Days with visits that an admin wants to close. They are closed once the admin confirms."""

    doctor: str = ""
    first_day: str = ""
    last_day: str = ""
    name: str = ""
    days: str = ""
    affected: list[AffectedVisit] = field(default_factory=list)

    def form(self) -> CloseDays:
        return CloseDays(doctor=self.doctor, first_day=self.first_day, last_day=self.last_day, name=self.name)


class DoctorsState(DeskPage, rx.State):
    """`busy` is True while something is being changed."""

    clinic: DoctorList = DoctorList()
    problems: Problems = Problems()
    word_problem: WordProblem = WordProblem()
    question: Question = Question()
    to_call: list[AffectedVisit] = []
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
        """Close days, unless visits lie on them: then list those first and change nothing."""
        self.problems, self.question, self.busy = Problems(), Question(), True
        self.said, self.to_call = "", []
        yield
        try:
            wanted = days_in(form)
            affected = await call(leave.visits_on_days, **wanted, now=utc_now())
            if affected:
                self.question = Question(
                    days=days_label(wanted["first_day"], wanted["last_day"]), affected=affected, **form
                )
            else:
                await self._close(wanted)
        except BookingError as refusal:
            self.problems = problems_of(refusal)
        finally:
            self.busy = False

    @rx.event
    @allow("admin")
    async def close_anyway(self) -> AsyncIterator[None]:
        """Close the days in question. Their visits stay booked and are listed for the desk to call."""
        asked, self.busy = self.question, True
        yield
        try:
            if asked.affected:
                await self._close(days_in(asked.form()))
        except BookingError as refusal:
            self.problems = problems_of(refusal)
        finally:
            self.question, self.busy = Question(), False

    @rx.event
    @allow("admin")
    async def think_again(self) -> None:
        self.question = Question()

    @rx.event
    @allow("admin")
    async def open_days(self, day_off_id: Id) -> None:
        """Take leave or a holiday back."""
        self.said, self.to_call = "", []
        await call(leave.open_days, admin=principal(), day_off_id=day_off_id, now=utc_now())
        self.said = _("Those days are open again; their times can be booked.")
        await self._show()

    @rx.event
    @allow("admin")
    async def say_reason(self, form: WordForm) -> AsyncIterator[None]:
        """Say the reason of closed days in another language."""
        self.said, self.to_call, self.word_problem, self.busy = "", [], WordProblem(), True
        yield
        try:
            await call(leave.say, admin=principal(), **form, now=utc_now())
            self.said = _("Saved. Patients read it wherever those days are closed.")
            await self._show()
        except BookingError as refusal:
            sentence = refusal.errors[0].message if isinstance(refusal, BadInput) else refusal.sentence
            self.word_problem = WordProblem(form["day_off_id"], form["language"], sentence)
        finally:
            self.busy = False

    @rx.event
    @allow("admin")
    async def set_active(self, doctor_id: Id, active: bool) -> None:
        """Take a doctor out of search and booking, or back in."""
        self.said, self.to_call = "", []
        await call(
            doctor_editing.set_active, admin=principal(), doctor_id=doctor_id, active=active, now=utc_now()
        )
        stopped = _("The doctor can't be booked any more. Booked visits stay.")
        self.said = _("The doctor can be booked again.") if active else stopped
        await self._show()

    async def _close(self, wanted: Days) -> None:
        self.to_call = await call(leave.close_days, admin=principal(), **wanted, now=utc_now())
        self.said = _("Closed: {days}.", days=days_label(wanted["first_day"], wanted["last_day"]))
        await self._show()

    async def _show(self) -> None:
        self.clinic = await call(doctor_list.list_doctors, now=utc_now())
        self.loaded = True


def days_in(form: CloseDays) -> Days:
    """The days that the form asks for. Raises BadInput."""
    found: dict[str, date] = {}
    wrong = []
    for name, text in (("first_day", form["first_day"]), ("last_day", form["last_day"] or form["first_day"])):
        try:
            found[name] = date.fromisoformat(text)
        except ValueError:
            wrong.append(FieldError(name, _(NOT_A_DAY)))
    if wrong:
        raise BadInput(*wrong[:1])
    doctor_id = number_in(form["doctor"]) or 0
    if form["doctor"] and not doctor_id:
        raise BadInput(FieldError("doctor", _("Choose a doctor, or the whole clinic.")))
    return Days(
        doctor_id=doctor_id, first_day=found["first_day"], last_day=found["last_day"], name=form["name"]
    )


def problems_of(refusal: BookingError) -> Problems:
    """The refusal beside the fields it is about."""
    if not isinstance(refusal, BadInput):
        return Problems(whole=refusal.sentence)
    return Problems(**{one.field: one.message for one in refusal.errors})
