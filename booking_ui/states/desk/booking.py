"""One booking at the desk, beside the table or on a page of its own, and what is done about it by hand."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, Literal, NotRequired

import reflex as rx
from pydantic import with_config
from typing_extensions import TypedDict

from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import BookingError, NotFound
from booking_ui.edge import live
from booking_ui.edge.gate import STRICT, Id, Sentence, Short, allow, principal, tab_principal
from booking_ui.edge.threads import call, call_gateway
from booking_ui.languages import N_, _, without_language
from booking_ui.services.booking import completion
from booking_ui.services.desk import ask_razorpay, held_refund, mark_payment, settle_refund
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.views.desk import WholeBooking
from booking_ui.states.desk.bookings import BookingsState

PAGE = "/admin/booking/"
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,12}")

DONE = {
    "captured": N_("Marked as paid: the visit is confirmed."),
    "failed": N_("Marked as failed: the time is free again."),
    "refunded": N_("Marked as refunded."),
}
CONCLUDED = {
    "completed": N_("The visit took place."),
    "no_show": N_("The visit is marked as missed."),
}

THROUGH_UNSAID = N_("Say how it was paid: through Razorpay, or in cash or by UPI at the desk.")
SENT_ALL_THE_SAME = N_("{amount} is sent now. If the bank takes the money too, it has gone back twice.")
SETTLED = {
    "again": N_("{amount} is on its way back again."),
    "by_hand": N_("{amount} counts as given back."),
}


@with_config(STRICT)
class MarkForm(TypedDict):
    status: Literal["captured", "failed", "refunded"]
    paid_through: NotRequired[mark_payment.Through]
    reason: Sentence
    reference: Short


@with_config(STRICT)
class SettleForm(TypedDict):
    refund_id: Id
    way: Literal["again", "by_hand"]
    reason: Sentence
    reference: Short


@with_config(STRICT)
class HeldForm(TypedDict):
    refund_id: Id
    reason: Sentence


class BookingState(rx.State):
    """`reference` is the booking that the address asks for; `stage` is waiting, found or missing.

    `problem` stands in the open dialog, `refusal` on the page.
    """

    reference: str = ""
    stage: str = "waiting"
    booking: WholeBooking = WholeBooking()
    effects: dict[str, str] = {}
    said: str = ""
    refusal: str = ""
    problem: str = ""
    marks_made: int = 0
    asking: bool = False  # Razorpay

    @rx.event
    @allow("admin")
    async def load(self) -> None:
        """Show the booking of the address, now and whenever it changes."""
        wanted = wanted_reference(
            without_language(self.router.url.path), self.router.url.query_parameters.get("ref", "")
        )
        if wanted != self.reference:
            self._forget()
            self.reference = wanted
        await self._show()
        if self.stage == "found":
            live.watch(f"appointment:{self.booking.row.id}", self, BookingState._show_change)
        else:
            live.unwatch(self)

    @rx.event
    @allow("admin")
    async def refresh(self) -> None:
        self._clear_messages()
        await self._show_everywhere()

    @rx.event
    @allow("admin")
    async def ask(self) -> AsyncIterator[None]:
        """Ask Razorpay about the booking on screen, and say what that changed."""
        self._clear_messages()
        self.asking = True
        yield
        try:
            told = await call_gateway(
                "", ask_razorpay.ask, admin=principal(), appointment_id=self.booking.row.id, now=utc_now()
            )
        except BookingError as refusal:
            self.refusal = refusal.sentence
        else:
            self.said = told.said
        finally:
            self.asking = False
        await self._show_everywhere()

    @rx.event
    @allow("admin")
    async def mark(self, form: MarkForm) -> None:
        """Record by hand what happened to the money of the booking on screen; the service has the last word."""
        if form["status"] == "captured" and "paid_through" not in form:
            self._clear_messages()
            self.problem = _(THROUGH_UNSAID)
            return
        payment_id = self.booking.row.payment_id
        refusal = await self._carry_out(
            mark_payment.mark,
            DONE[form["status"]],
            through=partial(call_gateway, ""),
            payment_id=payment_id,
            **form,
        )
        self._end_dialog(refusal)

    @rx.event
    @allow("admin")
    async def settle(self, form: SettleForm) -> None:
        """Send one failed refund again, or note that it was given back by hand."""
        refusal = await self._carry_out(
            settle_refund.settle, SETTLED[form["way"]], through=partial(call_gateway, ""), **form
        )
        self._end_dialog(refusal)

    @rx.event
    @allow("admin")
    async def send_held(self, form: HeldForm) -> None:
        """Send a refund that waits for the end of a dispute all the same."""
        refusal = await self._carry_out(
            held_refund.send_all_the_same, SENT_ALL_THE_SAME, through=partial(call_gateway, ""), **form
        )
        self._end_dialog(refusal)

    @rx.event
    @allow("admin")
    async def conclude(self, status: Literal["completed", "no_show"]) -> None:
        """Record whether the visit on screen took place; the service has the last word."""
        refusal = await self._carry_out(
            completion.conclude,
            CONCLUDED[status],
            appointment_id=self.booking.row.id,
            status=AppointmentStatus(status),
        )
        self.refusal = refusal.sentence if refusal else ""

    @rx.event
    @allow()
    async def leave(self) -> None:
        """Forget what was shown: the tab may be another person's next."""
        live.unwatch(self)
        self._forget()

    async def _carry_out(
        self,
        service: Callable[..., object],
        done: str,
        *,
        through: Callable[..., Awaitable[object]] = call,
        **given: Any,
    ) -> BookingError | None:
        """Do what the admin asked for, then show the booking. Returns the refusal, None when it was done.

        `done` is the message afterwards, a sentence of the catalogue with the service's answer as {amount}.
        """
        self._clear_messages()
        refused = None
        try:
            answer = await through(service, admin=principal(), **given, now=utc_now())
        except BookingError as refusal:
            refused = refusal
        else:
            self.said = _(done, amount=answer)
        await self._show_everywhere()
        return refused

    def _end_dialog(self, refusal: BookingError | None) -> None:
        """Close the open dialog when its work was done; after a refusal it stays, with the sentence."""
        self.problem = refusal.sentence if refusal else ""
        self.marks_made += refusal is None

    def _clear_messages(self) -> None:
        self.said = self.refusal = self.problem = ""

    def _forget(self) -> None:
        self.reset()  # type: ignore[no-untyped-call]

    async def _show_everywhere(self) -> None:
        """Show the booking as it is now, also in the table beside it; a page of its own has no table."""
        await self._show()
        table = await self.get_state(BookingsState)
        if table.loaded:
            await table._show()  # noqa: SLF001 - one page, two states

    async def _show(self) -> None:
        if not self.reference:
            return
        try:
            self.booking = await call(whole_booking, reference=self.reference, now=utc_now())
        except NotFound:
            self.stage, self.booking = "missing", WholeBooking()
        else:
            self.stage = "found"
            self.effects = {mark: effect_of_mark(self.booking, mark) for mark in self.booking.marks}

    async def _show_change(self, _news: live.News) -> None:
        """Show what changed. A push passes no gate, so the holder of the tab is asked for again."""
        who = await tab_principal(self)
        if who is None or who.role != "admin":
            live.unwatch(self)
            self._forget()
            return
        await self._show_everywhere()


def wanted_reference(path: str, parameter: str) -> str:
    """The booking that an address asks for: by its path, or by ?ref= beside the table; empty for none."""
    found = path.removeprefix(PAGE).strip("/") if path.startswith(PAGE) else parameter
    return found.upper() if _REFERENCE.fullmatch(found) else ""


def effect_of_mark(booking: WholeBooking, mark: str) -> str:
    """A sentence or two about what this mark will do to this booking."""
    row, first_name = booking.row, booking.row.patient_name.split()[0]
    if mark == "captured":
        said = [
            _(
                "{amount} counts as paid, the visit on {time} is confirmed, and {patient} gets an email.",
                amount=row.amount_label,
                time=row.when_label,
                patient=first_name,
            )
        ]
        if row.status == "failed":
            said.append(_("If somebody else has the time by now, nothing changes."))
    elif mark == "failed":
        said = [_("No money is expected any more.")]
        if row.status == "pending_payment":
            said.append(_("The booking ends and the time is free for others at once."))
    else:
        said = [
            _("The money counts as given back. Nothing is sent to Razorpay: do this after you returned it.")
        ]
        if row.status == "confirmed":
            said.append(_("The visit on {time} is cancelled.", time=row.when_label))
    return " ".join(said)
