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
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import N_, _, to
from booking_ui.states.patient.sign_in import SignInState

ASKED = N_("If there is an account with this email, a code is on its way. It works for 10 minutes.")


def code() -> rx.Component:
    ask = rx.fragment(
        rx.el.p(
            _("We'll email you six digits that work for 10 minutes. No password needed."),
            class_name="text-muted",
        ),
        sign_in_form("/api/session/code/request", _("Send me a code"), email_field()),
    )
    another = rx.el.a(
        _("ask for another code"), href=to("/code/") + SignInState.kept_query.to(str), class_name=theme.LINK
    )
    use = rx.fragment(
        rx.cond(SignInState.problem == "", notice(_(ASKED), "good", "check")),
        sign_in_form(
            "/api/session/code",
            _("Sign in"),
            email_field(),
            code_field(),
            holding=_("Sign in and hold {time}", time=SignInState.slot.time_label),
        ),
        rx.el.p(
            *with_parts(_("No email? Look in your spam folder, or {ask}."), ask=another),
            class_name="text-muted",
        ),
    )
    return page(
        sign_in_column(
            _("Sign in with a code"),
            rx.cond(SignInState.sent, use, ask),
            other_way(_("Prefer your password?"), _("Sign in"), "/sign-in/"),
        )
    )
