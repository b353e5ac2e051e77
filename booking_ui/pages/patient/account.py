"""The account of the person who is signed in."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient import account as parts
from booking_ui.components.patient.message_choices import message_choices
from booking_ui.components.shared.header import light_or_dark, sign_out
from booking_ui.components.shared.layout import page
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.details import detail
from booking_ui.components.ui.fields import notice
from booking_ui.languages import _, to
from booking_ui.states.patient.account import AccountState
from booking_ui.states.shared.session import SessionState


def account() -> rx.Component:
    who = SessionState.who
    details = rx.el.section(
        rx.el.div(
            rx.el.span(who.initials, class_name="avatar hue-0", aria_hidden="true"),
            rx.el.div(
                rx.el.p(who.name, class_name="text-lg font-semibold"),
                rx.el.p(_role(), class_name=theme.MUTED),
                class_name="min-w-0",
            ),
            class_name=theme.ROW,
        ),
        rx.el.dl(
            rx.cond(who.email != "", detail(_("Email"), who.email)),
            detail(_("Phone"), who.phone),
            class_name="flex flex-col gap-3",
        ),
        rx.cond(
            who.email != "",
            rx.el.p(
                _("Confirmations and reminders go to this email. We call the number only about your visits."),
                class_name=theme.MUTED,
            ),
        ),
        rx.cond((who.role == "patient") & AccountState.loaded, parts.details()),
        rx.cond(
            who.role == "patient",
            rx.el.a(
                icons.icon("user"),
                _("My family"),
                href=to("/family/"),
                class_name=f"{theme.QUIET} self-start",
            ),
        ),
        rx.el.div(
            light_or_dark(theme.QUIET),
            sign_out(rx.el.button(icons.icon("out"), _("Sign out"), type="submit", class_name=theme.QUIET)),
            class_name="flex flex-wrap gap-2 border-t border-line pt-5",
        ),
        class_name=f"{theme.PADDED} flex flex-col gap-5",
    )
    waiting = rx.el.div(class_name=f"{theme.SKELETON} h-72")
    return page(
        rx.el.h1(_("Account"), class_name=f"{theme.TITLE} mb-6"),
        rx.el.div(
            rx.cond(AccountState.problem != "", notice(AccountState.problem, "bad")),
            rx.cond(AccountState.done != "", notice(AccountState.done, "good", "check")),
            parts.unconfirmed(),
            rx.cond(who.role != "", details, waiting),
            rx.cond(AccountState.loaded, _more()),
            class_name="flex flex-col gap-6",
        ),
        width="max-w-2xl!",
    )


def _more() -> rx.Component:
    ways = rx.cond(SessionState.who.role == "patient", parts.ways_to_sign_in())
    return rx.fragment(ways, message_choices(), parts.password(), parts.sessions(), parts.erasing())


def _role() -> rx.Var:
    roles = {"patient": _("Patient"), "admin": _("Front desk"), "doctor": _("Doctor")}
    return rx.Var.create(roles)[SessionState.who.role]
