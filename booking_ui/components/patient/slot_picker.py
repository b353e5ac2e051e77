"""The slots of a doctor: a strip of fourteen days, the slots of one day, and the chosen one with its fee."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventSpec
from reflex.vars.function import FunctionStringVar

from booking_ui.components.patient.hold import SLOT, hold_buttons, nearest_times
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.as_written import as_written, untranslated
from booking_ui.components.ui.sentences import heard, with_parts
from booking_ui.languages import _, to
from booking_ui.services.views import SlotView
from booking_ui.states.patient.doctor import DayChip, DoctorState
from booking_ui.states.patient.hold import HoldState
from booking_ui.states.shared.own_hold import OwnHoldState
from booking_ui.states.shared.session import SessionState

DAY = "day"
"""The class of a day's button (assets/theme.css)."""


def slot_picker(summary: rx.Component | None = None) -> rx.Component:
    """`summary` is shown with the chosen slot, on a phone as a bar at the bottom; without one the picker offers to book it."""
    return rx.el.section(
        rx.el.h2(_("Pick a time"), class_name=theme.HEADING),
        rx.cond(
            DoctorState.taken.sentence != "",
            nearest_times(DoctorState.taken.sentence, DoctorState.taken.nearest),
        ),
        rx.el.div(
            rx.foreach(DoctorState.strip, _day_button),
            on_mount=_reveal(),
            class_name="strip days",
            role="group",
            aria_label=_("Day"),
        ),
        _other_days(),
        _times_of_day(),
        _booking_form() if summary is None else summary,
        aria_label=_("Pick a time"),
        class_name=f"{theme.PADDED} flex min-w-0 flex-col gap-4 lg:col-start-2 lg:row-span-2 lg:row-start-1",
    )


def _reveal() -> EventSpec:
    """Scrolls the strip, on a phone, until the chosen day is in sight."""
    return rx.run_script(FunctionStringVar.create("window.clinic.reveal").call())


def picker_skeleton() -> rx.Component:
    bar = theme.SKELETON
    return rx.el.div(
        rx.el.div(class_name=f"{bar} h-6 w-32"),
        rx.el.div(
            *[rx.el.div(class_name=f"{bar} h-21 w-19 flex-none") for _ in range(8)],
            class_name="flex gap-2 overflow-hidden",
        ),
        rx.el.div(
            *[rx.el.div(class_name=f"{bar} h-11") for _ in range(12)],
            class_name="grid grid-cols-3 gap-2 sm:grid-cols-5",
        ),
        class_name=f"{theme.PADDED} flex min-w-0 flex-col gap-6",
        aria_hidden="true",
    )


def _day_button(day: rx.Var[DayChip]) -> rx.Component:
    open_day = day.state == "open"
    return rx.el.button(
        as_written(day.weekday, class_name="text-sm"),
        as_written(day.date, class_name="text-sm leading-6 font-semibold whitespace-nowrap"),
        rx.el.span(day.says, class_name=rx.cond(open_day, "text-sm font-medium text-good", "text-sm")),
        type="button",
        on_click=DoctorState.show_day(day.day),
        aria_pressed=DoctorState.day.day == day.day,
        custom_attrs={"data-state": day.state},
        key=day.day,
        class_name=DAY,
    )


def _other_days() -> rx.Component:
    """Links to the strips before and after, where the clinic can be booked that far ahead."""
    return rx.cond(
        (DoctorState.earlier != "") | (DoctorState.later != ""),
        rx.el.div(
            _strip_button(_("Earlier days"), DoctorState.earlier),
            _strip_button(_("Later days"), DoctorState.later),
            class_name="flex justify-between gap-2",
        ),
    )


def _strip_button(word: str, day: rx.Var[str]) -> rx.Component:
    return rx.el.button(
        word,
        type="button",
        on_click=DoctorState.show_day(day),
        disabled=day == "",
        class_name=f"{theme.QUIET}{theme.SMALL}",
    )


def _times_of_day() -> rx.Component:
    day = DoctorState.day
    return rx.el.div(
        rx.el.h3(day.long_label, class_name="font-semibold", aria_live="polite", custom_attrs=untranslated()),
        rx.cond(day.state != "open", _no_times()),
        _part_of_day(_("Morning"), day.morning),
        _part_of_day(_("Afternoon"), day.afternoon),
        _part_of_day(_("Evening"), day.evening),
        class_name="flex flex-col gap-4",
    )


