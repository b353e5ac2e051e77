"""/admin/doctors/new and /admin/doctors/<name>: a doctor is added, changed, and given a sign-in."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk import doctor as parts
from booking_ui.components.desk.doctor_sign_in import doctor_sign_in
from booking_ui.components.desk.doctor_words import doctor_words
from booking_ui.languages import _
from booking_ui.pages.desk.page import desk_page
from booking_ui.states.desk.doctor import EditDoctorState


def new_doctor() -> rx.Component:
    return _page(parts.title(_("Add a doctor")), parts.form())


def doctor() -> rx.Component:
    return _page(
        parts.title(rx.cond(EditDoctorState.sheet.id > 0, EditDoctorState.sheet.written.name, _("Doctor"))),
        rx.cond(
            EditDoctorState.missing,
            parts.missing(),
            rx.fragment(parts.form(), doctor_words(), doctor_sign_in()),
        ),
    )


def _page(*children: rx.Component) -> rx.Component:
    form = rx.el.div(*children, class_name="flex max-w-3xl flex-col gap-6")
    return desk_page(form, current="/admin/doctors/", leave=EditDoctorState.leave)
