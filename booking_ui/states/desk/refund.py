"""The desk gives back money of the booking on screen, and the visit stays as it is."""

from __future__ import annotations

import reflex as rx
from pydantic import with_config
from typing_extensions import TypedDict

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BadInput, BookingError, FieldError
from booking_ui.domain.money import read_rupees
from booking_ui.edge.gate import STRICT, Id, Sentence, Short, allow, principal
from booking_ui.edge.threads import call_gateway
from booking_ui.languages import _
from booking_ui.services.desk import refund
from booking_ui.states.desk.booking import BookingState
from booking_ui.states.desk.cancel import Problems, problems_of


@with_config(STRICT)
class RefundForm(TypedDict):
    """`seen_paise` is what was kept when the form was drawn."""

    seen_paise: Id
    rupees: Short
    reason: Sentence


def paise_wanted(form: RefundForm) -> int:
    """Raises BadInput for an amount that can't be read."""
    paise = read_rupees(form["rupees"])
    if paise is None or paise >= 2**31:
        raise BadInput(FieldError("rupees", _("Write the amount in rupees, such as 250 or 250.50.")))
    return paise


class RefundState(rx.State):
    """`made` counts the refunds: each renders the form anew."""

    problems: Problems = Problems()
    made: int = 0

    @rx.event
    @allow("admin")
    async def refund(self, form: RefundForm) -> None:
        booking = await self.get_state(BookingState)
        self.problems = Problems()
        try:
            done = await call_gateway(
                "",
                refund.refund,
                admin=principal(),
                appointment_id=booking.booking.row.id,
                amount_paise=paise_wanted(form),
                reason=form["reason"],
                seen_paise=form["seen_paise"],
                now=utc_now(),
            )
        except BookingError as refusal:
            self.problems = problems_of(refusal)
            return
        self.made += 1
        booking.said = done.message
        await booking._show_everywhere()  # noqa: SLF001 - one page, two states
