"""Confirming an email. It takes a click, so that programs which open every link in a mail confirm nothing."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.sign_in import sign_in_column, token_field
from booking_ui.components.shared.layout import page
from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import native_form
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import _, to
from booking_ui.states.patient.sign_in import SignInState


def verify() -> rx.Component:
    form = native_form("/api/session/verify", _("Yes, this is my email"), token_field(), **{"data-token": ""})
    onward = rx.el.a(_("Find a doctor"), href=to("/"), class_name=f"{theme.PRIMARY} w-full")
    account = rx.el.a(_("account page"), href=to("/account/"), class_name=theme.LINK)
    ask = rx.fragment(
        rx.el.p(
            _("Confirm it once, so that nobody else can open an account with it."), class_name="text-muted"
        ),
        form,
        rx.el.p(
            *with_parts(_("Link too old? Your {page} sends another."), page=account), class_name="text-muted"
        ),
    )
    return page(sign_in_column(_("Confirm your email"), rx.cond(SignInState.done != "", onward, ask)))
