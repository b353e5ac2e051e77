"""Settling one refund that failed, and sending one that waits for a dispute: a button, and the dialog that it opens."""

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


def send_held(refund: rx.Var) -> rx.Component:
    """The button and the dialog for a refund that waits for the end of a dispute."""
    dialog_id = "send-refund-" + refund.id.to(str)
    about = rx.el.span(" of ", refund.amount_label, class_name="sr-only")
    warning = "The patient's bank may take this money back itself. Sent now, it can go back twice."
    asked = dialog(
        dialog_id,
        "Send this refund now",
        f"{BookingState.reference}, {refund.amount_label}, {refund.reason}. {warning}",
        form(
            BookingState.send_held,
            BookingState.problem,
            hidden("refund_id", refund.id.to(str)),
            reason(),
            dialogs.ends(dialog_id, "Let it wait", "Send refund"),
        ),
        f"send-{refund.id}-{BookingState.marks_made}",
    )
    return rx.fragment(opener("Send all the same…", dialog_id, about), asked)


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
