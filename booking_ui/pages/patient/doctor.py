"""A doctor: the person on the left, the slots on the right (below on a phone)."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.doctor import about, doctor_skeleton, essentials
from booking_ui.components.patient.slot_picker import picker_skeleton, slot_picker
from booking_ui.components.shared.layout import page
from booking_ui.components.shared.not_found import not_found_section
from booking_ui.languages import _
from booking_ui.states.patient.doctor import DoctorState

TWO = "grid items-start gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)] lg:grid-rows-[auto_1fr] lg:gap-x-12"


def doctor() -> rx.Component:
    nobody = not_found_section(
        _("We can't find that doctor"),
        _("The doctor may have left the clinic, or the address may be mistyped."),
    )
    return page(
        rx.match(
            DoctorState.stage,
            (
                "ready",
                rx.el.div(essentials(), slot_picker(), about(), on_unmount=DoctorState.leave, class_name=TWO),
            ),
            ("missing", nobody),
            rx.el.div(doctor_skeleton(), picker_skeleton(), class_name=TWO),
        )
    )


def doctor_title() -> rx.Var[str]:
    """The doctor's name once it is known."""
    return rx.cond(DoctorState.doctor.name != "", DoctorState.doctor.name, _("Pick a time"))
