"""Two fields of what an admin does by hand: the reason for it, and the bank's reference."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.components.ui.fields import field, text_input
from booking_ui.languages import _


def reason(question: str = "", name: str = "reason", problem: rx.Var | None = None) -> rx.Component:
    """A required text of 3 to 300 characters; `problem` is the sentence under a wrong one."""
    control = rx.el.textarea(
        name=name,
        required=True,
        min_length=3,
        max_length=300,
        rows="2",
        class_name=f"{theme.INPUT} min-h-20!",
    )
    hint = _("3 to 300 characters. Your name and the time are kept beside it.")
    return field(question or _("Why"), control, hint=hint, problem=problem)


def bank_reference() -> rx.Component:
    """Optional; sent as `reference`."""
    return field(
        _("Receipt or bank reference (optional)"), text_input("reference", max_length=80, auto_complete="off")
    )
