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
    refused = (wrong["name"] != "") | (_problem("phone") != "")
    form = native_form(
        "/api/session/details",
        _("Save"),
        field(
            _("Your name"),
            text_input("name", default_value=who.name, auto_complete="name", required=True, max_length=80),
            problem=wrong["name"],
        ),
        # A number that signs in is changed by a code alone.
        rx.cond(
            ~AccountState.account.phone_verified,
            _number(
                _("Mobile number"),
                _("10 digits. The clinic calls only about your visits."),
                who.phone,
                _problem("phone"),
            ),
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


def ways_to_sign_in() -> rx.Component:
    """The number and the email, each with a form for another one, which a code proves."""
    account, who = AccountState.account, SessionState.who
    number = _way(
        "phone",
        _("Mobile number"),
        rx.cond(account.phone_verified, who.phone, _("No number is confirmed yet.")),
        rx.cond(account.phone_verified, _("Change number"), _("Sign in with a number, too")),
        _number(
            _("New number"),
            _("We send six digits to it."),
            rx.cond(account.phone_verified, "", who.phone),
            _problem("phone", "phone"),
        ),
    )
    email = _way(
        "email",
        _("Email"),
        rx.cond(who.email != "", who.email, _("You have given no email yet.")),
        rx.cond(who.email != "", _("Change email"), _("Add an email")),
        field(
            _("New email"),
            text_input(
                "email",
                type="email",
                auto_complete="email",
                input_mode="email",
                required=True,
                max_length=254,
            ),
            hint=_("We send six digits to it."),
            problem=_problem("email", "email"),
        ),
    )
    return _section(_("How you sign in"), number, email)


def _way(
    name: str, title: str, present: str | rx.Var, verb: str | rx.Var, control: rx.Component
) -> rx.Component:
    """One address with the form that asks for a code to another, or for the code that was sent."""
    refused = _problem(name, name) != ""
    ask = rx.el.details(
        rx.el.summary(verb, class_name=f"{theme.QUIET}{theme.SMALL} cursor-pointer list-none"),
        rx.el.div(
            native_form(
                f"/api/session/own/{name}/request",
                _("Send me a code"),
                control,
                **{"data-keep": rx.cond(refused, "typed", "")},
            ),
            class_name="mt-4",
        ),
        open=refused,
        key=rx.cond(refused, "refused", "saved"),
    )
    confirm = native_form(f"/api/session/own/{name}", _("Confirm"), _code())
    return rx.el.div(
        rx.el.h3(title, class_name="text-sm font-semibold"),
        rx.el.p(present, class_name="min-w-0 break-words"),
        rx.cond(AccountState.asked == name, confirm, ask),
        class_name="flex flex-col gap-3",
    )


def _number(label: str, hint: str, present: str | rx.Var, problem: rx.Var) -> rx.Component:
    control = text_input(
        "phone",
        default_value=present,
        type="tel",
        auto_complete="tel",
        input_mode="tel",
        required=True,
        max_length=30,
    )
    return field(label, control, hint=hint, problem=problem)


def _problem(name: str, way: str = "") -> rx.Var:
    """The sentence about a field of the refused form: two forms have a field of this name."""
    return rx.cond(AccountState.way == way, AccountState.problems[name], "")


def _code() -> rx.Component:
    control = text_input(
        "code",
        auto_complete="one-time-code",
        input_mode="numeric",
        required=True,
        max_length=9,
        class_name="tabular-nums tracking-widest",
    )
    return field(
        _("Code"), control, hint=_("Six digits; the newest message has them. They work for 10 minutes.")
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
        *with_parts(_("You sign in with codes. {choose} if you'd rather have one."), choose=choose)
    )
    none = rx.el.p(_("You sign in with codes by text message. A password needs an email: add one first."))
    without = rx.cond(SessionState.who.email != "", mailed, none)
    return _section(_("Password"), rx.cond(AccountState.account.has_password, form, without))


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
        rx.cond(
            AccountState.account.has_password,
            field(_("Your password"), _secret("password", "current-password")),
            _code(),
        ),
        rx.el.label(
            rx.el.input(type="checkbox", name="sure", value="yes", required=True, class_name="mt-1 size-5"),
            _("Yes, erase everything that names me"),
            class_name="flex gap-3",
        ),
    )
    open_sheet = rx.el.button(
        _("Erase my account…"),
        type="button",
        on_click=dialogs.opens(ERASE),
        class_name=f"{theme.DANGER} self-start",
    )
    ask = rx.el.form(
        rx.el.p(_("You have no password, so we send you a code first."), class_name=theme.MUTED),
        rx.el.button(_("Send me a code"), type="submit", class_name=f"{theme.QUIET} self-start"),
        action=action("/api/session/erase/request"),
        method="post",
        on_submit=None,
        class_name="flex flex-col gap-3",
    )
    proven = AccountState.account.has_password | (AccountState.asked == "erase")
    part = _section(
        _("Leave us"),
        rx.el.p(_("We remove what names you once no visit lies ahead and no money is on its way.")),
        rx.cond(proven, open_sheet, ask),
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
