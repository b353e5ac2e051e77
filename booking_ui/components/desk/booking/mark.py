"""Marking a payment by hand: one dialog that says what each mark will do before it is done."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.reason import bank_reference, reason
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.fields import notice
from booking_ui.states.desk.booking import BookingState

MARK_DIALOG = "mark-payment"


def mark_dialog() -> rx.Component:
    """The dialog; a mark that was made draws it anew, empty and closed."""
    amount = BookingState.booking.row.amount_label
    return rx.el.div(
        dialogs.sheet(
            MARK_DIALOG,
            "Mark this payment",
            rx.el.p(
                f"{BookingState.reference}, {amount}. Use this only when Razorpay cannot tell us itself.",
                class_name=theme.MUTED,
            ),
            _form(),
        ),
        key=f"mark-{BookingState.reference}-{BookingState.marks_made}",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.cond(BookingState.problem != "", notice(BookingState.problem, "bad"), rx.fragment()),
        rx.el.fieldset(
            rx.el.legend("What happened to the money?", class_name="mb-1.5 text-sm font-semibold"),
            rx.foreach(BookingState.booking.marks, _mark),
            class_name="flex flex-col gap-2",
        ),
        reason(),
        bank_reference(),
        dialogs.ends(MARK_DIALOG, "Keep as it is", "Mark payment"),
        on_submit=BookingState.mark,
        class_name="flex flex-col gap-4",
    )


def _mark(status: rx.Var) -> rx.Component:
    return dialogs.choice(
        "status", status, status_badge.word("payment", status), BookingState.effects[status]
    )
