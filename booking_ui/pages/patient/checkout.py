"""Checkout: the visit on the left, the money on the right."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.checkout import loading, moved, over, paying
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
            ("moved", moved()),
            ("missing", booking_not_found()),
            loading(),
        ),
        result_form(),
        width="max-w-5xl!",
    )
