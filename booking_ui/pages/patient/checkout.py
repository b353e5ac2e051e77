"""Checkout: the visit on the left, the payment on the right."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.checkout import checkout_skeleton, leave_for_status, over, paying
from booking_ui.components.patient.checkout_payment import result_form
from booking_ui.components.shared.layout import page
from booking_ui.components.shared.not_found import booking_not_found
from booking_ui.states.patient.checkout import CheckoutState


def checkout() -> rx.Component:
    return page(
        rx.match(
            CheckoutState.stage,
            ("ready", paying()),
            ("over", over()),
            ("moved", leave_for_status()),
            ("missing", booking_not_found()),
            checkout_skeleton(),
        ),
        result_form(),
        width="max-w-5xl!",
        paying=True,
    )
