"""A free time as a button that holds it."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import icons, theme
from booking_ui.services.views import SlotView
from booking_ui.states.shared.hold import HoldState


def hold_button(slot: rx.Var[SlotView]) -> rx.Component:
    """One click holds the time and goes to pay; meanwhile it says so without changing its width."""
    waiting = HoldState.holding == slot.id
    return rx.el.button(
        rx.el.span("Book ", class_name="sr-only"),
        rx.el.span(slot.day_label, class_name="text-sm leading-tight font-medium"),
        rx.el.span(", ", class_name="sr-only"),
        rx.el.span(rx.cond(waiting, "Holding…", slot.time_label)),
        type="button",
        on_click=HoldState.hold(slot.id),
        disabled=HoldState.holding != 0,
        aria_busy=waiting,
        class_name=f"{theme.SLOT} flex-col gap-0 px-1 py-1.5",
    )


def nearest_times(
    sentence: rx.Var | str, slots: rx.Var[list[SlotView]], tone: str = "waiting"
) -> rx.Component:
    """What was lost, and the free times nearest to it, each one click away."""
    return rx.el.div(
        icons.icon("clock"),
        rx.el.div(
            rx.el.p(sentence, class_name="font-semibold"),
            rx.el.div(
                rx.foreach(slots, hold_button),
                class_name="grid max-w-sm grid-cols-3 gap-2",
            ),
            class_name="flex min-w-0 flex-1 flex-col gap-3",
        ),
        class_name=f"enter {theme.NOTICE} {theme.tone(tone)}",
        role="status",
    )
