"""A doctor as a search result: name, fee and next free slots."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.hold import hold_button
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.as_written import as_written, untranslated
from booking_ui.components.ui.avatar import avatar
from booking_ui.languages import _, to
from booking_ui.services.views import DoctorView


def doctor_card(doctor: rx.Var[DoctorView]) -> rx.Component:
    address = to("/doctor/") + doctor.slug.to(str) + "/"
    return rx.el.li(
        rx.el.article(
            _person(doctor, address),
            _times(doctor, address),
            class_name=f"{theme.CARD} flex flex-col gap-4 p-4 sm:p-5 md:flex-row md:items-stretch md:gap-6",
        ),
        key=doctor.id,
    )


def _person(doctor: rx.Var[DoctorView], address: rx.Var) -> rx.Component:
    facts = rx.el.ul(
        rx.el.li(_("{years} of experience", years=doctor.experience_label)),
        rx.el.li(doctor.languages_label),
        rx.el.li(
            icons.icon("pin", "size-4"), doctor.area, ", ", doctor.city, class_name="flex items-center gap-1"
        ),
        class_name="mt-1.5 flex flex-col gap-0.5 text-sm text-muted",
    )
    return rx.el.div(
        avatar(doctor.initials, doctor.tint),
        rx.el.div(
            rx.el.h3(
                rx.el.a(
                    doctor.name,
                    custom_attrs=untranslated(),
                    href=address,
                    class_name=f"rounded-xs hover:text-brand hover:underline underline-offset-4{theme.TAP}",
                ),
                class_name="text-base leading-snug",
            ),
            rx.el.p(doctor.speciality, class_name="font-medium text-brand"),
            facts,
            class_name="min-w-0 flex-1",
        ),
        rx.el.p(
            as_written(doctor.fee_label, class_name="text-lg font-semibold tabular-nums"),
            rx.el.span(_("per visit"), class_name="block text-sm text-muted"),
            class_name="flex-none text-right",
        ),
        class_name="flex min-w-0 flex-1 gap-3 sm:gap-4",
    )


def _times(doctor: rx.Var[DoctorView], address: rx.Var) -> rx.Component:
    free = rx.fragment(
        rx.el.div(
            rx.foreach(doctor.next_slots, hold_button),
            class_name="grid grid-cols-3 gap-2",
            role="group",
            aria_label=_("Next free times of {doctor}", doctor=doctor.name),
        ),
        rx.el.a(
            _("All times"),
            icons.icon("arrow", "size-4"),
            href=address,
            class_name=f"{theme.PLAIN}{theme.SMALL} -mx-3 self-start",
        ),
    )
    none = rx.fragment(
        rx.el.p(_("No free time in the next two weeks."), class_name=theme.MUTED),
        rx.el.a(_("See the doctor"), href=address, class_name=f"{theme.QUIET}{theme.SMALL} self-start"),
    )
    return rx.el.div(
        rx.cond(doctor.next_free_label != "", free, none),
        class_name="flex flex-col justify-center gap-1.5 border-line max-md:border-t max-md:pt-4 md:w-[19.5rem] lg:w-[22rem] md:flex-none md:border-l md:pl-6",
    )


def card_skeleton() -> rx.Component:
    """The card's shape until the first results arrive, so that nothing moves when they do."""
    bar = theme.SKELETON
    return rx.el.div(
        rx.el.div(class_name=f"{bar} size-14 flex-none rounded-full"),
        rx.el.div(
            rx.el.div(class_name=f"{bar} h-5 w-48 max-w-full"),
            rx.el.div(class_name=f"{bar} h-4 w-32"),
            rx.el.div(class_name=f"{bar} h-4 w-56 max-w-full"),
            rx.el.div(class_name=f"{bar} h-4 w-40"),
            class_name="flex min-w-0 flex-1 flex-col gap-2.5",
        ),
        rx.el.div(
            *[rx.el.div(class_name=f"{bar} h-13") for _ in range(3)],
            class_name="grid w-[18rem] flex-none grid-cols-3 items-center gap-2 self-center max-md:hidden",
        ),
        class_name=f"{theme.CARD} flex min-h-44 gap-4 p-4 max-md:min-h-60 sm:p-5",
        aria_hidden="true",
    )
