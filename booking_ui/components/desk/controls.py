"""What the desk's lists share: small controls above a table, and the way to its other pages beneath."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui import theme
from booking_ui.states.desk.filters import Choice

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


def periods(choices: rx.Var[list[Choice]]) -> rx.Component:
    """Named periods as links; the one in force is marked."""
    return rx.el.nav(
        rx.foreach(choices, _period),
        aria_label="Period",
        class_name="-mx-4 flex gap-1 overflow-x-auto px-4 md:mx-0 md:flex-wrap md:px-0",
    )


def _period(choice: rx.Var[Choice]) -> rx.Component:
    return rx.el.a(
        choice.label,
        href=choice.href,
        prevent_scroll_reset=True,
        custom_attrs={"aria-current": rx.cond(choice.current, "true", "false")},
        class_name="inline-flex h-8 flex-none items-center rounded-control px-2.5 text-sm font-medium whitespace-nowrap text-muted hover:bg-sunken hover:text-ink aria-[current=true]:bg-brand-soft aria-[current=true]:text-brand pointer-coarse:h-11",
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
