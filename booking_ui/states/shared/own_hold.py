"""The slots that the signed-in patient holds and has not paid: every page knows them as the patient's own."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from booking_ui.domain.clock import utc_now
from booking_ui.edge import live
from booking_ui.edge.gate import tab_principal
from booking_ui.edge.live import News
from booking_ui.edge.threads import call
from booking_ui.services.booking import appointments
from booking_ui.services.views import AppointmentView, Principal


@dataclass(frozen=True)
class OwnHold:
    """A hold as the header shows it; `until` is the time of day at which it ends."""

    reference: str = ""
    time: str = ""
    when: str = ""
    doctor: str = ""
    until: str = ""
    seconds_left: int = 0


def _own_hold(visit: AppointmentView) -> OwnHold:
    return OwnHold(
        visit.reference,
        visit.time_label,
        visit.when_label,
        visit.doctor_name,
        visit.held_until,
        visit.hold_seconds_left,
    )


class OwnHoldState(rx.State):
    """`first` is the hold that ends first, without a reference when there is none; `by_slot` has the reference of each hold."""

    first: OwnHold = OwnHold()
    by_slot: dict[str, str] = {}

    def _show(self, held: list[AppointmentView]) -> None:
        self.first = _own_hold(held[0]) if held else OwnHold()
        self.by_slot = {str(visit.slot_id): visit.reference for visit in held}


async def read_own_holds(page: rx.State, who: Principal | None) -> OwnHoldState:
    """Show on the page of `page` what this person holds now; a stranger, a doctor and the desk hold nothing."""
    own = await page.get_state(OwnHoldState)
    held: list[AppointmentView] = []
    if who is not None and who.role == "patient":
        held = await call(appointments.held, patient_id=who.person_id, now=utc_now())
    own._show(held)  # noqa: SLF001 - the same module
    return own


async def watch_own_holds(page: rx.State, who: Principal | None) -> None:
    """As `read_own_holds`, and again whenever one of the patient's bookings changes."""
    own = await read_own_holds(page, who)
    if who is not None and who.role == "patient":
        live.watch(f"patient:{who.person_id}", own, refreshed)
    else:
        live.unwatch(own)


async def is_own_hold(page: rx.State, slot_id: int) -> bool:
    """True when the person on this tab holds the slot, if only since a moment ago in another tab."""
    own = await page.get_state(OwnHoldState)
    if str(slot_id) not in own.by_slot:
        own = await read_own_holds(page, await tab_principal(page))
    return str(slot_id) in own.by_slot


async def refreshed(state: OwnHoldState, _news: News) -> None:
    """A booking of the patient changed: here, in another tab, at the desk, or because its time was up."""
    await read_own_holds(state, await tab_principal(state))
