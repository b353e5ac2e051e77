"""/day: a doctor's own visits."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.doctor import day as parts
from booking_ui.components.shared.layout import page
from booking_ui.states.doctor.day import DayState


def day() -> rx.Component:
    # On a node of its own: on_unmount runs when its node goes.
    gone = rx.el.div(on_unmount=DayState.leave, hidden=True)
    return rx.fragment(
        page(parts.day_heading(), parts.day_links(), parts.day_visits(), width="max-w-4xl!"),
        gone,
    )
