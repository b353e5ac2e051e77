"""For whom the visit on the checkout page is: the patient herself or one of her dependents, until it is paid."""

from __future__ import annotations

from typing import Annotated

import reflex as rx
from pydantic import StringConstraints
from reflex.event import EventSpec

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import HoldExpired, NotFound, WrongState
from booking_ui.edge.gate import allow, principal
from booking_ui.edge.threads import call
from booking_ui.services.booking import dependents
from booking_ui.services.views import DependentView
from booking_ui.states.patient.checkout import CheckoutState, found_visit
from booking_ui.states.shared.session import NoticeState

Chosen = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")]
"""A dependent's id as a select sends it; 0 is the patient herself."""


class ForWhomState(rx.State):
    """`me` is the patient's own name."""

    people: list[DependentView] = []
    me: str = ""

    @rx.event
    @allow("patient")
    async def load(self) -> None:
        who = principal()
        self.me = who.name
        self.people = await call(dependents.listed, patient_id=who.person_id, now=utc_now())

    @rx.event
    @allow("patient")
    async def choose(self, dependent: Chosen) -> EventSpec | None:
        checkout = await self.get_state(CheckoutState)
        try:
            checkout.visit = await call(
                dependents.for_whom,
                patient_id=principal().person_id,
                appointment_id=checkout.visit.id,
                dependent_id=int(dependent) or None,
                now=utc_now(),
            )
        except NotFound as refusal:
            # Somebody was removed in another tab.
            self.people = await call(dependents.listed, patient_id=principal().person_id, now=utc_now())
            checkout.visit = await found_visit(checkout, principal().person_id)
            return NoticeState.tell(refusal.sentence)
        except (HoldExpired, WrongState):
            checkout.visit = await found_visit(checkout, principal().person_id)
            return await checkout._place()  # noqa: SLF001 - one page, two states
        return None
