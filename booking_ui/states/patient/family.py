"""A patient's dependents: the list, a form that adds one, and a form for the one being edited."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import reflex as rx
from pydantic import StringConstraints, with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.config.settings import settings
from booking_ui.domain.clock import today, utc_now
from booking_ui.domain.errors import BadInput, FieldError, NotFound, TooManyDependents
from booking_ui.domain.people.family import MOST
from booking_ui.edge.gate import STRICT, Id, Short, allow, principal
from booking_ui.edge.threads import call
from booking_ui.languages import _
from booking_ui.services.booking import dependents
from booking_ui.services.views import DependentView
from booking_ui.states.shared.session import NoticeState

_REFERENCE = re.compile(r"[A-Z0-9]{8}")
WrittenDay = Annotated[str, StringConstraints(max_length=10, strip_whitespace=True)]


@with_config(STRICT)
class NewMember(TypedDict):
    name: Short
    relation: Short
    born_on: WrittenDay


@with_config(STRICT)
class ChangedMember(NewMember):
    dependent_id: Id


class Details(TypedDict):
    """A family member as the service takes them."""

    name: str
    relation: str
    born_on: date | None


@dataclass(frozen=True)
class Problems:
    """A sentence for each field that is wrong, empty for the others."""

    name: str = ""
    relation: str = ""
    born_on: str = ""


def form_problems(refusal: BadInput) -> Problems:
    said = {error.field: error.message for error in refusal.errors}
    return Problems(said.get("name", ""), said.get("relation", ""), said.get("bornOn", ""))


def parse_day(written: str) -> date | None:
    """The day of a date field, None for an empty one. Raises BadInput."""
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as exc:
        raise BadInput(FieldError("bornOn", _("Write a date such as 2019-03-04."))) from exc


def details(form: NewMember) -> Details:
    """The facts that either form gives about the family member. Raises BadInput."""
    return {"name": form["name"], "relation": form["relation"], "born_on": parse_day(form["born_on"])}


class FamilyState(rx.State):
    """`editing` is the id of the dependent being edited, 0 for none; `drafts` counts the forms that were sent.

    `paying` is the reference of the booking whose checkout led here, "" without one.
    """

    loaded: bool = False
    people: list[DependentView] = []
    full: bool = False
    editing: int = 0
    wrong: Problems = Problems()
    wrong_edit: Problems = Problems()
    drafts: int = 0
    latest_day: str = ""
    paying: str = ""

    @rx.event
    @allow("patient")
    async def load(self) -> None:
        self.editing, self.wrong, self.wrong_edit = 0, Problems(), Problems()
        self.latest_day = today(utc_now(), settings().zone).isoformat()
        paying = self.router.url.query_parameters.get("paying", "")
        self.paying = paying if _REFERENCE.fullmatch(paying) else ""
        await self._read()
        self.loaded = True

    @rx.event
    @allow("patient")
    async def add(self, form: NewMember) -> EventSpec | None:
        try:
            added = await call(
                dependents.add,
                patient_id=principal().person_id,
                **details(form),
                now=utc_now(),
            )
        except BadInput as refusal:
            self.wrong = form_problems(refusal)
            return None
        except TooManyDependents as refusal:
            await self._read()
            return NoticeState.tell(refusal.sentence)
        self.wrong, self.drafts = Problems(), self.drafts + 1
        await self._read()
        return NoticeState.tell(_("{name} is added. You can now book for them at checkout.", name=added.name))

    @rx.event
    @allow("patient")
    async def edit(self, dependent_id: Id) -> None:
        self.editing, self.wrong_edit = dependent_id, Problems()

    @rx.event
    @allow("patient")
    async def stop_editing(self) -> None:
        self.editing = 0

    @rx.event
    @allow("patient")
    async def save(self, form: ChangedMember) -> EventSpec | None:
        try:
            saved = await call(
                dependents.edit,
                patient_id=principal().person_id,
                dependent_id=form["dependent_id"],
                **details(form),
                now=utc_now(),
            )
        except BadInput as refusal:
            self.wrong_edit = form_problems(refusal)
            return None
        self.editing = 0
        await self._read()
        return NoticeState.tell(_("{name} is saved.", name=saved.name))

    @rx.event
    @allow("patient")
    async def remove(self, dependent_id: Id) -> EventSpec:
        """Remove a dependent; a second click finds that they were removed already."""
        try:
            await call(
                dependents.remove, patient_id=principal().person_id, dependent_id=dependent_id, now=utc_now()
            )
        except NotFound:
            said = _("That person was removed already.")
        else:
            said = _("Removed. Visits that are booked stay booked.")
        await self._read()
        return NoticeState.tell(said)

    async def _read(self) -> None:
        self.people = await call(dependents.listed, patient_id=principal().person_id, now=utc_now())
        self.full = len(self.people) >= MOST
