"""Two fields of checkout about the visit itself, kept until it is paid: for whom it is, and its reason."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import reflex as rx
from pydantic import StringConstraints
from reflex.event import EventSpec

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput, HoldExpired, NotFound, WrongState
from booking_ui.edge.gate import allow, principal
from booking_ui.edge.threads import call
from booking_ui.languages import _
from booking_ui.services.booking import dependents, visit_reason
from booking_ui.services.views import DependentView
from booking_ui.states.patient.booking import booking_in_address
from booking_ui.states.patient.checkout import CheckoutState, show_anew
from booking_ui.states.shared.session import NoticeState

DependentChoice = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")]
"""A dependent's id as a select sends it; 0 is the patient."""
WrittenReason = Annotated[str, StringConstraints(max_length=20_000)]
"""More than a reason may have: one that is too long is refused with a sentence, not by the gate."""


class ForWhomState(rx.State):
    """`me` is the patient's own name, `people` are their dependents."""

    people: list[DependentView] = []
    me: str = ""

    @rx.event
    @allow("patient")
    async def load(self) -> None:
        patient = principal()
        self.me = patient.name
        self.people = await call(dependents.listed, patient_id=patient.person_id, now=utc_now())

    @rx.event
    @allow("patient")
    async def choose(self, dependent: DependentChoice) -> EventSpec | None:
        checkout = await self.get_state(CheckoutState)
        patient_id = principal().person_id
        try:
            checkout.visit = await call(
                dependents.for_whom,
                patient_id=patient_id,
                appointment_id=checkout.visit.id,
                dependent_id=int(dependent) or None,
                now=utc_now(),
            )
        except NotFound as refusal:
            # The dependent was removed in another tab.
            self.people = await call(dependents.listed, patient_id=patient_id, now=utc_now())
            checkout.visit = await booking_in_address(checkout, patient_id)
            return NoticeState.tell(refusal.sentence)
        except (HoldExpired, WrongState):
            return await show_anew(checkout)
        return None


class ReasonState(rx.State):
    """`progress` is "Saving…", then "Saved"; `problem` is why it could not be saved."""

    progress: str = ""
    problem: str = ""

    @rx.event
    @allow("patient")
    async def load(self) -> None:
        self.progress, self.problem = "", ""

    @rx.event
    @allow("patient")
    async def save(self, reason: WrittenReason) -> AsyncIterator[EventSpec | None]:
        checkout = await self.get_state(CheckoutState)
        self.problem = ""
        if reason.strip() == checkout.visit.reason:
            return
        self.progress = _("Saving…")
        yield None
        self.progress = ""
        try:
            checkout.visit = await call(
                visit_reason.give_reason,
                patient_id=principal().person_id,
                appointment_id=checkout.visit.id,
                reason=reason,
                now=utc_now(),
            )
        except BadInput as refusal:
            self.problem = refusal.sentence
        except (HoldExpired, WrongState):
            yield await show_anew(checkout)
        except NotFound:
            checkout.stage = "missing"
        else:
            self.progress = _("Saved")
