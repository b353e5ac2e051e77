"""Why the patient comes, on the checkout page: kept when she leaves the field, until the visit is paid."""

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
from booking_ui.services.booking import visit_reason
from booking_ui.states.patient.checkout import CheckoutState, found_visit

Written = Annotated[str, StringConstraints(max_length=20_000)]
"""More than a reason may have: one that is too long is refused with a sentence, not by the gate."""


class ReasonState(rx.State):
    """`said` is "Saving…" or "Saved"; `problem` is why it was not."""

    said: str = ""
    problem: str = ""

    @rx.event
    @allow("patient")
    async def load(self) -> None:
        self.said, self.problem = "", ""

    @rx.event
    @allow("patient")
    async def keep(self, reason: Written) -> AsyncIterator[EventSpec | None]:
        checkout = await self.get_state(CheckoutState)
        self.problem = ""
        if reason.strip() == checkout.visit.reason:
            return
        self.said = "Saving…"
        yield None
        self.said = ""
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
            checkout.visit = await found_visit(checkout, principal().person_id)
            yield await checkout._place()  # noqa: SLF001 - one page, two states
        except NotFound:
            checkout.stage = "missing"
        else:
            self.said = "Saved"
