"""Saying why one comes, before the visit is paid."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import field
from booking_ui.states.patient.checkout import CheckoutState
from booking_ui.states.patient.visit_reason import ReasonState


def visit_reason() -> rx.Component:
    """A field that is kept when it is left, and says so."""
    written = rx.el.textarea(
        name="reason",
        rows="2",
        default_value=CheckoutState.visit.reason,
        on_blur=ReasonState.keep,
        placeholder="For example: cough for a week",
        class_name=f"{theme.INPUT} resize-y",
    )
    return rx.el.div(
        field(
            "Reason for the visit (optional)",
            written,
            hint="The doctor and the front desk see it.",
            problem=ReasonState.problem,
        ),
        rx.el.p(ReasonState.said, role="status", class_name=f"min-h-6 {theme.MUTED}"),
        key=CheckoutState.visit.reference,
        class_name="flex flex-col gap-1",
    )
