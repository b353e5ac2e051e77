"""My appointments."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.appointments import past, upcoming
from booking_ui.components.shared.layout import page
from booking_ui.components.ui import theme
from booking_ui.languages import _, to
from booking_ui.states.patient.appointments import AppointmentsState


def appointments() -> rx.Component:
    bar = f"{theme.SKELETON} h-52"
    waiting = rx.el.div(
        rx.el.div(class_name=bar),
        rx.el.div(class_name=bar),
        class_name="flex flex-col gap-4",
        aria_hidden="true",
    )
    return page(
        rx.el.div(
            rx.el.h1(_("My appointments"), class_name=theme.TITLE),
            # Without upcoming visits the list says so itself, with the same link.
            rx.cond(
                AppointmentsState.upcoming,
                rx.el.a(_("Book a visit"), href=to("/"), class_name=f"{theme.QUIET}{theme.SMALL}"),
            ),
            class_name="mb-6 flex min-h-9 flex-wrap items-center justify-between gap-3",
        ),
        rx.cond(AppointmentsState.loaded, rx.fragment(upcoming(), past()), waiting),
        width="max-w-4xl!",
    )
