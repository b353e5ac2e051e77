"""Saying whether a visit took place, once it began."""

from __future__ import annotations

import reflex as rx

from booking_ui.components import theme
from booking_ui.config import settings
from booking_ui.states.admin_booking import CaseState


def took_place() -> rx.Component:
    """Two buttons, and what happens when nobody presses one."""
    hours = settings().complete_after_hours
    return rx.el.div(
        _button("Visit took place", "completed"),
        _button("Patient did not come", "no_show"),
        rx.el.p(
            f"Unsaid, it counts as completed {hours} h after its end. This can't be changed later.",
            class_name=f"{theme.MUTED} basis-full",
        ),
        class_name="flex flex-wrap gap-2",
    )


def _button(words: str, status: str) -> rx.Component:
    return rx.el.button(
        words,
        type="button",
        on_click=CaseState.conclude(status),
        class_name=f"{theme.QUIET}{theme.SMALL}",
    )
