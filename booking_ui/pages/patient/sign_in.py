"""Signing in, and creating an account."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.sign_in import (
    agreement,
    demo_logins,
    email_field,
    other_way,
    password_field,
    sign_in_column,
    sign_in_form,
    without_password,
)
from booking_ui.components.shared.layout import page
from booking_ui.components.ui.fields import field, text_input
from booking_ui.languages import _
from booking_ui.states.patient.sign_in import SignInState


def sign_in() -> rx.Component:
    form = sign_in_form(
        "/api/session/sign-in",
        _("Sign in"),
        email_field(),
        password_field("current-password"),
        holding=_("Sign in and hold {time}", time=SignInState.slot.time_label),
    )
    return page(
        sign_in_column(
            _("Sign in"),
            form,
            without_password(),
            other_way(_("New here?"), _("Create an account"), "/register/"),
            demo_logins(),
        )
    )


def register() -> rx.Component:
    form = sign_in_form(
        "/api/session/register",
        _("Create account"),
        field(
            _("Your name"),
            text_input("name", auto_complete="name", required=True, max_length=80),
            problem=SignInState.problems["name"],
        ),
        email_field(),
        field(
            _("Mobile number"),
            text_input(
                "phone", type="tel", auto_complete="tel", input_mode="tel", required=True, max_length=20
            ),
            hint=_("10 digits. The clinic calls only about your visits."),
            problem=SignInState.problems["phone"],
        ),
        password_field("new-password", _("At least 8 characters.")),
        agreement(),
        holding=_("Create account and hold {time}", time=SignInState.slot.time_label),
    )
    return page(
        sign_in_column(
            _("Create your account"), form, other_way(_("Been here before?"), _("Sign in"), "/sign-in/")
        )
    )
