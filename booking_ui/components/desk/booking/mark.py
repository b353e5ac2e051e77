"""Marking a payment by hand: one dialog that says what each mark will do."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.dialog import dialog, form, opener, question
from booking_ui.components.desk.reason import reason
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import dialogs
from booking_ui.components.ui.fields import field, text_input
from booking_ui.languages import _
from booking_ui.states.desk.booking import BookingState

MARK_DIALOG = "mark-payment"


def mark_button() -> rx.Component:
    return opener(_("Mark payment…"), MARK_DIALOG)


def mark_dialog() -> rx.Component:
    amount = BookingState.booking.row.amount_label
    return dialog(
        MARK_DIALOG,
        _("Mark this payment"),
        _(
            "{reference}, {amount}. Use this only when Razorpay cannot tell us itself.",
            reference=BookingState.reference,
            amount=amount,
        ),
        form(
            BookingState.mark,
            BookingState.problem,
            rx.el.div(
                question(
                    _("What happened to the money?"), rx.foreach(BookingState.booking.marks, _mark_choice)
                ),
                _paid_through(),
                class_name="group flex flex-col gap-4",
            ),
            reason(),
            field(
                _("Payment id, receipt or bank reference"),
                text_input("reference", max_length=80, auto_complete="off"),
                hint=_(
                    "Needed for money that came through Razorpay: pay_ and 14 letters or digits. Optional for all else."
                ),
            ),
            dialogs.ends(MARK_DIALOG, _("Keep as it is"), _("Mark payment")),
        ),
        f"mark-{BookingState.reference}-{BookingState.marks_made}",
    )


def _mark_choice(status: rx.Var) -> rx.Component:
    word = status_badge.word("payment", status)
    return dialogs.choice("status", status, word, BookingState.effects[status])


def _paid_through() -> rx.Component:
    """The question that only the mark as paid asks. Its buttons are not required: a hidden one would block the form."""
    return rx.el.div(
        question(
            _("How was it paid?"),
            dialogs.choice(
                "paid_through",
                "razorpay",
                _("Through Razorpay"),
                _("The payment's id below says which one it is."),
                required=False,
            ),
            dialogs.choice(
                "paid_through",
                "desk",
                _("Cash or UPI at the desk"),
                _("A refund is given back at the desk too."),
                required=False,
            ),
        ),
        class_name="hidden group-has-[[value=captured]:checked]:block",
    )
