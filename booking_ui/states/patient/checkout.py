"""Paying for a held slot. The order is prepared when the page opens, so that Pay opens Razorpay within the click."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.config.settings import settings
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import (
    BadSignature,
    BookingError,
    GatewayError,
    HoldExpired,
    NotFound,
    WrongState,
)
from booking_ui.edge import live, questions
from booking_ui.edge.gate import STRICT, Short, allow, principal, tab_principal
from booking_ui.edge.live import News
from booking_ui.edge.threads import call, call_gateway
from booking_ui.languages import N_, _, to
from booking_ui.services.booking import hold_expiry
from booking_ui.services.payments import downtimes, orders
from booking_ui.services.views import AppointmentView, CheckoutView, SlotView
from booking_ui.states.patient.booking import booking_in_address, hold_again, nearest_free

BLOCKED = N_(
    "The payment window couldn't open. Check your connection or an ad blocker, then try again. Your time is still held."
)
NOT_PROVEN = N_(
    "We couldn't match that payment to this booking. If money left your account, call us: it is safe."
)


@with_config(STRICT)
class CheckoutResult(TypedDict):
    """The browser's word on the payment; believed only as far as Razorpay confirms it."""

    status: Literal["paid", "dismissed", "blocked"]
    razorpay_payment_id: Short
    razorpay_order_id: Short
    razorpay_signature: Short


async def settle_with_razorpay(form: CheckoutResult, visit: AppointmentView, patient_id: int) -> None:
    """Prove the payment and apply it, or ask what became of the order. Raises BadSignature, NotFound, GatewayError."""
    if form["status"] == "paid":
        await call_gateway(
            "",
            orders.returned,
            order_id=form["razorpay_order_id"],
            payment_id=form["razorpay_payment_id"],
            signature=form["razorpay_signature"],
            reference=visit.reference,
            patient_id=patient_id,
            now=utc_now(),
        )
    else:
        await questions.ask(visit, patient_id=patient_id, now=utc_now())


class CheckoutState(rx.State):
    """`stage` is loading, ready, over, moved or missing; `busy` is empty, preparing or checking."""

    stage: str = "loading"
    visit: AppointmentView = AppointmentView()
    script_url: str = ""
    options: dict[str, Any] = {}
    busy: str = ""
    problem: str = ""
    nearest: list[SlotView] = []
    slow: str = ""  # a sentence about ways to pay that are in trouble
    hold_seconds: int = 0  # how long a whole hold lasts: the full width of the bar

    @rx.event
    @allow("patient")
    async def load(self) -> EventSpec | None:
        self.stage, self.problem, self.busy = "loading", "", ""
        self.script_url, self.options = "", {}
        try:
            self.visit = await booking_in_address(self, principal().person_id)
        except NotFound:
            self.stage, self.visit = "missing", AppointmentView()
            return None
        live.watch(f"appointment:{self.visit.id}", self, refreshed)
        return await self._show_by_phase()

    @rx.event(background=True)
    @allow("patient")
    async def prepare(self) -> None:
        """Get the order, the same one each time. An unreachable gateway costs a sentence, not the hold."""
        patient_id, visit_id = principal().person_id, self.visit.id
        async with self:
            self.busy, self.problem = "preparing", ""
        order, problem, over = None, "", False
        try:
            order = await call_gateway(
                "", orders.open_order, patient_id=patient_id, appointment_id=visit_id, now=utc_now()
            )
        except BookingError as refusal:
            problem = refusal.sentence
            over = isinstance(refusal, HoldExpired | WrongState)
        async with self:
            self._take(order, problem)
            if order is None and over:
                await show_anew(self)

    @rx.event(background=True)
    @allow("patient")
    async def finished(self, form: CheckoutResult) -> EventSpec | None:
        """Razorpay's window closed: ask Razorpay what became of the payment."""
        patient_id, visit = principal().person_id, self.visit
        blocked = form["status"] == "blocked"
        async with self:
            self.busy, self.problem = ("", _(BLOCKED)) if blocked else ("checking", "")
        if blocked:
            return None
        try:
            await settle_with_razorpay(form, visit, patient_id)
        except (BadSignature, NotFound):
            async with self:
                self.busy, self.problem = "", _(NOT_PROVEN)
            return None
        except GatewayError:
            return rx.redirect(to(f"/appointment/{visit.reference}/"), replace=True)  # that page asks again
        async with self:
            self.visit, self.busy = await booking_in_address(self, patient_id), ""
            if form["status"] == "paid":
                return rx.redirect(to(f"/appointment/{visit.reference}/"), replace=True)
            return await self._show_by_phase()

    @rx.event
    @allow("patient")
    async def time_up(self) -> EventSpec | None:
        """The countdown in the browser reached zero; only the server knows whether the hold is over."""
        return await show_anew(self)

    @rx.event
    @allow("patient")
    async def again(self) -> EventSpec | None:
        """Hold the same slot once more."""
        visit = await hold_again(self)
        if visit is None:
            return None
        self.visit, self.problem = visit, ""
        return await self._show_by_phase()

    @rx.event
    @allow("patient")
    async def let_go(self) -> EventSpec:
        """Give the hold up; a second click finds that it was given up already."""
        slug = self.visit.doctor_slug
        try:
            await call(
                hold_expiry.let_go,
                patient_id=principal().person_id,
                appointment_id=self.visit.id,
                now=utc_now(),
            )
        except WrongState:
            return rx.redirect(to(f"/appointment/{self.visit.reference}/"))
        return rx.redirect(to(f"/doctor/{slug}/"))

    @rx.event
    @allow()
    async def leave(self) -> None:
        live.unwatch(self)

    def _take(self, order: CheckoutView | None, problem: str) -> None:
        self.busy, self.problem = "", problem
        self.script_url = order.script_url if order else ""
        self.options = order.options if order else {}

    async def _show_by_phase(self) -> EventSpec | None:
        """Show what the booking's phase asks for: the payment, the slot once more, or the status page."""
        phase = self.visit.phase
        if phase == "holding":
            self.stage, self.nearest = "ready", []
            self.slow = await call(downtimes.notice, now=utc_now())
            self.hold_seconds = settings().payment_timeout_minutes * 60
            return None if self.script_url else CheckoutState.prepare
        if phase in {"expired", "failed", "closed"}:
            self.stage, self.problem = "over", ""
            self.nearest = await nearest_free(self.visit.slot_id)
            return None
        self.stage = "moved"
        return None


async def show_anew(page: CheckoutState) -> EventSpec | None:
    """Read the booking again and show what its phase asks for."""
    page.visit = await booking_in_address(page, principal().person_id)
    return await page._show_by_phase()  # noqa: SLF001 - the state's own module


async def refreshed(state: CheckoutState, _news: News) -> None:
    """The booking changed while its checkout is open, for instance by a webhook."""
    who = await tab_principal(state)
    if who is None or not state.visit.id:
        return
    try:
        state.visit = await booking_in_address(state, who.person_id)
    except NotFound:  # the tab left the page without telling us
        live.unwatch(state)
        return
    if state.visit.phase != "holding" and state.busy != "checking":
        await state._show_by_phase()  # noqa: SLF001 - the state's own module
