"""The left side of a doctor's page: name, fee, place, and a few words about the doctor."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.as_written import as_written, untranslated
from booking_ui.components.ui.avatar import avatar
from booking_ui.components.ui.details import detail
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import _
from booking_ui.states.patient.doctor import DoctorState


def essentials() -> rx.Component:
    """The facts that decide: name, speciality, fee, experience, languages, place."""
    doctor = DoctorState.doctor
    head = rx.el.div(
        avatar(doctor.initials, doctor.tint, "avatar-large"),
        rx.el.div(
            rx.el.h1(doctor.name, class_name=theme.TITLE, custom_attrs=untranslated()),
            rx.el.p(doctor.speciality, class_name="font-medium text-brand"),
            rx.el.p(doctor.qualifications, class_name=theme.MUTED),
            class_name="min-w-0",
        ),
        class_name="flex items-center gap-4",
    )
    return rx.el.section(
        head,
        rx.el.dl(
            detail(
                _("Fee"),
                *with_parts(_("{fee} per visit"), fee=as_written(doctor.fee_label)),
                name_width="w-24",
            ),
            detail(_("Experience"), doctor.experience_label, name_width="w-24"),
            detail(_("Speaks"), doctor.languages_label, name_width="w-24"),
            detail(_("Where"), doctor.address, name_width="w-24"),
            class_name="flex flex-col gap-3",
        ),
        class_name="flex flex-col gap-6",
    )


def about() -> rx.Component:
    """Reassurance; on a phone it comes after the slots."""
    return rx.el.section(
        rx.el.p(DoctorState.doctor.about, class_name="max-w-text text-muted"),
        rx.el.p(
            icons.icon("undo", "size-4"),
            _("Plans change? You can cancel online; what comes back is shown before you pay."),
            class_name="flex gap-2 text-sm text-muted [&>svg]:mt-0.5",
        ),
        class_name="flex flex-col gap-4",
    )


def doctor_skeleton() -> rx.Component:
    """Shown until the facts are there; not where the server has sent them (sent.py), right before it."""
    bar = theme.SKELETON
    return rx.el.div(
        rx.el.div(
            rx.el.div(class_name=f"{bar} size-18 flex-none rounded-full"),
            rx.el.div(
                rx.el.div(class_name=f"{bar} h-7 w-56 max-w-full"),
                rx.el.div(class_name=f"{bar} h-4 w-32"),
                class_name="flex min-w-0 flex-1 flex-col gap-2",
            ),
            class_name="flex items-center gap-4",
        ),
        *[
            rx.el.div(class_name=f"{bar} h-4 {width}")
            for width in ("w-2/3", "w-1/2", "w-3/4", "w-full", "w-5/6")
        ],
        class_name="flex flex-col gap-4 [:not(:empty)+&]:hidden",
        aria_hidden="true",
    )
