"""What a booking's money did, for the desk: the payment, each attempt, each refund."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.cancel import cancel_button
from booking_ui.components.desk.booking.mark import MARK_DIALOG
from booking_ui.components.desk.booking.settle import settle
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import dialogs, theme
from booking_ui.states.desk.booking import BookingState

BOOKING = BookingState.booking
ROW = BOOKING.row


def section(title: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h3(title, class_name="text-sm font-semibold"), *children, class_name="flex flex-col gap-2"
    )


def facts(*facts: rx.Component) -> rx.Component:
    return rx.el.dl(*facts, class_name="grid grid-cols-[6.5rem_1fr] text-sm")


def fact(name: str, *value: rx.Component | rx.Var) -> rx.Component:
    return rx.fragment(
        rx.el.dt(name, class_name="flex min-h-8 items-center border-t border-line text-muted"),
        rx.el.dd(
            *value,
            class_name="flex min-h-8 min-w-0 flex-wrap items-center gap-x-3 border-t border-line py-1 break-words",
        ),
    )


def mark_button() -> rx.Component:
    return rx.el.button(
        "Mark payment…",
        type="button",
        on_click=dialogs.opens(MARK_DIALOG),
        class_name=f"{theme.QUIET}{theme.SMALL} self-start",
    )


def money() -> rx.Component:
    return section(
        "Payment",
        facts(
            fact("Amount", rx.el.span(ROW.amount_label, class_name="text-base font-semibold tabular-nums")),
            fact("Method", rx.cond(ROW.method_label != "", ROW.method_label, _none("Not known yet"))),
            fact("Order", _copied(ROW.gateway_order_id, "Not asked for yet")),
            fact("Payment id", _copied(ROW.gateway_payment_id, "None kept")),
            rx.cond(BOOKING.mark_label != "", fact("By hand", BOOKING.mark_label), rx.fragment()),
        ),
        rx.el.div(
            rx.cond(BOOKING.can_mark, mark_button(), rx.fragment()),
            rx.cond(BOOKING.cancel_choices.length() > 0, cancel_button(), rx.fragment()),
            class_name="flex flex-wrap gap-2 empty:hidden",
        ),
    )


def _none(word: str) -> rx.Component:
    return rx.el.span(word, class_name="text-muted")


def _copied(text: rx.Var, nothing: str) -> rx.Component:
    """A Razorpay id with a button that copies it."""
    button = rx.el.button(
        rx.el.span("Copy", custom_attrs={"data-said": ""}, aria_live="polite"),
        rx.el.span(" ", text, class_name="sr-only"),
        type="button",
        custom_attrs={"data-copy": text},
        class_name="rounded px-1.5 text-sm text-brand hover:bg-brand-soft pointer-coarse:min-h-11",
    )
    shown = rx.fragment(
        rx.el.code(text, class_name="font-mono text-[0.8125rem] break-all select-all"), button
    )
    return rx.cond(text != "", shown, _none(nothing))


def tries() -> rx.Component:
    return rx.fragment(
        rx.cond(
            BOOKING.attempts.length() > 0,
            section("Attempts", _lines(BOOKING.attempts, _attempt)),
            rx.fragment(),
        ),
        rx.cond(
            BOOKING.refunds.length() > 0, section("Refunds", _lines(BOOKING.refunds, _refund)), rx.fragment()
        ),
    )


def _lines(items: rx.Var, draw: object) -> rx.Component:
    return rx.el.ul(rx.foreach(items, draw), class_name="flex flex-col text-sm")


LINE = "flex flex-col gap-1 border-t border-line py-2"


def _line_head(pill: rx.Component, amount: rx.Var, label: rx.Var) -> rx.Component:
    return rx.el.div(
        pill, rx.el.span(label, class_name="min-w-0 flex-1 text-muted"), rx.el.span(amount, class_name="ml-auto font-medium tabular-nums"),
        class_name="flex items-center gap-x-3",
    )  # fmt: skip


def _attempt(one: rx.Var) -> rx.Component:
    return rx.el.li(
        _line_head(status_badge.badge("attempt", one.status), one.amount_label, one.method_label),
        rx.cond(one.failure != "", rx.el.p(one.failure), rx.fragment()),
        rx.cond(one.back_label != "", rx.el.p(one.back_label), rx.fragment()),
        rx.el.div(_copied(one.gateway_payment_id, "No id"), class_name="flex items-center gap-x-3"),
        rx.el.p(one.heard_label, class_name="text-muted"),
        class_name=LINE,
    )


def _refund(one: rx.Var) -> rx.Component:
    return rx.el.li(
        _line_head(status_badge.badge("refund", one.status), one.amount_label, one.reason),
        rx.cond(one.problem != "", rx.el.p(one.problem, class_name="text-bad"), rx.fragment()),
        rx.el.div(_copied(one.gateway_refund_id, "No refund id yet"), class_name="flex items-center gap-x-3"),
        rx.el.p(one.at_label, class_name="text-muted"),
        rx.cond(one.can_settle, settle(one), rx.fragment()),
        class_name=LINE,
    )
