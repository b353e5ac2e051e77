"""/admin/doctors: every doctor, leave and holidays, and the visits that lie on closed days."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import doctors as parts
from booking_ui.components.ui import theme
from booking_ui.languages import _
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.doctors import DoctorsState


def doctors() -> rx.Component:
    return desk_page(
        rx.el.h1(_("Doctors"), class_name=theme.HEADING),
        rx.el.div(
            parts.done(),
            parts.close_days(),
            parts.holidays(),
            parts.all_doctors(),
            class_name="mt-4 flex max-w-5xl flex-col gap-8",
        ),
        current="/admin/doctors/",
        leave=DoctorsState.leave,
    )
