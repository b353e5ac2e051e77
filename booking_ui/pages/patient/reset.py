"""A forgotten password: asking for the mailed link, and choosing a new password with it."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.sign_in import (
    email_field,
    other_way,
    password_field,
    sign_in_column,
    token_field,
)
from booking_ui.components.shared.layout import page
from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import native_form, notice
from booking_ui.languages import N_, _, to
from booking_ui.states.patient.sign_in import SignInState

ASKED = N_(
    "If there is an account with this email, a link is on its way. It works once, for 30 minutes. "
    "No email? Look in your spam folder, or ask again below."
)


def reset() -> rx.Component:
    form = native_form("/api/session/reset/request", _("Send me a link"), email_field(), **{"data-keep": ""})
    return page(
        sign_in_column(
            _("Forgot your password?"),
            rx.el.p(_("We'll email you a link to choose another one."), class_name="text-muted"),
            rx.cond(SignInState.sent, notice(_(ASKED), "good", "check")),
            form,
            other_way(_("Remembered it?"), _("Sign in"), "/sign-in/"),
        )
    )


def reset_new() -> rx.Component:
    form = native_form(
        "/api/session/reset",
        _("Change password"),
        token_field(),
        password_field(
            "new-password", _("At least 8 characters. You'll be signed out everywhere."), _("New password")
        ),
        **{"data-token": ""},
    )
    again = rx.el.p(
        _("Link too old?"),
        " ",
        rx.el.a(_("Ask for a new one"), href=to("/reset/"), class_name=theme.LINK),
        class_name="text-muted",
    )
    return page(sign_in_column(_("Choose a new password"), form, again))
