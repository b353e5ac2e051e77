"""What the desk's lists share: small controls above a table, and the way to its other pages beneath."""

from __future__ import annotations

import reflex as rx

from booking_ui.components import theme

CONTROL = f"{theme.INPUT} min-h-9! py-1! text-sm pointer-coarse:min-h-11!"


def day(name: str, label: str, implied: rx.Var | str = "") -> rx.Component:
    """A day to choose; `implied` stands in it while the address names none (clinic.js)."""
    return rx.el.label(
        rx.el.span(label, class_name="text-sm text-muted"),
        rx.el.input(
            type="date",
            name=name,
            custom_attrs={"data-implied": implied},
            class_name=f"{CONTROL} min-w-0 sm:w-auto!",
        ),
        class_name="flex min-w-0 flex-col gap-1 sm:flex-row sm:items-center sm:gap-2",
    )


def turns(back: str, previous: rx.Var, on: str, following: rx.Var) -> rx.Component:
    """The page before and the page after; an empty address leads nowhere."""
    return rx.el.nav(_turn(back, previous), _turn(on, following), aria_label="Pages", class_name="flex gap-2")


def _turn(word: str, href: rx.Var) -> rx.Component:
    look = f"{theme.QUIET}{theme.SMALL}"
    return rx.cond(
        href != "",
        rx.el.a(word, href=href, class_name=look),
        rx.el.span(word, class_name=look, aria_disabled="true"),
    )
