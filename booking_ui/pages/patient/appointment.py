"""The status of one booking."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.appointment import status_view
from booking_ui.components.shared.layout import page
from booking_ui.components.shared.not_found import booking_not_found
from booking_ui.components.ui import theme
from booking_ui.states.patient.appointment import AppointmentState


def appointment() -> rx.Component:
    return page(
        rx.match(
            AppointmentState.stage,
            ("ready", status_view()),
            ("missing", booking_not_found()),
            _skeleton(),
        ),
        width="max-w-5xl!",
    )


def _skeleton() -> rx.Component:
    bar = theme.SKELETON
    return rx.el.div(
        rx.el.div(
            rx.el.div(class_name=f"{bar} size-16 rounded-full"),
            rx.el.div(class_name=f"{bar} h-8 w-64"),
            class_name=theme.ROW,
        ),
        rx.el.div(class_name=f"{bar} h-80"),
        class_name="flex flex-col gap-8",
        aria_hidden="true",
    )
