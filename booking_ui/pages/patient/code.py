"""Signing in with a mailed code: first the email, then the six digits."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.sign_in import (
    code_field,
    email_field,
    other_way,
    sign_in_column,
    sign_in_form,
)
from booking_ui.components.shared.layout import page
from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import notice
from booking_ui.states.patient.sign_in import SignInState

ASKED = "If there is an account with this email, a code is on its way. It works for 10 minutes."


def code() -> rx.Component:
    ask = rx.fragment(
        rx.el.p(
            "We'll email you six digits that work for 10 minutes. No password needed.",
            class_name="text-muted",
        ),
        sign_in_form("/api/session/code/request", "Send me a code", email_field(), holds=False),
    )
    use = rx.fragment(
        rx.cond(SignInState.problem == "", notice(ASKED, "good", "check")),
        sign_in_form("/api/session/code", "Sign in", email_field(), code_field()),
        rx.el.p(
            "No email? Look in your spam folder, or ",
            rx.el.a(
                "ask for another code", href="/code/" + SignInState.kept_query.to(str), class_name=theme.LINK
            ),
            ".",
            class_name="text-muted",
        ),
    )
    return page(
        sign_in_column(
            "Sign in with a code",
            rx.cond(SignInState.sent, use, ask),
            other_way("Prefer your password?", "Sign in", "/sign-in/"),
        )
    )
