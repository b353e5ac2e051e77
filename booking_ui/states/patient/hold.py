"""Holding a slot, from wherever it is offered: a result card, the slot picker, a list of nearest slots."""

from __future__ import annotations

from collections.abc import AsyncIterator

import reflex as rx
from reflex.event import EventSpec

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound, SlotGone, SlotTaken, TooManyHolds
from booking_ui.edge.gate import Id, allow, visitor
from booking_ui.edge.threads import call, call_quick
from booking_ui.languages import _, to
from booking_ui.services.booking import claim
from booking_ui.services.limits import rate_limits
from booking_ui.services.schedule import doctor_search, slots
from booking_ui.states.shared.own_hold import read_own_holds
from booking_ui.states.shared.session import NoticeState

Step = EventSpec | list[EventSpec] | None


async def to_nearest_slots(slot_id: int) -> EventSpec:
    """Go to the doctor's page, which offers the free slots nearest to the one that is gone."""
    try:
        slot = await call(slots.slot, slot_id=slot_id, now=utc_now())
        doctor = await call(doctor_search.bookable_doctor, doctor_id=slot.doctor_id, now=utc_now())
    except NotFound:
        return NoticeState.tell(_(SlotGone.message))
    return rx.redirect(to(f"/doctor/{doctor.slug}/?taken={slot_id}"))


async def hold_and_go_to_pay(patient_id: int, slot_id: int, host: str) -> EventSpec | list[EventSpec]:
    """Claim the slot and go to its checkout; a slot that the patient holds already leads to the same one."""
    try:
        await call_quick(rate_limits.limit_person, name="claim", person_id=patient_id)
        visit = await call(claim.claim, patient_id=patient_id, slot_id=slot_id, now=utc_now(), host=host)
    except (SlotTaken, NotFound):
        return await to_nearest_slots(slot_id)
    except SlotGone as refusal:
        return NoticeState.tell(refusal.sentence)
    except TooManyHolds as refusal:
        return [NoticeState.tell(refusal.sentence), rx.redirect(to("/appointments/"))]
    return rx.redirect(to(f"/checkout/{visit.reference}/"))


class HoldState(rx.State):
    """`holding` is the slot whose button says "Holding 10:30…"."""

    holding: int = 0

    @rx.event
    @allow()
    async def hold(self, slot_id: Id) -> AsyncIterator[Step]:
        """Open to everybody, because a stranger's click must lead to signing in with the slot kept."""
        who = visitor()
        if who is None:
            yield rx.redirect(to(f"/sign-in/?slot_id={slot_id}"))
        elif who.role != "patient":
            yield NoticeState.tell(
                _("You're signed in as {name}. To book, sign in with a patient's account.", name=who.name)
            )
        else:
            self.holding = slot_id
            yield None
            try:
                step = await hold_and_go_to_pay(who.person_id, slot_id, self.router.session.client_ip)
                await read_own_holds(
                    self, who
                )  # before the page hears that the slot is taken: it is the patient's
                yield step
            finally:
                self.holding = 0