def _no_times() -> rx.Component:
    onward = rx.el.button(
        rx.el.span(
            *with_parts(
                _("Go to {weekday} {date}"),
                weekday=as_written(DoctorState.next_open.weekday),
                date=as_written(DoctorState.next_open.date),
            )
        ),
        icons.icon("arrow", "size-4"),
        type="button",
        on_click=DoctorState.show_day(DoctorState.next_open.day),
        class_name=f"{theme.QUIET}{theme.SMALL} self-start",
    )
    # Nothing is free in the whole strip, but a later slot is still one click away.
    beyond = rx.el.div(
        rx.el.p(_("The next free times:"), class_name="font-medium"),
        hold_buttons(DoctorState.doctor.next_slots),
        class_name="flex flex-col gap-2",
    )
    nothing = (DoctorState.next_open.day == "") & (DoctorState.doctor.next_slots.length() > 0)
    return rx.el.div(
        rx.el.p(DoctorState.day.note),
        rx.cond(DoctorState.next_open.day != "", onward),
        rx.cond(nothing, beyond),
        class_name="flex flex-col gap-3 rounded-control bg-sunken p-4",
    )


def _part_of_day(title: str, slots: rx.Var[list[SlotView]]) -> rx.Component:
    heading = rx.el.h4(title, class_name="text-sm font-semibold text-muted")
    grid = rx.el.div(
        rx.foreach(slots, _slot_button),
        class_name="grid grid-cols-[repeat(auto-fill,minmax(5.75rem,1fr))] gap-2",
        role="group",
        aria_label=title,
    )
    return rx.cond(slots, rx.el.div(heading, grid, class_name="flex flex-col gap-2"))


def _slot_button(slot: rx.Var[SlotView]) -> rx.Component:
    """A taken slot stays in its place, muted, so that the grid does not jump under the finger; one's own leads to paying."""
    gone = slot.status != "free"
    own = gone & OwnHoldState.by_slot.contains(slot.id.to(str))
    return rx.fragment(rx.cond(own, _own_slot(slot), _other_slot(slot, gone)), key=slot.id)


def _other_slot(slot: rx.Var[SlotView], gone: rx.Var[bool]) -> rx.Component:
    # While it is being held, the page may hear of the hold before it knows whose it is.
    taken, time = gone & (HoldState.holding != slot.id), as_written(slot.time_label)
    return rx.el.button(
        rx.cond(taken, rx.fragment(*heard(_("{time} taken"), time=time)), time),
        type="button",
        on_click=DoctorState.choose(slot.id),
        disabled=taken,
        aria_pressed=DoctorState.chosen.id == slot.id,
        custom_attrs={"data-slot": slot.id.to(str)},
        class_name=f"{SLOT} w-full min-w-0 px-1",
    )


def _own_slot(slot: rx.Var[SlotView]) -> rx.Component:
    return rx.el.a(
        as_written(slot.time_label),
        rx.el.span(_("Held for you"), class_name="text-xs leading-tight font-medium whitespace-normal"),
        rx.el.span(_("Pay"), class_name="sr-only"),
        href=to("/checkout/") + OwnHoldState.by_slot[slot.id.to(str)].to(str) + "/",
        custom_attrs={"data-slot": slot.id.to(str)},
        class_name=f"{SLOT} slot-own w-full min-w-0 flex-col gap-0 px-1 text-center",
    )


def _booking_form() -> rx.Component:
    """The summary that books; for a stranger `hold` leads to signing in, with the slot kept."""
    chosen = DoctorState.chosen
    busy = HoldState.holding == chosen.id
    go = rx.el.button(
        rx.cond(
            busy,
            rx.el.span(*with_parts(_("Holding {time}…"), time=as_written(chosen.time_label))),
            rx.cond(SessionState.who.role == "", _("Sign in and hold it"), _("Continue")),
        ),
        type="button",
        on_click=HoldState.hold(chosen.id),
        disabled=busy,
        aria_busy=busy,
        class_name=f"{theme.PRIMARY} flex-none sm:min-w-40",
    )
    return rx.cond(chosen.id != 0, bar_at_the_foot(go))


def bar_at_the_foot(go: rx.Component) -> rx.Component:
    """The bar below the slots: sticky at the window's edge; on a phone only the room for it, since there it is fixed."""
    return rx.el.div(
        _chosen_bar(go),
        class_name="max-md:h-16 md:sticky md:bottom-0 md:border-t md:border-line md:bg-raised md:py-3",
    )


def _chosen_bar(go: rx.Component) -> rx.Component:
    """The chosen slot with its fee, and the button that takes it."""
    chosen = DoctorState.chosen
    return rx.el.div(
        rx.el.p(
            as_written(chosen.time_label, class_name="block font-semibold"),
            as_written(
                chosen.day_label, " · ", DoctorState.doctor.fee_label, class_name="text-sm text-muted"
            ),
            class_name="min-w-0",
        ),
        go,
        class_name="enter flex items-center justify-between gap-3 max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:z-30 max-md:border-t max-md:border-line max-md:bg-raised max-md:px-4 max-md:py-3 max-md:shadow-float",
    )
