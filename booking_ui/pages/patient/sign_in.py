"""Signing in, and creating an account."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.sign_in import (
    agreement,
    demo_logins,
    email_field,
    name_field,
    number_field,
    other_way,
    password_field,
    sign_in_column,
    sign_in_form,
    with_email,
    without_password,
)
from booking_ui.components.shared.layout import page
from booking_ui.languages import _
from booking_ui.states.patient.sign_in import SignInState


def sign_in() -> rx.Component:
    by_phone = sign_in_form(
        "/api/session/phone/request",
        _("Send me a code"),
        number_field(_("We send you six digits. New here? It is the same: we ask for your name, once.")),
    )
    return page(
        sign_in_column(
            _("Sign in"),
            rx.cond(
                SignInState.by_phone,
                rx.el.div(by_phone, with_email(*_by_mail()), class_name="flex flex-col gap-5"),
                rx.el.div(*_by_mail(), class_name="flex flex-col gap-5"),
            ),
            demo_logins(),
        )
    )


def _by_mail() -> list[rx.Component]:
    form = sign_in_form(
        "/api/session/sign-in",
        _("Sign in"),
        email_field(),
        password_field("current-password"),
        holding=_("Sign in and hold {time}", time=SignInState.slot.time_label),
    )
    return [form, without_password(), other_way(_("New here?"), _("Create an account"), "/register/")]


def register() -> rx.Component:
    form = sign_in_form(
        "/api/session/register",
        _("Create account"),
        name_field(),
        email_field(),
        number_field(_("10 digits. The clinic calls only about your visits.")),
        password_field("new-password", _("At least 8 characters.")),
        agreement(),
        holding=_("Create account and hold {time}", time=SignInState.slot.time_label),
    )
    return page(
        sign_in_column(
            _("Create your account"), form, other_way(_("Been here before?"), _("Sign in"), "/sign-in/")
        )
    )
