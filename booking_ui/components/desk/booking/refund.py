"""Refunding money that is kept: the admin writes an amount and a reason, and the visit stays as it is."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.dialog import dialog, form, opener
from booking_ui.components.desk.reason import reason
from booking_ui.components.ui import dialogs
from booking_ui.components.ui.fields import field, hidden, text_input
from booking_ui.languages import _, pgettext
from booking_ui.states.desk.booking import BookingState
from booking_ui.states.desk.refund import RefundState

REFUND_DIALOG = "desk-refund"
BOOKING = BookingState.booking


def refund_button() -> rx.Component:
    return opener(_("Refund…"), REFUND_DIALOG)


def refund_dialog() -> rx.Component:
    wrong = RefundState.problems
    way = rx.cond(
        BOOKING.refund_by_hand,
        _("It was paid at the desk: give it back first, then say so here."),
        _("Razorpay sends it to where it was paid from."),
    )
    about = _(
        "{reference}. The visit stays as it is, and the patient gets an email.",
        reference=BookingState.reference,
    )
    return dialog(
        REFUND_DIALOG,
        _("Refund money"),
        f"{about} {way}",
        form(
            RefundState.refund,
            wrong.whole,
            hidden("seen_paise", BOOKING.refundable_paise.to(str)),
            field(
                _("Rupees to give back"),
                text_input("rupees", input_mode="decimal", auto_complete="off", max_length=12, required=True),
                hint=_("₹1 or more, at most {amount}.", amount=BOOKING.refundable_label),
                problem=wrong.rupees,
            ),
            reason(problem=wrong.reason),
            dialogs.ends(REFUND_DIALOG, _("Keep the money"), pgettext("verb", "Refund")),
        ),
        f"refund-{BookingState.reference}-{RefundState.made}",
    )
