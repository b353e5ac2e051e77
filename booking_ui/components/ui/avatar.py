"""Initials on a tint, in place of a photograph."""

from __future__ import annotations

import reflex as rx


def avatar(initials: rx.Var, tint: rx.Var, size: str = "") -> rx.Component:
    """`tint` is 0 to 7; `size` is empty, "avatar-large" or "avatar-small"."""
    hue = rx.Var.create("hue-") + tint.to_string()
    return rx.el.span(initials, class_name=f"avatar {size} " + hue, aria_hidden="true")
