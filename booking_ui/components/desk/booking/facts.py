"""Titled parts of a booking, and the names and values in them."""

from __future__ import annotations

import reflex as rx


def section(title: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h3(title, class_name="text-sm font-semibold"), *children, class_name="flex flex-col gap-2"
    )


def facts(*facts: rx.Component) -> rx.Component:
    return rx.el.dl(*facts, class_name="grid grid-cols-[6.5rem_1fr] text-sm")


def fact(name: str, *value: rx.Component | rx.Var) -> rx.Component:
    return rx.fragment(
        rx.el.dt(name, class_name="flex min-h-8 items-center border-t border-line text-muted"),
        rx.el.dd(
            *value,
            class_name="flex min-h-8 min-w-0 flex-wrap items-center gap-x-3 border-t border-line py-1 break-words",
        ),
    )
