"""The admin says whether a visit took place, once it began; it can't be taken back, so a dialog asks first."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.dialog import opener
from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.sentences import with_parts
from booking_ui.config.settings import settings
from booking_ui.languages import _
from booking_ui.states.desk.booking import BookingState

ROW = BookingState.booking.row


def took_place() -> rx.Component:
    """Two buttons, each with its question, and what happens when neither is pressed."""
    hours = settings().complete_after_hours
    return rx.el.div(
        rx.el.div(
            opener(_("Visit took place…"), "conclude-completed"),
            opener(_("Patient did not come…"), "conclude-no_show"),
            class_name="flex flex-wrap gap-3",
        ),
        rx.el.p(
            _("Without an answer it counts as completed {hours} h after its end.", hours=hours),
            class_name=theme.MUTED,
        ),
        _question(
            "completed",
            _("Did this visit take place?"),
            _("It counts as completed. This can't be changed later."),
            _("Visit took place"),
            theme.PRIMARY,
        ),
        _question(
            "no_show",
            _("Did the patient not come?"),
            _("The visit counts as missed and no money goes back. This can't be changed later."),
            _("Patient did not come"),
            theme.DANGER,
        ),
        class_name="flex flex-col gap-2",
    )


def _question(status: str, title: str, effect: str, do: str, look: str) -> rx.Component:
    dialog_id = f"conclude-{status}"
    patient = rx.cond(ROW.visitor_name != "", ROW.visitor_name, ROW.patient_name)
    return dialogs.sheet(
        dialog_id,
        title,
        rx.el.p(
            *with_parts(
                _("{patient}, {time}, with {doctor}."),
                patient=rx.el.span(patient, class_name="font-semibold"),
                time=ROW.when_label,
                doctor=ROW.doctor_name,
            )
        ),
        rx.el.p(effect, class_name=theme.MUTED),
        dialogs.asks(dialog_id, _("Leave it open"), do, BookingState.conclude(status), look),
    )
