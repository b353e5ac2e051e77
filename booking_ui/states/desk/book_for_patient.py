"""The desk books for a patient: a doctor, a day and a time, a patient who is found or written down, and the payment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated, Any, Literal, NotRequired

import reflex as rx
from pydantic import Field, with_config
from typing_extensions import TypedDict

from booking_ui.config.settings import settings
from booking_ui.domain import clock
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput, BookingError, FieldError, SlotGone, SlotTaken
from booking_ui.edge.gate import STRICT, Id, Sentence, Short, allow, principal
from booking_ui.edge.threads import call
from booking_ui.languages import N_, _
from booking_ui.services.desk import book_for_patient, find_patient
from booking_ui.services.desk.book_for_patient import Given
from booking_ui.services.schedule import doctor_list, slots
from booking_ui.services.views import DayView, SlotView
from booking_ui.services.views.desk import DeskBooking, DoctorChoice, PatientMatch
from booking_ui.states.desk.page import DeskPage

PICK_A_TIME = N_("Choose a time first.")
IdOrNone = Annotated[int, Field(ge=0, lt=2**31)]


@with_config(STRICT)
class TimesForm(TypedDict):
    doctor: Short
    day: Short


@with_config(STRICT)
class FindForm(TypedDict):
    q: Short


@with_config(STRICT)
class BookForm(TypedDict):
    """`person_id` is 0 for a patient who is written down by name and number."""

    slot_id: IdOrNone
    person_id: IdOrNone
    name: NotRequired[Short]
    phone: NotRequired[Short]
    email: NotRequired[Sentence]
    reason: Sentence
    payment: Literal["cash", "link"]
    reference: Short


@dataclass(frozen=True)
class Problems:
    """A sentence for each field of the form, one for the times and one for the whole; empty where nothing is wrong."""

    name: str = ""
    phone: str = ""
    email: str = ""
    reason: str = ""
    payment: str = ""
    reference: str = ""
    times: str = ""
    whole: str = ""


_FIELDS = {one.name for one in fields(Problems)}


def problems_of(refusal: BookingError) -> Problems:
    """The refusal beside the field it is about."""
    if isinstance(refusal, SlotTaken | SlotGone):
        return Problems(times=refusal.sentence)
    if not isinstance(refusal, BadInput):
        return Problems(whole=refusal.sentence)
    found: dict[str, Any] = {}
    for one in refusal.errors:
        name = one.field.removeprefix("patient.")
        found[name if name in _FIELDS else "whole"] = one.message
    return Problems(**found)


class BookForPatientState(DeskPage, rx.State):
    """`made` counts the bookings: each renders the form anew. `said`, `reference` and `booked_slot` are the last one's."""

    doctors: list[DoctorChoice] = []
    doctor: str = ""
    day: DayView = DayView()
    chosen: SlotView = SlotView()
    sought: bool = False
    matches: list[PatientMatch] = []
    patient: PatientMatch = PatientMatch()
    problems: Problems = Problems()
    said: str = ""
    reference: str = ""
    busy: str = ""
    made: int = 0
    booked_slot: int = 0

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        """Show the doctors who can be booked, and today's times of the one that the address names."""
        self.reset()  # type: ignore[no-untyped-call]
        known = [one for one in (await call(doctor_list.list_doctors, now=utc_now())).doctors if one.active]
        self.doctors = [DoctorChoice(str(one.id), one.name) for one in known]
        wanted = self.router.url.query_parameters.get("doctor", "")
        self.doctor = next((str(one.id) for one in known if one.slug == wanted), "")
        today = clock.today(utc_now(), settings().zone)
        if self.doctor:
            await self._show_times(today)
        else:
            self.day = DayView(day=today.isoformat())
        self.loaded = True

    @rx.event
    @allow("admin")
    async def look(self, form: TimesForm) -> AsyncIterator[None]:
        """Show the times of a doctor on a day."""
        self.problems, self.chosen, self.busy = Problems(), SlotView(), "times"
        self.doctor = form["doctor"] if any(one.value == form["doctor"] for one in self.doctors) else ""
        yield
        try:
            await self._show_times(_read_day(form["day"]))
        except BookingError as refusal:
            self.problems = Problems(times=refusal.sentence)
        finally:
            self.busy = ""

    @rx.event
    @allow("admin")
    async def choose(self, slot_id: Id) -> None:
        """Choose one of the times on screen."""
        self.booked_slot = 0
        shown = [*self.day.morning, *self.day.afternoon, *self.day.evening]
        self.chosen = next((one for one in shown if one.id == slot_id), SlotView())
        self.problems = Problems()

    @rx.event
    @allow("admin")
    async def find(self, form: FindForm) -> AsyncIterator[None]:
        """List the patients who match a name, an address or a number."""
        self.busy = "find"
        yield
        self.matches = await call(find_patient.matches, q=form["q"])
        self.sought, self.busy = True, ""

    @rx.event
    @allow("admin")
    async def pick(self, person_id: Id) -> None:
        self.patient = next((one for one in self.matches if one.id == person_id), PatientMatch())
        self.problems = Problems()

    @rx.event
    @allow("admin")
    async def somebody_else(self) -> None:
        """Forget the patient who was found, for another or one who is written down."""
        self.patient, self.matches, self.sought = PatientMatch(), [], False

    @rx.event
    @allow("admin")
    async def book(self, form: BookForm) -> AsyncIterator[None]:
        """Book; a second tap on the form that was booked does nothing."""
        if form["slot_id"] and form["slot_id"] == self.booked_slot:
            return
        self.problems, self.said, self.reference, self.busy = Problems(), "", "", "book"
        yield
        try:
            self._tell(await _booked(form))
            self.made, self.booked_slot = self.made + 1, form["slot_id"]
        except BookingError as refusal:
            self.problems = problems_of(refusal)
        finally:
            self.busy = ""
        if (self.said or self.problems.times) and self.day.day and self.doctor:
            await self._show_times(_read_day(self.day.day))

    def _tell(self, booking: DeskBooking) -> None:
        visit = booking.appointment
        self.reference = visit.reference
        self.patient, self.matches, self.sought = PatientMatch(), [], False
        if booking.held:
            self.said = _(
                "{patient}, {when}: held until {until}. The link to pay is on its way.",
                patient=visit.patient_name,
                when=visit.when_label,
                until=booking.held_until_label,
            )
            return
        self.said = _(
            "{patient}, {when}: booked and paid. Receipt and details stand at the booking.",
            patient=visit.patient_name,
            when=visit.when_label,
        )

    async def _show_times(self, day: date) -> None:
        if not self.doctor:
            raise BadInput(FieldError("doctor", _("Choose a doctor.")))
        self.chosen = SlotView()
        (self.day,) = await call(
            slots.days, doctor_id=int(self.doctor), now=utc_now(), first_day=day, count=1
        )


def _read_day(text: str) -> date:
    """Raises BadInput."""
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise BadInput(FieldError("day", _("Write a date such as 2026-11-24."))) from exc


async def _booked(form: BookForm) -> DeskBooking:
    """Raises BadInput before a time was chosen, and what the service refuses."""
    if not form["slot_id"]:
        raise BadInput(FieldError("times", _(PICK_A_TIME)))
    given = Given(form.get("name", ""), form.get("phone", ""), form.get("email", ""))
    return await call(
        book_for_patient.book,
        admin=principal(),
        slot_id=form["slot_id"],
        patient=form["person_id"] or given,
        payment=form["payment"],
        now=utc_now(),
        reason=form["reason"],
        reference=form["reference"],
    )
