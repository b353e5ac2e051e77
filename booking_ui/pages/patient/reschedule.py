"""Another slot for a confirmed visit."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.patient.reschedule import choosing, closed, reschedule_skeleton
from booking_ui.components.shared.layout import page
from booking_ui.components.shared.not_found import booking_not_found
from booking_ui.states.patient.reschedule import RescheduleState


def reschedule() -> rx.Component:
    return page(
        rx.match(
            RescheduleState.stage,
            ("ready", choosing()),
            ("closed", closed()),
            ("missing", booking_not_found()),
            reschedule_skeleton(),
        )
    )
