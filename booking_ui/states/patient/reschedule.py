"""Moving a visit to another slot of the same doctor."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventSpec

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import (
    FeeDiffers,
    NotFound,
    SlotGone,
    SlotTaken,
    TooLateToReschedule,
    WrongState,
)
from booking_ui.edge.gate import Id, allow, principal
from booking_ui.edge.threads import call
from booking_ui.languages import to
from booking_ui.services.booking.reschedule import reschedule
from booking_ui.services.views import AppointmentView
from booking_ui.states.patient.booking import booking_in_address
from booking_ui.states.patient.doctor import DoctorState


class RescheduleState(rx.State):
    """`stage` is loading, ready, closed (the visit can't be moved online) or missing."""

    stage: str = "loading"
    visit: AppointmentView = AppointmentView()
    problem: str = ""

    @rx.event
    @allow("patient")
    async def load(self) -> None:
        self.stage, self.problem = "loading", ""
        try:
            self.visit = await booking_in_address(self, principal().person_id)
        except NotFound:
            self.stage, self.visit = "missing", AppointmentView()
            return
        times = await self.get_state(DoctorState)
        await times._open(self.visit.doctor_slug, near=self.visit.date)  # noqa: SLF001 - one page, two states
        self.stage = "ready" if self.visit.can_reschedule and times.stage == "ready" else "closed"

    @rx.event
    @allow("patient")
    async def move(self, slot_id: Id) -> EventSpec | None:
        """Move the visit that the address names; a second click finds that it was moved already."""
        if self.stage != "ready":
            return None
        try:
            self.visit = await call(
                reschedule,
                patient_id=principal().person_id,
                appointment_id=self.visit.id,
                slot_id=slot_id,
                now=utc_now(),
            )
        except (SlotTaken, SlotGone, NotFound, FeeDiffers) as refusal:
            self.problem = refusal.sentence
            times = await self.get_state(DoctorState)
            await times._open(self.visit.doctor_slug, times.day.day)  # noqa: SLF001 - one page, two states
            return None
        except (WrongState, TooLateToReschedule) as refusal:
            self.problem = refusal.sentence
            self.visit = await booking_in_address(self, principal().person_id)
            self.stage = "ready" if self.visit.can_reschedule else "closed"
            return None
        return rx.redirect(to(f"/appointment/{self.visit.reference}/"))
