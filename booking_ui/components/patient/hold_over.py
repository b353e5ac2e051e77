"""When the hold has ended or the payment failed: calm, and one click from going on."""

from __future__ import annotations

import reflex as rx
from reflex.event import EventHandler

from booking_ui.components.shared.slots import hold_button
from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import notice
from booking_ui.services.views import AppointmentView, SlotView

LATE_MONEY = (
    "If money left your account after all, you get the visit if the time is still free, or all of it back."
)


def hold_over(
    visit: rx.Var[AppointmentView],
    nearest: rx.Var[list[SlotView]],
    again: EventHandler,
    problem: rx.Var[str],
) -> rx.Component:
    """Offer the same time again while it may be free, and the nearest three."""
    same = rx.el.button(
        "Hold ",
        visit.time_label,
        " again",
        type="button",
        on_click=again,
        class_name=f"{theme.PRIMARY} self-start",
    )
    others = rx.el.div(
        rx.el.p("Or take one of the nearest free times:", class_name=theme.MUTED),
        rx.el.div(rx.foreach(nearest, hold_button), class_name="grid max-w-sm grid-cols-3 gap-2"),
        class_name="flex flex-col gap-2",
    )
    return rx.el.section(
        rx.el.p(visit.sentence, class_name="max-w-text"),
        rx.cond(problem != "", notice(problem, "waiting", "clock")),
        rx.cond(visit.can_try_again & (problem == ""), same),
        rx.cond(nearest, others),
        rx.el.p(LATE_MONEY, class_name=f"max-w-text {theme.MUTED}"),
        class_name=f"enter {theme.PADDED} flex flex-col gap-4",
    )
