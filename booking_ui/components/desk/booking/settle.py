"""Settling one refund that failed, and sending one that waits for a dispute: a button, and the dialog that it opens."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.dialog import dialog, form, opener, question
from booking_ui.components.desk.reason import bank_reference, reason
from booking_ui.components.ui import dialogs
from booking_ui.components.ui.fields import hidden
from booking_ui.languages import _
from booking_ui.states.desk.booking import BookingState


def settle_button(refund: rx.Var) -> rx.Component:
    name = _("Settle refund… of {amount}", amount=refund.amount_label)
    return opener(_("Settle refund…"), _dialog_id(refund), name=name)


def settle_refund(refund: rx.Var) -> rx.Component:
    """The button and the dialog; `settle_button` alone opens the same dialog."""
    return rx.fragment(settle_button(refund), _dialog(_dialog_id(refund), refund))


def send_held(refund: rx.Var) -> rx.Component:
    """The button and the dialog for a refund that waits for the end of a dispute."""
    dialog_id = "send-refund-" + refund.id.to(str)
    name = _("Send all the same… of {amount}", amount=refund.amount_label)
    warning = _("The patient's bank may take this money back itself. Sent now, it can go back twice.")
    asked = dialog(
        dialog_id,
        _("Send this refund now"),
        _(
            "{reference}, {amount}, {reason}. {warning}",
            reference=BookingState.reference,
            amount=refund.amount_label,
            reason=refund.reason,
            warning=warning,
        ),
        form(
            BookingState.send_held,
            BookingState.problem,
            hidden("refund_id", refund.id.to(str)),
            reason(),
            dialogs.ends(dialog_id, _("Let it wait"), _("Send refund")),
        ),
        f"send-{refund.id}-{BookingState.marks_made}",
    )
    return rx.fragment(opener(_("Send all the same…"), dialog_id, name=name), asked)


def _dialog_id(refund: rx.Var) -> rx.Var:
    return "settle-refund-" + refund.id.to(str)


def _dialog(dialog_id: rx.Var, refund: rx.Var) -> rx.Component:
    return dialog(
        dialog_id,
        _("Settle this refund"),
        _(
            "{reference}, {amount}, {reason}. Only this refund is settled.",
            reference=BookingState.reference,
            amount=refund.amount_label,
            reason=refund.reason,
        ),
        form(
            BookingState.settle,
            BookingState.problem,
            hidden("refund_id", refund.id.to(str)),
            question(_("How does the money go back?"), *_ways()),
            reason(),
            bank_reference(),
            dialogs.ends(dialog_id, _("Leave it open"), _("Settle refund")),
        ),
        f"settle-{refund.id}-{BookingState.marks_made}",
    )


def _ways() -> list[rx.Component]:
    again = _("Razorpay is asked once more, to where it was paid from.")
    by_hand = _("Nothing is sent to Razorpay: do this after you returned it.")
    return [
        dialogs.choice("way", "again", _("Send it again"), again),
        dialogs.choice("way", "by_hand", _("I gave it back by hand"), by_hand),
    ]
