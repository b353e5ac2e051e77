"""/admin/book: the desk books for a patient who calls or walks in."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import book_for_patient as parts
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.book_for_patient import BookForPatientState


def book_for_patient() -> rx.Component:
    form = rx.el.div(
        parts.title(),
        parts.done(),
        parts.times(),
        parts.patient(),
        parts.booking(),
        class_name="flex max-w-3xl flex-col gap-8",
    )
    return desk_page(form, current="/admin/", leave=BookForPatientState.leave)
