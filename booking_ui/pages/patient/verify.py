"""Confirming an email. It takes a click, so that programs which open every link in a mail confirm nothing."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.sign_in import sign_in_column, token_field
from booking_ui.components.shared.layout import page
from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import native_form
from booking_ui.states.patient.sign_in import SignInState


def verify() -> rx.Component:
    form = native_form("/api/session/verify", "Yes, this is my email", token_field(), **{"data-token": ""})
    onward = rx.el.a("Find a doctor", href="/", class_name=f"{theme.PRIMARY} w-full")
    ask = rx.fragment(
        rx.el.p("Confirm it once, so that nobody else can open an account with it.", class_name="text-muted"),
        form,
        rx.el.p(
            "Link too old? Your ",
            rx.el.a("account page", href="/account/", class_name=theme.LINK),
            " sends another.",
            class_name="text-muted",
        ),
    )
    return page(sign_in_column("Confirm your email", rx.cond(SignInState.done != "", onward, ask)))
