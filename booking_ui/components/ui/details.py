"""A row of a description list: a name and its value."""

from __future__ import annotations

import reflex as rx


def detail(name: str, *value: rx.Component | rx.Var | str, name_width: str = "w-20") -> rx.Component:
    """Belongs into an `rx.el.dl`; `name_width` is a class."""
    return rx.el.div(
        rx.el.dt(name, class_name=f"{name_width} flex-none text-sm leading-6 text-muted"),
        rx.el.dd(*value, class_name="min-w-0 flex-1"),
        class_name="flex gap-3",
    )
