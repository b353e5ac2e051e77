"""Signing in by telephone, after the number: the six digits, and once the name of a new patient."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.sign_in import (
    agreement,
    another_code,
    code_field,
    name_field,
    number_field,
    other_way,
    sign_in_column,
    sign_in_form,
)
from booking_ui.components.shared.layout import page
from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import notice
from booking_ui.languages import N_, _
from booking_ui.states.patient.sign_in import SignInState

ASKED = N_("A code is on its way to your phone. It works for 10 minutes, in this browser.")


def phone() -> rx.Component:
    return page(
        sign_in_column(
            rx.cond(SignInState.new, _("What is your name?"), _("Enter the code")),
            rx.cond(SignInState.new, _tell_name(), _enter_code()),
        )
    )


def _enter_code() -> rx.Component:
    return rx.el.div(
        rx.cond(SignInState.sent & (SignInState.problem == ""), notice(_(ASKED), "good", "check")),
        sign_in_form(
            "/api/session/phone",
            _("Sign in"),
            number_field(read_only=True),
            code_field(_("Six digits; the newest message has them.")),
            holding=_("Sign in and hold {time}", time=SignInState.slot.time_label),
        ),
        rx.cond(SignInState.code_in_file, _where_the_code_is()),
        another_code(),
        other_way(_("Wrong number, or no message?"), _("Use another way"), "/sign-in/"),
        class_name="flex flex-col gap-5",
    )


def _where_the_code_is() -> rx.Component:
    return rx.el.p(
        _(
            "This is a demo clinic, from which no message leaves: the code is in the newest file of data/messages."
        ),
        class_name=f"rounded-card border border-dashed border-edge p-4 {theme.MUTED}",
    )


def _tell_name() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            _("The code is right, and your number is new to us. We ask for your name once."),
            class_name="text-muted",
        ),
        sign_in_form(
            "/api/session/phone",
            _("Create account"),
            name_field(),
            agreement(),
            holding=_("Create account and hold {time}", time=SignInState.slot.time_label),
        ),
        other_way(
            _("Been here before with your email? Sign in with it, then add this number to your account."),
            _("Sign in"),
            "/sign-in/",
        ),
        class_name="flex flex-col gap-5",
    )
