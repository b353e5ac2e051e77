"""Cancelling a visit for its patient: the desk chooses what goes back, and says why."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.reason import reason
from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.fields import notice, text_input
from booking_ui.states.desk.booking import BookingState
from booking_ui.states.desk.cancel import CancelVisitState

CANCEL_DIALOG = "desk-cancel"
CHOICE = "flex min-h-11 items-center gap-3 rounded-control border border-line px-3 py-2 hover:border-edge has-checked:border-brand has-checked:bg-brand-soft"


def cancel_button() -> rx.Component:
    return rx.el.button(
        "Cancel visit…",
        type="button",
        on_click=dialogs.opens(CANCEL_DIALOG),
        class_name=f"{theme.PLAIN}{theme.SMALL} text-bad",
    )


def cancel_dialog() -> rx.Component:
    """The dialog; a cancellation that was made draws it anew, empty and closed."""
    row = BookingState.booking.row
    return rx.el.div(
        dialogs.sheet(
            CANCEL_DIALOG,
            "Cancel this visit?",
            rx.el.p(
                f"{BookingState.reference}, {row.when_label}. The patient gets an email with the exact refund.",
                class_name=theme.MUTED,
            ),
            _form(),
        ),
        key=f"cancel-{BookingState.reference}-{CancelVisitState.made}",
    )


def _form() -> rx.Component:
    wrong = CancelVisitState.problems
    exact = rx.el.label(
        rx.el.input(type="radio", name="refund", value="exact", class_name="size-4 flex-none"),
        rx.el.span("An exact amount: ₹"),
        text_input(
            "rupees",
            input_mode="decimal",
            auto_complete="off",
            max_length=12,
            aria_label="Rupees to give back",
            # Whoever writes an amount means it: admin.js chooses the button beside it.
            custom_attrs={
                "data-chooses": "",
                "aria-invalid": rx.cond(wrong.rupees != "", "true", "false"),
            },
            class_name="min-w-0 flex-1",
        ),
        class_name=CHOICE,
    )
    said = rx.el.p(wrong.rupees, class_name="text-sm font-medium text-bad", role="alert")
    return rx.el.form(
        rx.cond(wrong.whole != "", notice(wrong.whole, "bad"), rx.fragment()),
        rx.el.fieldset(
            rx.el.legend("What goes back to the patient?", class_name="mb-1.5 text-sm font-semibold"),
            rx.foreach(BookingState.booking.cancel_choices, _choice),
            exact,
            rx.cond(wrong.rupees != "", said),
            class_name="flex flex-col gap-2",
        ),
        reason(problem=wrong.reason),
        dialogs.ends(CANCEL_DIALOG, "Keep the visit", "Cancel the visit", theme.DANGER),
        on_submit=CancelVisitState.cancel,
        class_name="flex flex-col gap-4",
    )


def _choice(choice: rx.Var) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio", name="refund", value=choice.name, required=True, class_name="size-4 flex-none"
        ),
        rx.el.span(choice.label),
        class_name=CHOICE,
    )
