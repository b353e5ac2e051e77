"""One doctor at the desk: added, changed, and given a sign-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, NotRequired

import reflex as rx
from pydantic import Field, StringConstraints, with_config
from typing_extensions import TypedDict

from booking_ui.domain.clinic import weekly
from booking_ui.domain.clinic.practice import FIELDS, Translated, Written
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput, BookingError, ChangedMeanwhile, NotFound
from booking_ui.edge.gate import STRICT, Id, Reference, Short, allow, principal
from booking_ui.edge.threads import call
from booking_ui.languages import _, to, without_language
from booking_ui.services.accounts import staff
from booking_ui.services.schedule import doctor_editing, doctor_words
from booking_ui.services.views.desk import AffectedVisit, DoctorSheet
from booking_ui.states.desk.page import DeskPage
from booking_ui.states.shared.session import NoticeState

PATH = "/admin/doctors/"
NEW = f"{PATH}new/"
TRANSLATED = frozenset(one.name for one in fields(Translated))

Line = Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(max_length=4_000)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
References = Annotated[str, StringConstraints(max_length=20_000)]
IdOrNone = Annotated[int, Field(ge=0, lt=2**31)]


@with_config(STRICT)
class DoctorForm(TypedDict):
    """`doctor_id` is 0 for a new one; `agreed` are the references of visits that may lie outside the new hours."""

    doctor_id: IdOrNone
    seen: Reference
    agreed: References
    name: Line
    qualifications: Line
    registration: Line
    gender: Literal["", "female", "male"]
    speciality: Line
    languages: Line
    city: Line
    area: Line
    address: Line
    practising_since: Short
    about: Prose
    fee: Short
    slot_minutes: Short
    mon: Line
    tue: Line
    wed: Line
    thu: Line
    fri: Line
    sat: Line
    sun: Line


@with_config(STRICT)
class WordsForm(TypedDict):
    """The words about a doctor in one other language; `about` is missing where there is none in English."""

    doctor_id: Id
    language: Reference
    seen: Reference
    speciality: Line
    languages: Line
    city: Line
    area: Line
    address: Line
    about: NotRequired[Prose]


@with_config(STRICT)
class SignInForm(TypedDict):
    doctor_id: Id
    email: Line


@dataclass(frozen=True)
class Problems(Written):
    """A sentence for each field that is wrong; `changed` offers to read the page again."""

    slot_minutes: str = ""
    email: str = ""
    whole: str = ""
    changed: bool = False


@dataclass(frozen=True)
class WordProblems(Translated):
    """A sentence for each field that is wrong in the form of `language`; `changed` offers to read the page again."""

    language: str = ""
    whole: str = ""
    changed: bool = False


class EditDoctorState(DeskPage, rx.State):
    """`missing` is True for an address that no doctor has; `affected` are visits that wait for the admin's agreement.

    `said` is about the form, `sign_in_said` about the sign-in, `words_said` about the words in the language `words_in`; `read_as` says of each weekday how its line is understood.
    """

    missing: bool = False
    sheet: DoctorSheet = DoctorSheet()
    specialities: list[str] = []
    problems: Problems = Problems()
    read_as: dict[str, str] = dict.fromkeys(weekly.DAYS, "")
    affected: list[AffectedVisit] = []
    to_call: list[AffectedVisit] = []
    said: str = ""
    sign_in_said: str = ""
    word_problems: WordProblems = WordProblems()
    words_in: str = ""
    words_said: str = ""
    busy: str = ""

    @rx.var
    def agreed(self) -> str:
        """The references that saving once more agrees to."""
        return ",".join(one.reference for one in self.affected)

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        """Show the doctor of the address as stored now, or an empty form."""
        self.reset()  # type: ignore[no-untyped-call]
        slug = without_language(self.router.url.path).removeprefix(PATH).strip("/")
        self.specialities = await call(doctor_editing.specialities)
        if slug != "new":
            await self._show(slug)
        self.loaded = True

    @rx.event
    @allow("admin")
    async def save(self, form: DoctorForm) -> AsyncIterator[Any]:
        """Save, unless booked visits would lie outside the new hours: then list them first and change nothing."""
        self._start("save")
        self.read_as = _read_as(written_in(form))
        yield
        try:
            if form["doctor_id"]:
                await self._change(form)
            else:
                slug = await call(
                    doctor_editing.add, admin=principal(), written=written_in(form), now=utc_now()
                )
                yield [
                    rx.redirect(to(f"{PATH}{slug}/")),
                    NoticeState.tell(_("Added. Patients can book now.")),
                ]
        except BookingError as refusal:
            self.problems = problems_of(refusal)
        finally:
            self.busy = ""

    @rx.event
    @allow("admin")
    async def read_line(self, day: Weekday, line: Line) -> None:
        """Show how a line of hours is understood, before it is saved."""
        self.read_as = {**self.read_as, day: weekly.read_back(line)}

    @rx.event
    @allow("admin")
    async def think_again(self) -> None:
        """Save nothing; what was typed stays in the form."""
        self.affected = []

    @rx.event
    @allow("admin")
    async def save_words(self, form: WordsForm) -> AsyncIterator[None]:
        """Save the words about the doctor in another language."""
        self._start("words")
        self.words_in = language = form["language"]
        yield
        typed = {name: str(value) for name, value in form.items() if name in TRANSLATED}
        try:
            await call(
                doctor_words.say,
                admin=principal(),
                doctor_id=form["doctor_id"],
                language=language,
                seen=form["seen"],
                written=Translated(**typed),
                now=utc_now(),
            )
            self.words_said = _("Saved.")
            await self._show(self.sheet.slug)
        except BookingError as refusal:
            self.word_problems = word_problems_of(refusal, language)
        finally:
            self.busy = ""

    @rx.event
    @allow("admin")
    async def give_sign_in(self, form: SignInForm) -> AsyncIterator[None]:
        """Mail a link with which the doctor chooses a password, whether they have an account or not."""
        self._start("sign_in")
        yield
        try:
            await call(staff.give_sign_in, admin=principal(), **form, now=utc_now())
            self.sign_in_said = _(
                "A link is on its way to {address}. It works once, for 30 minutes.", address=form["email"]
            )
            await self._show(self.sheet.slug)
        except BookingError as refusal:
            self.problems = problems_of(refusal, "email")
        finally:
            self.busy = ""

    @rx.event
    @allow("admin")
    async def take_sign_in(self, doctor_id: Id) -> None:
        self._start("")
        try:
            await call(staff.remove_sign_in, admin=principal(), doctor_id=doctor_id, now=utc_now())
            self.sign_in_said = _("The sign-in is gone. A doctor who was signed in with it is signed out.")
            await self._show(self.sheet.slug)
        except BookingError as refusal:
            self.problems = problems_of(refusal, "email")

    async def _change(self, form: DoctorForm) -> None:
        agreed = [one for one in form["agreed"].split(",") if one]
        saved = await call(
            doctor_editing.change,
            admin=principal(),
            doctor_id=form["doctor_id"],
            seen=form["seen"],
            written=written_in(form),
            agreed=agreed,
            now=utc_now(),
        )
        if not saved.saved:
            self.affected = saved.affected
            return
        self.to_call = saved.affected
        self.said = _("Saved. Free times follow at once; booked visits keep their time and price.")
        await self._show(self.sheet.slug)

    async def _show(self, slug: str) -> None:
        try:
            self.sheet = await call(doctor_editing.sheet, slug=slug)
        except NotFound:
            self.missing = True
        else:
            self.read_as = _read_as(self.sheet.written)

    def _start(self, busy: str) -> None:
        self.problems, self.affected, self.to_call = Problems(), [], []
        self.word_problems, self.words_in, self.words_said = WordProblems(), "", ""
        self.said, self.sign_in_said, self.busy = "", "", busy


def written_in(form: DoctorForm) -> Written:
    """The form's fields about the doctor."""
    return Written(**{name: str(value) for name, value in form.items() if name in FIELDS})


def _read_as(hours: Written) -> dict[str, str]:
    return {day: weekly.read_back(getattr(hours, day)) for day in weekly.DAYS}


def problems_of(refusal: BookingError, field: str = "whole") -> Problems:
    """The refusal beside the fields it is about; any other beside `field`."""
    if not isinstance(refusal, BadInput):
        single: dict[str, Any] = {field: refusal.sentence, "changed": isinstance(refusal, ChangedMeanwhile)}
        return Problems(**single)
    found: dict[str, Any] = {one.field: one.message for one in refusal.errors}
    return Problems(**{"whole": "" if field in found else _(BadInput.message), **found})


def word_problems_of(refusal: BookingError, language: str) -> WordProblems:
    """The refusal beside the words it is about, in the form of `language`."""
    if not isinstance(refusal, BadInput):
        changed = isinstance(refusal, ChangedMeanwhile)
        return WordProblems(language=language, whole=refusal.sentence, changed=changed)
    found: dict[str, Any] = {one.field: one.message for one in refusal.errors}
    return WordProblems(language=language, whole=_(BadInput.message), **found)
