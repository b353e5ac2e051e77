"""A doctor's sign-in: its address, the mailed link, and a button that takes it away."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import dialogs, theme
from booking_ui.components.ui.fields import field, hidden, notice, text_input
from booking_ui.languages import _
from booking_ui.states.desk.doctor import EditDoctorState

SHEET = EditDoctorState.sheet
WRONG = EditDoctorState.problems


def doctor_sign_in() -> rx.Component:
    """The section about the sign-in; nothing before the doctor is stored."""
    return rx.cond(
        SHEET.id > 0,
        rx.el.section(
            rx.el.h2(_("Sign-in"), class_name="text-base"),
            rx.el.p(
                _(
                    "Lets the doctor see the visits of each day and nothing else. A mailed link asks for a password."
                ),
                class_name=f"{theme.MUTED} max-w-text",
            ),
            rx.el.div(
                rx.cond(
                    EditDoctorState.sign_in_said != "", notice(EditDoctorState.sign_in_said, "good", "check")
                ),
                class_name="empty:hidden",
            ),
            rx.cond(SHEET.email != "", _given(), _give_form()),
            aria_label=_("Sign-in"),
            class_name="flex flex-col gap-3 border-t border-line pt-6",
        ),
    )


def _give_form() -> rx.Component:
    address = text_input(
        "email",
        type="email",
        required=True,
        max_length=254,
        auto_complete="off",
        placeholder="name@example.com",
    )
    return rx.el.form(
        hidden("doctor_id", SHEET.id.to(str)),
        rx.el.div(field(_("Email"), address, problem=WRONG.email), class_name="sm:max-w-96"),
        _send_button(_("Send the link"), theme.QUIET),
        on_submit=EditDoctorState.give_sign_in,
        class_name="flex flex-col gap-4",
    )


def _send_button(words: str, look: str) -> rx.Component:
    busy = EditDoctorState.busy == "sign_in"
    return rx.el.button(
        rx.cond(busy, _("Sending…"), words),
        type="submit",
        aria_busy=busy,
        class_name=f"{look} min-w-34 sm:self-start",
    )


def _given() -> rx.Component:
    unused = rx.el.span(
        _("Link not used yet"), class_name=f"{theme.PILL} {theme.tone('waiting')} px-2! font-medium!"
    )
    return rx.el.div(
        rx.el.p(
            rx.el.span(SHEET.email, class_name="font-semibold break-all"),
            rx.cond(SHEET.email_verified, rx.fragment(), unused),
            class_name=theme.WRAP,
        ),
        rx.cond(WRONG.email != "", notice(WRONG.email, "bad")),
        rx.el.div(
            rx.el.form(
                hidden("doctor_id", SHEET.id.to(str)),
                hidden("email", SHEET.email),
                _send_button(_("Send a link again"), f"{theme.QUIET}{theme.SMALL}"),
                on_submit=EditDoctorState.give_sign_in,
            ),
            rx.el.button(
                _("Take the sign-in away"),
                type="button",
                on_click=dialogs.opens("take-sign-in"),
                class_name=f"{theme.PLAIN}{theme.SMALL} text-bad",
            ),
            class_name=theme.WRAP,
        ),
        _take_dialog(),
        class_name="flex flex-col gap-3",
    )


def _take_dialog() -> rx.Component:
    return dialogs.sheet(
        "take-sign-in",
        _("Take the sign-in away?"),
        rx.el.p(
            _(
                "A doctor who is signed in with it is signed out at once. Visits and hours stay; you can give another sign-in."
            )
        ),
        dialogs.asks("take-sign-in", _("Keep"), _("Take away"), EditDoctorState.take_sign_in(SHEET.id)),
    )
