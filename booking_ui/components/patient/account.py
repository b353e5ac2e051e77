"""The account page's parts: confirming the email, name and number, password, sessions, and erasing the account."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import dialogs, icons, theme
from booking_ui.components.ui.fields import field, native_form, text_input
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import _, action, to
from booking_ui.services.views import SessionView
from booking_ui.states.patient.account import AccountState
from booking_ui.states.shared.session import SessionState

ERASE = "erase-account"


def unconfirmed() -> rx.Component:
    """Shown while the email is not confirmed, which keeps nobody from booking."""
    said = rx.el.div(
        icons.icon("alert"),
        rx.el.div(
            rx.el.p(_("Please confirm your email: we've sent you a link. You can book meanwhile.")),
            rx.el.button(
                _("Send it again"),
                type="button",
                on_click=AccountState.send_verification,
                class_name=f"{theme.QUIET}{theme.SMALL} self-start",
            ),
            class_name="flex min-w-0 flex-col gap-3",
        ),
        class_name=f"{theme.NOTICE} {theme.tone('waiting')}",
        role="status",
    )
    return rx.cond(AccountState.loaded & ~AccountState.account.verified, said)


def details() -> rx.Component:
    """A form for name and number; open from the start when the last one was refused, with what was typed."""
    who, wrong = SessionState.who, AccountState.problems
    refused = (wrong["name"] != "") | (wrong["phone"] != "")
    form = native_form(
        "/api/session/details",
        _("Save"),
        field(
            _("Your name"),
            text_input("name", default_value=who.name, auto_complete="name", required=True, max_length=80),
            problem=wrong["name"],
        ),
        field(
            _("Mobile number"),
            text_input(
                "phone",
                default_value=who.phone,
                type="tel",
                auto_complete="tel",
                input_mode="tel",
                required=True,
                max_length=20,
            ),
            hint=_("10 digits. The clinic calls only about your visits."),
            problem=wrong["phone"],
        ),
        **{"data-keep": rx.cond(refused, "typed", "")},
    )
    return rx.el.details(
        rx.el.summary(_("Edit"), class_name=f"{theme.QUIET}{theme.SMALL} cursor-pointer list-none"),
        rx.el.div(form, class_name="mt-4"),
        open=refused,
        # Another key renders the form anew once the refusal is known: only then does clinic.js put back what was typed.
        key=rx.cond(refused, "refused", "saved"),
    )


def password() -> rx.Component:
    form = native_form(
        "/api/session/password",
        _("Change password"),
        field(_("Current password"), _secret("old_password", "current-password")),
        field(
            _("New password"),
            _secret("password", "new-password"),
            hint=_("At least 8 characters. Every other device is signed out."),
            problem=AccountState.problems["password"],
        ),
    )
    choose = rx.el.a(_("Choose a password"), href=to("/reset/"), class_name=theme.LINK)
    mailed = rx.el.p(
        *with_parts(_("You sign in with codes by email. {choose} if you'd rather have one."), choose=choose)
    )
    return _section(_("Password"), rx.cond(AccountState.account.has_password, form, mailed))


def sessions() -> rx.Component:
    everywhere = rx.el.form(
        rx.el.button(_("Sign out everywhere"), type="submit", class_name=theme.QUIET),
        action=action("/api/session/sign-out-everywhere"),
        method="post",
        on_submit=None,
    )
    return _section(
        _("Signed in on"),
        rx.el.ul(
            rx.foreach(AccountState.account.sessions, _session),
            class_name="flex flex-col divide-y divide-line",
        ),
        everywhere,
    )


def erasing() -> rx.Component:
    """For patients only; the form asks twice."""
    form = native_form(
        "/api/session/erase",
        _("Erase my account"),
        rx.el.p(
            _(
                "Your name, email, phone and reasons for visits are removed for good. Bookings and payments stay, without "
                "anything that names you, because the law asks for them. It can't be undone."
            )
        ),
        field(_("Your password"), _secret("password", "current-password")),
        rx.el.label(
            rx.el.input(type="checkbox", name="sure", value="yes", required=True, class_name="mt-1 size-5"),
            _("Yes, erase everything that names me"),
            class_name="flex gap-3",
        ),
    )
    part = _section(
        _("Leave us"),
        rx.el.p(_("We remove what names you once no visit lies ahead and no money is on its way.")),
        rx.el.button(
            _("Erase my account…"),
            type="button",
            on_click=dialogs.opens(ERASE),
            class_name=f"{theme.DANGER} self-start",
        ),
        dialogs.sheet(ERASE, _("Erase your account?"), form),
    )
    return rx.cond(AccountState.account.may_erase, part)


def _section(title: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, class_name=theme.HEADING), *children, class_name=f"{theme.PADDED} flex flex-col gap-4"
    )


def _secret(name: str, auto_complete: str) -> rx.Component:
    return text_input(
        name, type="password", auto_complete=auto_complete, required=True, min_length=8, max_length=128
    )


def _session(one: rx.Var[SessionView]) -> rx.Component:
    here = rx.el.span(_("This one"), class_name=f"{theme.PILL} {theme.tone('good')}")
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.device, class_name="font-medium"),
            rx.el.p(
                _("Since {since}, last used {used}", since=one.since_label, used=one.used_label),
                class_name=theme.MUTED,
            ),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(one.this_one, here),
        class_name="flex items-center gap-3 py-3 first:pt-0",
    )
