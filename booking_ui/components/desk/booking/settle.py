"""Settling one refund that failed: a button, and the dialog that it opens."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.dialog import dialog, form, opener, question
from booking_ui.components.desk.reason import bank_reference, reason
from booking_ui.components.ui import dialogs
from booking_ui.components.ui.fields import hidden
from booking_ui.states.desk.booking import BookingState


def settle_button(refund: rx.Var) -> rx.Component:
    about = rx.el.span(" of ", refund.amount_label, class_name="sr-only")
    return opener("Settle refund…", _dialog_id(refund), about)


def settle_refund(refund: rx.Var) -> rx.Component:
    """The button and the dialog; `settle_button` alone opens the same dialog."""
    return rx.fragment(settle_button(refund), _dialog(_dialog_id(refund), refund))


def _dialog_id(refund: rx.Var) -> rx.Var:
    return "settle-refund-" + refund.id.to(str)


def _dialog(dialog_id: rx.Var, refund: rx.Var) -> rx.Component:
    return dialog(
        dialog_id,
        "Settle this refund",
        f"{BookingState.reference}, {refund.amount_label}, {refund.reason}. Only this refund is settled.",
        form(
            BookingState.settle,
            BookingState.problem,
            hidden("refund_id", refund.id.to(str)),
            question("How does the money go back?", *_ways()),
            reason(),
            bank_reference(),
            dialogs.ends(dialog_id, "Leave it open", "Settle refund"),
        ),
        f"settle-{refund.id}-{BookingState.marks_made}",
    )


def _ways() -> list[rx.Component]:
    again = "Razorpay is asked once more, to where it was paid from."
    by_hand = "Nothing is sent to Razorpay: do this after you returned it."
    return [
        dialogs.choice("way", "again", "Send it again", again),
        dialogs.choice("way", "by_hand", "I gave it back by hand", by_hand),
    ]
