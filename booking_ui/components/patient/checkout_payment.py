"""Paying at checkout: the amount, the button, and the form through which Razorpay's window answers.

The click handler is compiled into the page: it opens Razorpay within the click itself, so no popup blocker minds. The answer
comes back through a hidden form; nothing is evaluated from strings, so the page needs no 'unsafe-eval'.
"""

from __future__ import annotations

import reflex as rx
from reflex.vars.function import FunctionStringVar

from booking_ui.components.patient.hold import countdown, time_up
from booking_ui.components.ui import icons, theme
from booking_ui.components.ui.as_written import as_written, untranslated
from booking_ui.components.ui.fields import notice
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import _
from booking_ui.states.patient.checkout import CheckoutState


def pay_panel() -> rx.Component:
    visit = CheckoutState.visit
    return rx.el.section(
        countdown(
            rx.el.span(*with_parts(_("{time} is held for you"), time=as_written(visit.time_label))),
            visit,
            CheckoutState.hold_seconds,
        ),
        time_up(CheckoutState.time_up),
        rx.el.dl(
            _amount(_("Consultation fee"), visit.fee_label),
            _amount(_("Booking charge"), "₹0"),
            rx.el.div(
                rx.el.dt(_("To pay now"), class_name="font-semibold"),
                rx.el.dd(
                    visit.fee_label,
                    class_name="text-xl font-semibold tabular-nums",
                    custom_attrs=untranslated(),
                ),
                class_name="flex items-baseline justify-between gap-4 border-t border-line pt-3",
            ),
            class_name="flex flex-col gap-2",
        ),
        rx.cond(CheckoutState.slow != "", notice(CheckoutState.slow, "plain", "clock")),
        rx.cond(CheckoutState.problem != "", notice(CheckoutState.problem, "waiting")),
        _pay_button(),
        rx.el.p(visit.refund_rule, class_name=theme.MUTED),
        rx.el.p(
            icons.icon("shield", "mt-0.5 size-4"),
            _(
                "You pay on Razorpay, a payment service used across India. Your card or UPI details go to them and never touch us."
            ),
            class_name="flex gap-2 text-sm text-muted",
        ),
        aria_label=_("Payment"),
        class_name=f"{theme.PADDED} flex flex-col gap-5",
    )


def _amount(name: str, value: rx.Var | str) -> rx.Component:
    return rx.el.div(
        rx.el.dt(name, class_name="text-muted"),
        rx.el.dd(value, class_name="tabular-nums", custom_attrs=untranslated()),
        class_name="flex justify-between gap-4",
    )


def _pay_button() -> rx.Component:
    """Pays once the order is there; asks for it again after it could not be had."""
    waiting = CheckoutState.busy != ""
    pays: rx.Var = FunctionStringVar.create("window.clinic.pay").call(
        CheckoutState.script_url, CheckoutState.options
    )
    words = rx.match(
        CheckoutState.busy,
        ("checking", rx.el.span(_("Checking with your bank…"))),
        ("preparing", rx.el.span(_("Getting ready…"))),
        rx.el.span(*with_parts(_("Pay {fee}"), fee=as_written(CheckoutState.visit.fee_label))),
    )
    pay = rx.el.button(
        words,
        type="button",
        on_click=rx.run_script(pays),
        disabled=waiting,
        aria_busy=waiting,
        class_name=f"{theme.PRIMARY}{theme.LARGE} w-full",
    )
    retry = rx.el.button(
        _("Try again"),
        type="button",
        on_click=CheckoutState.prepare,
        class_name=f"{theme.PRIMARY}{theme.LARGE} w-full",
    )
    return rx.cond(
        (CheckoutState.script_url == "") & (CheckoutState.busy == "") & (CheckoutState.problem != ""),
        retry,
        pay,
    )


def result_form() -> rx.Component:
    """Stays on the page whatever the booking does meanwhile: Razorpay's window may be open for another try."""
    names = ("status", "razorpay_payment_id", "razorpay_order_id", "razorpay_signature")
    return rx.el.form(
        *[rx.el.input(type="hidden", name=name) for name in names],
        id="pay-result",
        hidden=True,
        on_submit=CheckoutState.finished,
        on_unmount=CheckoutState.leave,
    )
