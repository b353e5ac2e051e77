"""A visit as the link in a message shows it: when, where, what was paid. Read-only, and without names of patients."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.shared.layout import page
from booking_ui.components.shared.status_badge import emblem
from booking_ui.components.shared.visit import visit_details, visit_head
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.as_written import as_written
from booking_ui.components.ui.details import detail
from booking_ui.components.ui.links import plain_link
from booking_ui.languages import _, to
from booking_ui.states.patient.visit_link import VisitLinkState


def linked_visit() -> rx.Component:
    return page(
        rx.match(
            VisitLinkState.stage,
            ("ready", _visit()),
            ("over", _over()),
            rx.el.div(class_name=f"{theme.SKELETON} h-80", aria_hidden="true"),
        ),
        width="max-w-2xl!",
    )


def _visit() -> rx.Component:
    visit = VisitLinkState.visit
    head = rx.el.section(
        emblem(visit.phase),
        rx.el.div(
            rx.el.h1(visit.headline, class_name=theme.TITLE),
            rx.el.p(visit.sentence, class_name="mt-1 max-w-text text-muted"),
            rx.cond(
                (visit.phase == "confirmed") & (visit.in_label != ""),
                rx.el.p(visit.in_label, class_name="mt-2 font-semibold text-good first-letter:uppercase"),
            ),
            class_name="min-w-0",
        ),
        role="status",
        class_name="flex items-start gap-4 max-sm:flex-col",
    )
    return rx.el.div(
        head,
        rx.el.section(
            visit_head(visit),
            visit_details(visit, *_money(), asked=True),
            _actions(),
            aria_label=_("Your visit"),
            class_name=f"{theme.PADDED} flex flex-col gap-5",
        ),
        rx.el.p(
            _(
                "This page shows the visit without signing in. To move or cancel it, or to pay, sign in first."
            ),
            class_name=f"no-print {theme.MUTED}",
        ),
        rx.el.a(
            rx.cond(visit.phase == "holding", _("Sign in and pay"), _("Sign in to change the visit")),
            href=to("/appointment/") + visit.reference.to(str) + "/",
            class_name=f"no-print {theme.PRIMARY} self-start",
        ),
        class_name="flex flex-col gap-6",
    )


def _money() -> list[rx.Component]:
    visit = VisitLinkState.visit
    return [
        detail(_("Fee"), as_written(visit.fee_label)),
        rx.cond(visit.money_label != "", detail(_("Paid"), visit.money_label)),
        rx.cond(visit.refund_label != "", detail(_("Refund"), visit.refund_label)),
        detail(_("Booking"), as_written(visit.reference, class_name="font-mono text-sm")),
    ]


def _actions() -> rx.Component:
    visit, links, small = VisitLinkState.visit, VisitLinkState.links, f"{theme.QUIET}{theme.SMALL}"
    ahead = rx.fragment(
        plain_link(
            icons.icon("calendar", "size-4"),
            _("Add to calendar"),
            href=links.calendar,
            class_name=small,
        ),
        plain_link(
            icons.icon("route", "size-4"),
            _("Directions"),
            href=links.directions,
            target="_blank",
            rel="noopener",
            class_name=small,
        ),
    )
    receipt = rx.el.button(
        icons.icon("print", "size-4"),
        _("Print"),
        type="button",
        on_click=rx.run_script("window.print()"),
        class_name=small,
    )
    return rx.el.div(
        rx.cond(visit.phase == "confirmed", ahead),
        rx.cond(visit.money_label != "", receipt),
        class_name="no-print flex flex-wrap gap-2 border-t border-line pt-4 empty:hidden",
    )


def _over() -> rx.Component:
    return rx.el.section(
        rx.el.h1(_("This link is over"), class_name=theme.TITLE),
        rx.el.p(
            _(
                "Links in our messages work until a week after the visit, and whole. Your visits are in your account."
            ),
            class_name="max-w-text text-muted",
        ),
        rx.el.a(_("See my visits"), href=to("/appointments/"), class_name=f"{theme.PRIMARY} self-start"),
        class_name="flex flex-col gap-4",
    )
