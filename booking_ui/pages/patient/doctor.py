"""A doctor: the person on the left, the slots on the right (below on a phone)."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.doctor import about, doctor_skeleton, essentials
from booking_ui.components.patient.sent import sent, sent_facts
from booking_ui.components.patient.slot_picker import picker_skeleton, slot_picker
from booking_ui.components.shared.layout import page
from booking_ui.components.shared.not_found import not_found_section
from booking_ui.domain.clinic.doctor_sentences import page_description, page_title
from booking_ui.languages import _
from booking_ui.states.patient.doctor import DoctorState

TWO = "grid items-start gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)] lg:grid-rows-[auto_1fr] lg:gap-x-12"


def doctor() -> rx.Component:
    nobody = not_found_section(
        _("We can't find that doctor"),
        _("The doctor may have left the clinic, or the address may be mistyped."),
    )
    waiting = rx.el.div(
        rx.el.div(sent_facts("essentials"), doctor_skeleton()),
        rx.el.div(picker_skeleton(), class_name="min-w-0 lg:row-span-2 [:has([data-nobody])+&]:hidden"),
        sent_facts("about"),
        class_name=TWO,
    )
    return page(
        rx.match(
            DoctorState.stage,
            (
                "ready",
                rx.el.div(essentials(), slot_picker(), about(), on_unmount=DoctorState.leave, class_name=TWO),
            ),
            ("missing", nobody),
            waiting,
        )
    )


def doctor_title() -> rx.Var[str]:
    """The doctor's name once it is known, which is at once where the server has sent it."""
    missing = DoctorState.stage == "missing"
    named = _once_known(page_title(DoctorState.doctor), sent("title", _("Pick a time")))
    return rx.Var.create(rx.cond(missing, _("We can't find that doctor"), named)).to(str)


def doctor_description() -> rx.Var[str]:
    generic = sent("description", _("Free times of this doctor in the next two weeks."))
    return _once_known(page_description(DoctorState.doctor), generic)


def _once_known(said: str, until_then: rx.Var[str]) -> rx.Var[str]:
    return rx.Var.create(rx.cond(DoctorState.doctor.name != "", said, until_then)).to(str)
