"""Initials on a tint, in place of a photograph."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui.as_written import untranslated


def avatar(initials: rx.Var, tint: rx.Var, size: str = "") -> rx.Component:
    """`tint` is 0 to 7; `size` is empty, "avatar-large" or "avatar-small"."""
    hue = rx.Var.create("hue-") + tint.to_string()
    look = f"avatar {size} " + hue
    return rx.el.span(initials, class_name=look, aria_hidden="true", custom_attrs=untranslated())
