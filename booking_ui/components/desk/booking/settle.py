"""Settling one refund that failed: the dialog beside it."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.reason import bank_reference, reason
from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.fields import hidden, notice
from booking_ui.states.desk.booking import BookingState


def _dialog_id(one: rx.Var) -> rx.Var:
    return "settle-refund-" + one.id.to(str)


def settle_button(one: rx.Var) -> rx.Component:
    """Opens the dialog of a refund that `settle` draws."""
    return rx.el.button(
        "Settle refund…",
        rx.el.span(" of ", one.amount_label, class_name="sr-only"),
        type="button",
        on_click=dialogs.opens(_dialog_id(one)),
        class_name=f"{theme.QUIET}{theme.SMALL} self-start",
    )


def settle(one: rx.Var) -> rx.Component:
    """A button and its dialog; one that was settled is drawn anew, without them."""
    dialog_id = _dialog_id(one)
    about = rx.el.p(
        f"{BookingState.reference}, {one.amount_label}, {one.reason}. Only this refund is settled.",
        class_name=theme.MUTED,
    )
    return rx.fragment(
        settle_button(one),
        rx.el.div(
            dialogs.sheet(dialog_id, "Settle this refund", about, _form(dialog_id, one)),
            key=f"settle-{one.id}-{BookingState.marks_made}",
        ),
    )


def _form(dialog_id: rx.Var, one: rx.Var) -> rx.Component:
    return rx.el.form(
        hidden("refund_id", one.id.to(str)),
        rx.cond(BookingState.problem != "", notice(BookingState.problem, "bad"), rx.fragment()),
        rx.el.fieldset(
            rx.el.legend("How does the money go back?", class_name="mb-1.5 text-sm font-semibold"),
            dialogs.choice(
                "way", "again", "Send it again", "Razorpay is asked once more, to where it was paid from."
            ),
            dialogs.choice(
                "way",
                "by_hand",
                "I gave it back by hand",
                "Nothing is sent to Razorpay: do this after you returned it.",
            ),
            class_name="flex flex-col gap-2",
        ),
        reason(),
        bank_reference(),
        dialogs.ends(dialog_id, "Leave it open", "Settle refund"),
        on_submit=BookingState.settle,
        class_name="flex flex-col gap-4",
    )
