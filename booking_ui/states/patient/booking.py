"""The booking or slot that a page's address names, and the free slots near it: for every page that shows one."""

from __future__ import annotations

from typing import Protocol

import reflex as rx
from reflex.istate.data import RouterData

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound, SlotGone, SlotTaken
from booking_ui.edge.gate import principal
from booking_ui.edge.threads import call
from booking_ui.languages import _
from booking_ui.services.booking import appointments, claim
from booking_ui.services.schedule import slots
from booking_ui.services.views import AppointmentView, SlotView


def reference_in_address(state: rx.State) -> str:
    """Anybody may have typed it."""
    return str(getattr(state, "booking_ref", ""))[:40]


async def booking_in_address(state: rx.State, patient_id: int) -> AppointmentView:
    """Raises NotFound, also when the booking is another patient's."""
    reference = reference_in_address(state)
    if not reference:
        raise NotFound
    return await call(appointments.find, patient_id=patient_id, reference=reference, now=utc_now())


async def slot_in_address(written: str) -> SlotView | None:
    """The slot of that id; None when `written` is not the id of one."""
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        return None
    try:
        return await call(slots.slot, slot_id=int(written), now=utc_now())
    except NotFound:
        return None


async def nearest_free(slot_id: int) -> list[SlotView]:
    """The free slots of the same doctor nearest to this one; empty when this one does not exist any more."""
    try:
        return await call(slots.nearest_free, slot_id=slot_id, now=utc_now())
    except NotFound:
        return []


class _Offering(Protocol):
    visit: AppointmentView
    problem: str
    nearest: list[SlotView]

    @property
    def router(self) -> RouterData: ...


async def hold_again(page: _Offering) -> AppointmentView | None:
    """The page's booking with a new hold on its slot.

    None when the slot was taken or withdrawn in the meantime: the page then says so and offers the nearest free ones.
    """
    patient_id, visit = principal().person_id, page.visit
    try:
        return await call(
            claim.try_again,
            patient_id=patient_id,
            appointment_id=visit.id,
            now=utc_now(),
            host=page.router.session.client_ip,
        )
    except (SlotTaken, SlotGone):
        page.problem = _("{time} was taken in the meantime.", time=visit.time_label)
        page.nearest = await nearest_free(visit.slot_id)
        return None
