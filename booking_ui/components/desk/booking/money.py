"""The money of a booking: the payment, each attempt, each refund."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.booking.cancel import cancel_button
from booking_ui.components.desk.booking.facts import fact, facts, section
from booking_ui.components.desk.booking.mark import mark_button
from booking_ui.components.desk.booking.refund import refund_button
from booking_ui.components.desk.booking.settle import send_held, settle_refund
from booking_ui.components.shared import status_badge
from booking_ui.components.ui import theme
from booking_ui.languages import _
from booking_ui.states.desk.booking import BookingState

BOOKING = BookingState.booking
ROW = BOOKING.row


def money() -> rx.Component:
    return section(
        _("Payment"),
        facts(
            fact(
                _("Amount"), rx.el.span(ROW.amount_label, class_name="text-base font-semibold tabular-nums")
            ),
            fact(_("Method"), rx.cond(ROW.method_label != "", ROW.method_label, _muted(_("Not known yet")))),
            fact(_("Order"), _id_to_copy(ROW.gateway_order_id, _("Not asked for yet"))),
            fact(_("Payment id"), _id_to_copy(ROW.gateway_payment_id, _("None kept"))),
            rx.cond(BOOKING.mark_label != "", fact(_("By hand"), BOOKING.mark_label), rx.fragment()),
        ),
        rx.el.div(
            _ask(),
            rx.cond(BOOKING.can_mark, mark_button(), rx.fragment()),
            rx.cond(BOOKING.refundable_paise > 0, refund_button(), rx.fragment()),
            rx.cond(BOOKING.cancel_choices.length() > 0, cancel_button(), rx.fragment()),
            class_name="flex flex-wrap gap-2 empty:hidden",
        ),
    )


def _ask() -> rx.Component:
    """Without an order there is nobody to ask, and the answer says so."""
    return rx.el.button(
        rx.cond(BookingState.asking, _("Asking Razorpay…"), _("Ask Razorpay now")),
        type="button",
        on_click=BookingState.ask,
        disabled=BookingState.asking,
        aria_busy=BookingState.asking,
        class_name=f"{theme.QUIET}{theme.SMALL} min-w-40",
    )


def _muted(word: str) -> rx.Component:
    return rx.el.span(word, class_name="text-muted")


def _id_to_copy(text: rx.Var, nothing: str) -> rx.Component:
    """A Razorpay id with a button that copies it."""
    button = rx.el.button(
        rx.el.span(_("Copy"), custom_attrs={"data-said": ""}, aria_live="polite"),
        rx.el.span(" ", text, class_name="sr-only"),
        type="button",
        custom_attrs={"data-copy": text, "data-copied": _("Copied")},
        class_name="rounded px-1.5 text-sm text-brand hover:bg-brand-soft pointer-coarse:min-h-11",
    )
    shown = rx.fragment(
        rx.el.code(text, class_name="font-mono text-[0.8125rem] break-all select-all"), button
    )
    return rx.cond(text != "", shown, _muted(nothing))


def attempts_and_refunds() -> rx.Component:
    return rx.fragment(
        rx.cond(
            BOOKING.attempts.length() > 0,
            section(_("Attempts"), _lines(BOOKING.attempts, _attempt_line)),
            rx.fragment(),
        ),
        rx.cond(
            BOOKING.disputes.length() > 0,
            section(_("Disputes"), _lines(BOOKING.disputes, _dispute_line)),
            rx.fragment(),
        ),
        rx.cond(
            BOOKING.refunds.length() > 0,
            section(_("Refunds"), _lines(BOOKING.refunds, _refund_line)),
            rx.fragment(),
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


def _attempt_line(one: rx.Var) -> rx.Component:
    return rx.el.li(
        _line_head(status_badge.badge("attempt", one.status), one.amount_label, one.method_label),
        rx.cond(one.failure != "", rx.el.p(one.failure), rx.fragment()),
        rx.cond(one.back_label != "", rx.el.p(one.back_label), rx.fragment()),
        rx.el.div(_id_to_copy(one.gateway_payment_id, _("No id")), class_name="flex items-center gap-x-3"),
        rx.el.p(one.heard_label, class_name="text-muted"),
        class_name=LINE,
    )


def _dispute_line(one: rx.Var) -> rx.Component:
    return rx.el.li(
        _line_head(status_badge.badge("dispute", one.status), one.amount_label, one.phase),
        rx.cond(one.reason != "", rx.el.p(one.reason, class_name="first-letter:uppercase"), rx.fragment()),
        rx.cond(one.respond_label != "", rx.el.p(one.respond_label, class_name="text-bad"), rx.fragment()),
        rx.cond(one.deducted_label != "", rx.el.p(one.deducted_label), rx.fragment()),
        rx.el.div(_id_to_copy(one.gateway_dispute_id, _("No id")), class_name="flex items-center gap-x-3"),
        class_name=LINE,
    )


def _refund_line(one: rx.Var) -> rx.Component:
    return rx.el.li(
        _line_head(status_badge.badge("refund", one.status), one.amount_label, one.reason),
        rx.cond(one.problem != "", rx.el.p(one.problem, class_name="text-bad"), rx.fragment()),
        rx.el.div(
            _id_to_copy(one.gateway_refund_id, _("No refund id yet")), class_name="flex items-center gap-x-3"
        ),
        rx.el.p(one.at_label, class_name="text-muted"),
        rx.cond(one.can_settle, settle_refund(one), rx.fragment()),
        rx.cond(one.waits, send_held(one), rx.fragment()),
        class_name=LINE,
    )
