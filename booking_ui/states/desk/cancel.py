"""The desk cancels the visit on screen, with the refund it chose and a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import reflex as rx
from pydantic import with_config
from typing_extensions import TypedDict

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput, BookingError, FieldError
from booking_ui.domain.money import read_rupees
from booking_ui.edge.gate import STRICT, Sentence, Short, allow, principal
from booking_ui.edge.threads import call
from booking_ui.languages import N_, _
from booking_ui.services.desk.cancel import Wanted, cancel_for_patient
from booking_ui.states.desk.booking import BookingState

AMBIGUOUS = N_("Choose “An exact amount” to send this, or empty the field.")


@with_config(STRICT)
class CancelForm(TypedDict):
    refund: Literal["policy", "full", "none", "exact"]
    rupees: Short
    reason: Sentence


@dataclass(frozen=True)
class Problems:
    """A sentence for each field of the form, and one for the whole; empty where nothing is wrong."""

    rupees: str = ""
    reason: str = ""
    whole: str = ""


# The service calls the amount by its own name.
_FIELDS = {"rupees": "rupees", "refundPaise": "rupees", "amountPaise": "rupees", "reason": "reason"}


def problems_of(refusal: BookingError) -> Problems:
    """The refusal beside the field it is about."""
    if not isinstance(refusal, BadInput):
        return Problems(whole=refusal.sentence)
    return Problems(**{_FIELDS.get(one.field, "whole"): one.message for one in refusal.errors})


def refund_wanted(form: CancelForm) -> Wanted:
    """The refund that the form asks for.

    Raises:
        BadInput: the exact amount can't be read, or an amount was written while another choice is marked.
    """
    if form["refund"] != "exact":
        if form["rupees"].strip():
            raise BadInput(FieldError("rupees", _(AMBIGUOUS)))
        return form["refund"]
    paise = read_rupees(form["rupees"])
    if paise is None or paise >= 2**31:
        raise BadInput(FieldError("rupees", _("Write the amount in rupees, such as 250 or 250.50.")))
    return paise


class CancelVisitState(rx.State):
    """`made` counts the cancellations: each renders the form anew."""

    problems: Problems = Problems()
    made: int = 0

    @rx.event
    @allow("admin")
    async def cancel(self, form: CancelForm) -> None:
        booking = await self.get_state(BookingState)
        self.problems = Problems()
        try:
            done = await call(
                cancel_for_patient,
                admin=principal(),
                appointment_id=booking.booking.row.id,
                refund=refund_wanted(form),
                reason=form["reason"],
                now=utc_now(),
            )
        except BookingError as refusal:
            self.problems = problems_of(refusal)
            return
        self.made += 1
        booking.said = done.sentence
        await booking._show_everywhere()  # noqa: SLF001 - one page, two states
