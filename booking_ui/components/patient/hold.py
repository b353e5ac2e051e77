"""A hold on a page: the button that puts it on a slot, its countdown, and the offer once it is over."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventHandler, EventType

from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.as_written import as_written
from booking_ui.components.ui.fields import notice
from booking_ui.components.ui.sentences import heard, with_parts
from booking_ui.components.ui.timer import clock, timer
from booking_ui.languages import N_, _
from booking_ui.services.views import AppointmentView, SlotView
from booking_ui.states.patient.hold import HoldState

SLOT = "slot"
"""The class of a slot's button (assets/theme.css)."""

LATE_MONEY = N_(
    "If money left your account after all, you get the visit if the time is still free, or all of it back."
)


def hold_button(slot: rx.Var[SlotView]) -> rx.Component:
    """One click holds the slot and goes to checkout; meanwhile the button says so without changing its width."""
    waiting = HoldState.holding == slot.id
    said = heard(
        _("Book {day}, {time}"),
        day=as_written(slot.day_label, class_name="text-sm leading-tight font-medium"),
        time=rx.cond(waiting, rx.el.span(_("Holding…")), as_written(slot.time_label)),
    )
    return rx.el.button(
        *said,
        type="button",
        on_click=HoldState.hold(slot.id),
        disabled=HoldState.holding != 0,
        aria_busy=waiting,
        key=slot.id,
        class_name=f"{SLOT} flex-col gap-0 px-1 py-1.5",
    )


def hold_buttons(slots: rx.Var[list[SlotView]], **props: object) -> rx.Component:
    """Three to a row, at most 24 rem wide."""
    return rx.el.div(rx.foreach(slots, hold_button), class_name="grid max-w-sm grid-cols-3 gap-2", **props)


def nearest_times(
    sentence: rx.Var | str, slots: rx.Var[list[SlotView]], tone: str = "waiting"
) -> rx.Component:
    """A notice that a slot was lost, with the free ones nearest to it, each one click away."""
    return rx.el.div(
        icons.icon("clock"),
        rx.el.div(
            rx.el.p(sentence, class_name="font-semibold"),
            hold_buttons(slots),
            class_name="flex min-w-0 flex-1 flex-col gap-3",
        ),
        class_name=f"enter {theme.NOTICE} {theme.tone(tone)}",
        role="status",
    )


def countdown(said: rx.Component, visit: rx.Var[AppointmentView], whole_hold: rx.Var[int]) -> rx.Component:
    """A thin bar under `said` and the time left; `whole_hold` is the hold's full length in seconds."""
    return timer(
        rx.el.div(said, clock(), class_name="flex items-baseline justify-between gap-4 text-sm"),
        rx.el.div(rx.el.div(class_name="hold-fill"), class_name="hold-track mt-2", aria_hidden="true"),
        left=visit.hold_seconds_left,
        whole=whole_hold,
        of=visit.reference.to(str) + visit.held_until.to(str),
    )


def time_up(ask: EventType[()]) -> rx.Component:
    """A hidden button, once a page. A countdown at zero presses it, since only the server knows whether a hold is over."""
    return rx.el.button(type="button", id="time-up", on_click=ask, hidden=True, class_name=theme.PLAIN)


def hold_over(
    visit: rx.Var[AppointmentView],
    nearest: rx.Var[list[SlotView]],
    again: EventHandler,
    problem: rx.Var[str],
) -> rx.Component:
    """After a hold that ended or a payment that failed: the slot again while it may be free, and the nearest three."""
    same = rx.el.button(
        rx.el.span(*with_parts(_("Hold {time} again"), time=as_written(visit.time_label))),
        type="button",
        on_click=again,
        class_name=f"{theme.PRIMARY} self-start",
    )
    others = rx.el.div(
        rx.el.p(_("Or take one of the nearest free times:"), class_name=theme.MUTED),
        hold_buttons(nearest),
        class_name="flex flex-col gap-2",
    )
    return rx.el.section(
        rx.el.p(visit.sentence, class_name="max-w-text"),
        rx.cond(problem != "", notice(problem, "waiting", "clock")),
        rx.cond(visit.can_try_again & (problem == ""), same),
        rx.cond(nearest, others),
        rx.el.p(_(LATE_MONEY), class_name=f"max-w-text {theme.MUTED}"),
        class_name=f"enter {theme.PADDED} flex flex-col gap-4",
    )
