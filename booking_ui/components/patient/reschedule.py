"""Moving a visit: the visit as it is on the left, the doctor's slots on the right, and the dialog that confirms the move."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.slot_picker import bar_at_the_foot, picker_skeleton, slot_picker
from booking_ui.components.shared.layout import phone_link
from booking_ui.components.shared.visit import visit_details, visit_head
from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.as_written import as_written, untranslated
from booking_ui.components.ui.fields import notice
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import _, to
from booking_ui.states.patient.doctor import DoctorState
from booking_ui.states.patient.reschedule import RescheduleState

DIALOG = "move"
TWO = "grid items-start gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)] lg:gap-x-12"


def choosing() -> rx.Component:
    visit = RescheduleState.visit
    now = rx.el.section(
        rx.el.h2(_("Your visit now"), class_name=theme.HEADING),
        visit_head(visit),
        visit_details(visit),
        rx.el.p(
            _("You pay nothing more, and your current time goes free for others."),
            " ",
            visit.refund_rule,
            class_name=theme.MUTED,
        ),
        back(),
        aria_label=_("Your visit now"),
        class_name=f"{theme.PADDED} flex flex-col gap-5",
    )
    return rx.el.div(
        rx.el.h1(_("Choose another time"), class_name=theme.TITLE),
        rx.cond(RescheduleState.problem != "", notice(RescheduleState.problem, "waiting")),
        rx.el.div(now, slot_picker(_summary()), on_unmount=DoctorState.leave, class_name=TWO),
        _dialog(),
        class_name="flex flex-col gap-6",
    )


def closed() -> rx.Component:
    """Says that the visit stands, and whom to call about it."""
    visit = RescheduleState.visit
    return rx.el.section(
        rx.el.h1(_("This visit can't be rescheduled here"), class_name=theme.TITLE),
        rx.cond(
            visit.too_late != "",
            rx.el.p(
                *with_parts(
                    _(
                        "It's too close to the visit to move it online. Call us on {phone}: we can cancel it for you by "
                        "phone."
                    ),
                    phone=phone_link(),
                ),
                class_name="max-w-text",
            ),
            rx.el.p(
                *with_parts(
                    _(
                        "Only a confirmed visit that is still ahead can be moved. Questions? Call us on {phone}."
                    ),
                    phone=phone_link(),
                ),
                class_name="max-w-text",
            ),
        ),
        back(),
        class_name=f"{theme.PADDED} flex flex-col items-start gap-4",
    )


def reschedule_skeleton() -> rx.Component:
    bar = theme.SKELETON
    return rx.el.div(
        rx.el.div(class_name=f"{bar} h-8 w-64"),
        rx.el.div(rx.el.div(class_name=f"{bar} h-72"), picker_skeleton(), class_name=TWO),
        class_name="flex flex-col gap-6",
        aria_hidden="true",
    )


def back() -> rx.Component:
    return rx.el.a(
        _("Keep the visit as it is"),
        href=to("/appointment/") + RescheduleState.visit.reference.to(str) + "/",
        class_name=f"{theme.QUIET}{theme.SMALL} self-start",
    )


def _summary() -> rx.Component:
    go = rx.el.button(
        rx.el.span(_("Reschedule"), class_name="sm:hidden", aria_hidden="true"),
        rx.el.span(_("Reschedule to this time"), class_name="max-sm:sr-only"),
        type="button",
        on_click=dialogs.opens(DIALOG),
        class_name=f"{theme.PRIMARY} flex-none sm:min-w-40",
    )
    return rx.cond(DoctorState.chosen.id != 0, bar_at_the_foot(go))


def _dialog() -> rx.Component:
    visit, chosen = RescheduleState.visit, DoctorState.chosen
    buttons = dialogs.asks(
        DIALOG, _("Keep it"), _("Reschedule"), RescheduleState.move(chosen.id), theme.PRIMARY
    )
    return dialogs.sheet(
        DIALOG,
        _("Reschedule this visit?"),
        rx.el.p(
            *with_parts(
                _("{doctor}, for {patient}"),
                doctor=as_written(visit.doctor_name),
                patient=as_written(visit.patient_name),
            ),
            class_name="font-semibold",
        ),
        rx.el.p(
            *with_parts(
                _("From {before} to {after}."),
                before=as_written(visit.when_label),
                after=rx.el.strong(chosen.day_label, ", ", chosen.time_label, custom_attrs=untranslated()),
            )
        ),
        rx.el.p(_("Nothing more to pay."), class_name=theme.MUTED),
        buttons,
    )
