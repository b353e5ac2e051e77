"""Marking a payment by hand: one dialog that says what each mark will do."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.dialog import dialog, form, opener, question
from booking_ui.components.desk.reason import bank_reference, reason
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import dialogs
from booking_ui.states.desk.booking import BookingState

MARK_DIALOG = "mark-payment"


def mark_button() -> rx.Component:
    return opener("Mark payment…", MARK_DIALOG)


def mark_dialog() -> rx.Component:
    amount = BookingState.booking.row.amount_label
    return dialog(
        MARK_DIALOG,
        "Mark this payment",
        f"{BookingState.reference}, {amount}. Use this only when Razorpay cannot tell us itself.",
        form(
            BookingState.mark,
            BookingState.problem,
            question("What happened to the money?", rx.foreach(BookingState.booking.marks, _mark_choice)),
            reason(),
            bank_reference(),
            dialogs.ends(MARK_DIALOG, "Keep as it is", "Mark payment"),
        ),
        f"mark-{BookingState.reference}-{BookingState.marks_made}",
    )


def _mark_choice(status: rx.Var) -> rx.Component:
    word = status_badge.word("payment", status)
    return dialogs.choice("status", status, word, BookingState.effects[status])
