"""The forms of signing in, registering and mailed links; a slot that was chosen before stays in sight."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.shared.header import sign_out
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.fields import field, hidden, native_form, notice, text_input
from booking_ui.components.ui.sentences import with_parts
from booking_ui.config.settings import settings
from booking_ui.languages import _, action, to
from booking_ui.states.patient.sign_in import DemoLogin, SignInState
from booking_ui.states.shared.session import SessionState


def sign_in_column(title: str, form: rx.Component, *more: rx.Component) -> rx.Component:
    """The page's one column: title, chosen slot, messages, form, and the links beneath it."""
    return rx.el.div(
        rx.el.h1(title, class_name=theme.TITLE),
        _kept_slot(),
        rx.cond(SignInState.problem != "", notice(SignInState.problem, "bad")),
        rx.cond(SignInState.done != "", notice(SignInState.done, "good", "check")),
        _already_in(),
        form,
        *more,
        class_name="mx-auto flex w-full max-w-md flex-col gap-5",
    )


def sign_in_form(route: str, verb: str, *fields: rx.Component, holding: str = "") -> rx.Component:
    """A form that signs in. With `holding`, its verb where a slot was chosen, it holds that slot, too."""
    named = rx.cond(SignInState.slot.id != 0, holding, verb) if holding else verb
    return native_form(route, named, *fields, *_carried(), **{"data-keep": ""})


def _carried() -> list[rx.Component]:
    slot = SignInState.slot
    return [
        hidden("next", SignInState.next),
        hidden("slot_id", rx.cond(slot.id != 0, slot.id.to_string(), "")),
    ]


def token_field() -> rx.Component:
    """The secret after the # of a mailed link; clinic.js writes it in when the form is sent."""
    return rx.el.input(type="hidden", name="token")


def email_field() -> rx.Component:
    control = text_input(
        "email", type="email", auto_complete="email", input_mode="email", required=True, max_length=254
    )
    return field(_("Email"), control, problem=SignInState.problems["email"])


def password_field(auto_complete: str, hint: str = "", label: str = "") -> rx.Component:
    control = text_input(
        "password", type="password", auto_complete=auto_complete, required=True, min_length=8, max_length=128
    )
    return field(label or _("Password"), control, hint=hint, problem=SignInState.problems["password"])


def number_field(hint: str = "", **props: str | rx.Var) -> rx.Component:
    control = text_input(
        "phone",
        type="tel",
        auto_complete="tel",
        input_mode="tel",
        required=True,
        max_length=30,  # as pasted, with blanks and marks
        **props,
    )
    return field(_("Mobile number"), control, hint=hint, problem=SignInState.problems["phone"])


def name_field() -> rx.Component:
    control = text_input("name", auto_complete="name", required=True, max_length=80)
    return field(_("Your name"), control, problem=SignInState.problems["name"])


def code_field(hint: str = "") -> rx.Component:
    control = text_input(
        "code",
        auto_complete="one-time-code",
        input_mode="numeric",
        required=True,
        max_length=9,
        class_name="tabular-nums tracking-widest",
    )
    return field(_("Code"), control, hint=hint or _("Six digits; the newest email has them."))


def agreement() -> rx.Component:
    """Names the clinic's terms; empty when it has none."""
    terms = settings().terms_url
    if not terms:
        return rx.fragment()
    link = rx.el.a(
        _("terms and conditions"), href=terms, target="_blank", rel="noopener", class_name=theme.LINK
    )
    return rx.el.p(
        *with_parts(_("By creating an account you agree to our {terms}."), terms=link), class_name=theme.MUTED
    )


def other_way(question: str, text: str, page: str) -> rx.Component:
    """A link to another form, with slot and way back kept."""
    return rx.el.p(
        question,
        " ",
        rx.el.a(text, href=to(page) + SignInState.kept_query.to(str), class_name=theme.LINK),
        class_name="text-muted",
    )


def without_password() -> rx.Component:
    kept = SignInState.kept_query.to(str)
    alone = f"{theme.LINK} inline-flex items-center pointer-coarse:min-h-11"
    return rx.el.p(
        rx.el.a(_("Forgot your password?"), href=to("/reset/"), class_name=alone),
        rx.el.a(_("Sign in with a code"), href=to("/code/") + kept, class_name=alone),
        class_name="flex flex-wrap gap-x-6 gap-y-2 pointer-coarse:gap-y-0",
    )


def another_code() -> rx.Component:
    """A form that asks for one more code to the number of the last one, which the browser's cookie knows."""
    return rx.el.form(
        rx.el.button(_("Send another code"), type="submit", class_name=f"{theme.QUIET}{theme.SMALL}"),
        hidden("again", "1"),
        *_carried(),
        action=action("/api/session/phone/request"),
        method="post",
        on_submit=None,
    )


def with_email(*inside: rx.Component) -> rx.Component:
    """One click away: what was refused there, or is to be used next, is open."""
    return rx.el.details(
        rx.el.summary(
            _("Use email and password"), class_name=f"{theme.QUIET} w-full cursor-pointer list-none"
        ),
        rx.el.div(*inside, class_name="mt-5 flex flex-col gap-5"),
        open=SignInState.by_mail,
    )


def _kept_slot() -> rx.Component:
    slot = SignInState.slot
    kept = rx.el.div(
        icons.icon("clock"),
        rx.el.p(
            *with_parts(
                _("{time} with {doctor}. We'll hold it for you as soon as you're in."),
                time=rx.el.span(slot.day_label, ", ", slot.time_label, class_name="font-semibold"),
                doctor=SignInState.doctor_name,
            )
        ),
        class_name=f"{theme.NOTICE} {theme.tone('waiting')}",
    )
    return rx.cond(slot.id != 0, kept)


def _already_in() -> rx.Component:
    who = SessionState.who
    said = rx.el.div(
        rx.el.p(
            *with_parts(
                _("You're signed in as {name}. Sign in below to change."), name=rx.el.strong(who.name)
            )
        ),
        sign_out(rx.el.button(_("Sign out"), type="submit", class_name=f"{theme.QUIET}{theme.SMALL}")),
        class_name=f"{theme.NOTICE} flex-wrap items-center justify-between",
    )
    return rx.cond(who.role != "", said)


def demo_logins() -> rx.Component:
    """Logins of the demo clinic, where it is loaded; a click lets clinic.js fill the form and sends nothing."""
    panel = rx.el.section(
        rx.el.h2(_("This is a demo clinic"), class_name="text-sm font-semibold"),
        rx.el.p(_("Nobody is real and no money moves. Pick who to be:"), class_name=theme.MUTED),
        rx.el.div(rx.foreach(SignInState.demo, _login), class_name="grid gap-2 sm:grid-cols-2"),
        class_name="flex flex-col gap-2 rounded-card border border-dashed border-edge p-4",
    )
    return rx.cond(SignInState.demo, panel)


def _login(login: rx.Var[DemoLogin]) -> rx.Component:
    return rx.el.button(
        rx.el.span(login.role, class_name="block font-semibold"),
        rx.el.span(login.email, class_name="block truncate text-sm font-normal text-muted"),
        type="button",
        custom_attrs={"data-fill-email": login.email, "data-fill-password": login.password},
        class_name="min-h-11 min-w-0 rounded-control border border-edge bg-raised px-3 py-2 text-left leading-snug hover:border-brand hover:bg-brand-soft",
    )
