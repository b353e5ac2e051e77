"""Cancelling a visit for its patient: the admin chooses the refund and gives a reason."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.dialog import dialog, form, opener, question
from booking_ui.components.desk.reason import reason
from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.fields import text_input
from booking_ui.languages import _
from booking_ui.states.desk.booking import BookingState
from booking_ui.states.desk.cancel import CancelVisitState

CANCEL_DIALOG = "desk-cancel"
CHOICE = "flex min-h-11 items-center gap-3 rounded-control border border-line px-3 py-2 hover:border-edge has-checked:border-brand has-checked:bg-brand-soft"


def cancel_button() -> rx.Component:
    return opener(_("Cancel the visit…"), CANCEL_DIALOG, look=f"{theme.PLAIN}{theme.SMALL} text-bad")


def cancel_dialog() -> rx.Component:
    when, wrong = BookingState.booking.row.when_label, CancelVisitState.problems
    choices = rx.foreach(BookingState.booking.cancel_choices, _refund_choice)
    refused = rx.el.p(wrong.rupees, class_name="text-sm font-medium text-bad", role="alert")
    return dialog(
        CANCEL_DIALOG,
        _("Cancel this visit?"),
        _(
            "{reference}, {time}. The patient gets a message with the exact refund.",
            reference=BookingState.reference,
            time=when,
        ),
        form(
            CancelVisitState.cancel,
            wrong.whole,
            question(
                _("What goes back to the patient?"),
                choices,
                _exact_amount(),
                rx.cond(wrong.rupees != "", refused),
            ),
            reason(_("Why? The patient reads this, too."), problem=wrong.reason),
            dialogs.ends(CANCEL_DIALOG, _("Keep the visit"), _("Cancel the visit"), theme.DANGER),
        ),
        f"cancel-{BookingState.reference}-{CancelVisitState.made}",
    )


def _exact_amount() -> rx.Component:
    wrong = CancelVisitState.problems
    return rx.el.label(
        rx.el.input(type="radio", name="refund", value="exact", class_name="size-4 flex-none"),
        rx.el.span(_("An exact amount: ₹")),
        text_input(
            "rupees",
            input_mode="decimal",
            auto_complete="off",
            max_length=12,
            aria_label=_("Rupees to give back"),
            # Writing an amount chooses the button beside it (admin.js).
            custom_attrs={
                "data-chooses": "",
                "aria-invalid": rx.cond(wrong.rupees != "", "true", "false"),
            },
            class_name="min-w-0 flex-1",
        ),
        class_name=CHOICE,
    )


def _refund_choice(choice: rx.Var) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio", name="refund", value=choice.name, required=True, class_name="size-4 flex-none"
        ),
        rx.el.span(choice.label),
        class_name=CHOICE,
    )
