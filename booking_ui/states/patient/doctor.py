"""A doctor's page: a strip of fourteen days, the slots of one of them, and both kept up to date while the page is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import reflex as rx
from pydantic import StringConstraints

from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound
from booking_ui.edge import live
from booking_ui.edge.gate import Id, allow, tab_principal
from booking_ui.edge.live import News
from booking_ui.edge.threads import call
from booking_ui.languages import N_, _
from booking_ui.services.schedule import doctor_search, slots
from booking_ui.services.views import DayView, DoctorView, SlotView, StripView
from booking_ui.states.patient.booking import slot_in_address
from booking_ui.states.shared.own_hold import OwnHoldState, is_own_hold, read_own_holds

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]


@dataclass(frozen=True)
class DayChip:
    """One day of the strip; `says` is "9 free", or a word for why none is free."""

    day: str
    weekday: str
    date: str
    says: str
    state: str


@dataclass(frozen=True)
class Taken:
    """The slot that this visitor lost to someone else, in a sentence, and the free slots nearest to it."""

    sentence: str = ""
    nearest: list[SlotView] = field(default_factory=list)


SAYS = {"full": N_("Full"), "closed": N_("Closed"), "over": N_("Over"), "ahead": N_("Not open")}


def chip(day: DayView) -> DayChip:
    says = _("{count} free", count=day.free_count) if day.state == "open" else _(SAYS[day.state])
    return DayChip(day.day, day.weekday_label, day.date_label, says, day.state)


def slots_of(day: DayView) -> list[SlotView]:
    return [*day.morning, *day.afternoon, *day.evening]


async def taken(slot: SlotView) -> Taken:
    nearest = await call(slots.nearest_free, slot_id=slot.id, now=utc_now())
    return Taken(slots.taken_sentence(slot, nearest), nearest)


async def strip_of(doctor_id: int, wanted: str) -> StripView:
    return await call(slots.strip, doctor_id=doctor_id, now=utc_now(), wanted=wanted)


def first_open(days: list[DayView]) -> DayView:
    return next((day for day in days if day.state == "open"), days[0])


def nearest_open(days: list[DayView], wanted: str) -> str:
    """The day with free times that is closest to the wanted one; of two the earlier."""
    at = next((n for n, day in enumerate(days) if day.day == wanted), 0)
    near = sorted(enumerate(days), key=lambda numbered: abs(numbered[0] - at))
    return next((day.day for _, day in near if day.state == "open"), wanted)


class DoctorState(rx.State):
    """`stage` is loading, ready or missing. The chosen slot's id is 0 until one is chosen.

    `earlier` and `later` are days of the strips before and after this one; empty when there is none.
    """

    stage: str = "loading"
    doctor: DoctorView = DoctorView()
    strip: list[DayChip] = []
    day: DayView = DayView()
    chosen: SlotView = SlotView()
    taken: Taken = Taken()
    next_open: DayChip = DayChip("", "", "", "", "")
    earlier: str = ""
    later: str = ""

    @rx.event
    @allow()
    async def load(self) -> None:
        """Rebuild everything from the address; `?taken=` names the slot this visitor lost to someone else."""
        await self._open(str(getattr(self, "doctor_slug", "")))

    async def _open(self, slug: str, day: str = "", near: str = "") -> None:
        """Show a doctor's slots of `day`, or of the open day nearest to `near`; the reschedule page calls it, too."""
        self.stage, self.chosen, self.taken = "loading", SlotView(), Taken()
        try:
            self.doctor = await call(doctor_search.bookable_doctor, slug=slug, now=utc_now())
            asked = self.router.url.query_parameters
            await self._tell_taken(asked.get("taken", ""))
            instead = self.taken.nearest[0].day if self.taken.nearest else ""
            wanted = near or day or asked.get("day", "") or instead
            strip = await strip_of(self.doctor.id, wanted)
        except NotFound:
            self.stage, self.doctor = "missing", DoctorView()
            return
        self._show(strip, nearest_open(strip.days, near) if near else wanted)
        self.stage = "ready"
        live.watch(f"doctor:{self.doctor.id}", self, refreshed)

    @rx.event
    @allow()
    async def show_day(self, day: Day) -> None:
        """Show a day of this strip, or the strip of another day from its first free slot on."""
        if self.stage == "ready":
            self.chosen = SlotView()
            here = any(one.day == day for one in self.strip)
            self._show(await strip_of(self.doctor.id, day), day if here else "")

    @rx.event
    @allow()
    async def choose(self, slot_id: Id) -> None:
        """Choose a slot that is still free; only a hold keeps it."""
        found = [slot for slot in slots_of(self.day) if slot.id == slot_id and slot.status == "free"]
        self.chosen = found[0] if found else SlotView()
        if found:
            self.taken = Taken()

    @rx.event
    @allow()
    async def leave(self) -> None:
        live.unwatch(self)

    async def _tell_taken(self, slot_id: str) -> None:
        slot = await slot_in_address(slot_id)
        if slot is None or slot.doctor_id != self.doctor.id or slot.status == "free":
            return
        if not await is_own_hold(self, slot.id):
            self.taken = await taken(slot)

    def _show(self, strip: StripView, wanted: str) -> None:
        days, self.earlier, self.later = strip.days, strip.earlier, strip.later
        self.strip = [chip(day) for day in days]
        self.day = next((day for day in days if day.day == wanted), None) or first_open(days)
        later = [day for day in days if day.state == "open" and day.day > self.day.day]
        self.next_open = chip(later[0]) if later and self.day.state != "open" else DayChip("", "", "", "", "")


async def refreshed(state: DoctorState, news: News) -> None:
    """Show slots that were taken or came free elsewhere; one query serves all tabs of a delivery with the same days."""
    if state.stage != "ready" or news.topic != f"doctor:{state.doctor.id}":
        return
    doctor_id, first, shown = state.doctor.id, state.strip[0].day, state.day.day
    strip = await news.once(f"strip {first}", lambda: strip_of(doctor_id, shown))
    state._show(strip, shown)  # noqa: SLF001 - the state's own module
    if (
        await state.get_state(OwnHoldState)
    ).by_slot:  # one may have ended just now, and this be the only word of it
        await read_own_holds(state, await tab_principal(state))
    gone = [slot for slot in slots_of(state.day) if slot.id == state.chosen.id and slot.status != "free"]
    if gone and not await is_own_hold(state, gone[0].id):
        state.chosen, state.taken = SlotView(), await taken(gone[0])
