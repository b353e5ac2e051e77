"""/admin/doctors: who works, leave and holidays, and the visits that they hit."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import doctors as parts
from booking_ui.components.desk.layout import desk
from booking_ui.components.ui import theme
from booking_ui.states.desk.doctors import DoctorsState


def doctors() -> rx.Component:
    # On a node of its own: a component's handlers for leaving run when that node goes.
    gone = rx.el.div(on_unmount=DoctorsState.leave, hidden=True)
    return rx.fragment(
        desk(
            rx.el.h1("Doctors", class_name=theme.HEADING),
            rx.el.div(
                parts.said(),
                parts.close_days(),
                parts.holidays(),
                parts.doctors(),
                class_name="mt-4 flex max-w-5xl flex-col gap-8",
            ),
            current="/admin/doctors/",
        ),
        gone,
    )
