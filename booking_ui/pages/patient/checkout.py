"""Checkout: the visit on the left, the money on the right."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.checkout_view import loading, moved, over, paying
from booking_ui.components.patient.pay import bridge
from booking_ui.components.shared.layout import page
from booking_ui.components.shared.missing import missing_booking
from booking_ui.states.patient.checkout import CheckoutState


def checkout() -> rx.Component:
    return page(
        rx.match(
            CheckoutState.stage,
            ("ready", paying()),
            ("over", over()),
            ("moved", moved()),
            ("missing", missing_booking()),
            loading(),
        ),
        bridge(),
        width="max-w-5xl!",
    )
