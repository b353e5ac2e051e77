"""Checkout: the visit beside what can be done about it, and the shape while it loads."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.checkout_payment import pay_panel
from booking_ui.components.patient.checkout_visit import for_whom, visit_reason
from booking_ui.components.patient.hold import hold_over
from booking_ui.components.shared.visit import visit_details, visit_head
from booking_ui.components.ui import theme
from booking_ui.languages import _, to
from booking_ui.states.patient.checkout import CheckoutState

TWO = "mt-6 grid items-start gap-6 md:grid-cols-[minmax(0,1fr)_minmax(0,24rem)] md:gap-6"


def paying() -> rx.Component:
    back = rx.el.button(
        _("Don't book this time"),
        type="button",
        on_click=CheckoutState.let_go,
        class_name=f"{theme.PLAIN}{theme.SMALL} ml-1 self-start sm:ml-3",
    )
    side = rx.el.div(pay_panel(), back, class_name="flex flex-col gap-2")
    return _frame(_("Confirm and pay"), side, for_whom(), visit_reason(), asked=True)


def over() -> rx.Component:
    panel = hold_over(CheckoutState.visit, CheckoutState.nearest, CheckoutState.again, CheckoutState.problem)
    return _frame(CheckoutState.visit.headline, panel)


def leave_for_status() -> rx.Component:
    """Leave for the status page, since the booking is paid or being checked. A pushed change can only set vars, not redirect."""
    status = to("/appointment/") + CheckoutState.visit.reference.to(str) + "/"
    return rx.el.div(on_mount=rx.redirect(status, replace=True))


def checkout_skeleton() -> rx.Component:
    bar = theme.SKELETON
    return rx.el.div(
        rx.el.div(class_name=f"{bar} h-8 w-56"),
        rx.el.div(rx.el.div(class_name=f"{bar} h-56"), rx.el.div(class_name=f"{bar} h-96"), class_name=TWO),
        aria_hidden="true",
    )


def _frame(title: str | rx.Var, side: rx.Component, *more: rx.Component, asked: bool = False) -> rx.Component:
    visit = CheckoutState.visit
    left = rx.el.section(
        visit_head(visit),
        visit_details(visit, asked=asked),
        *more,
        aria_label=_("Your visit"),
        class_name=f"{theme.PADDED} flex flex-col gap-5",
    )
    return rx.el.div(rx.el.h1(title, class_name=theme.TITLE), rx.el.div(left, side, class_name=TWO))
