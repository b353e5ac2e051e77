"""The parts above the desk's lists: the heading, and the controls that narrow a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.event import EventHandler

from booking_ui.components.ui import theme
from booking_ui.languages import _
from booking_ui.services.views.desk import DoctorChoice
from booking_ui.states.desk.lists import Choice, StatusChoice

CONTROL = f"{theme.INPUT} min-h-9! py-1! text-sm pointer-coarse:min-h-11!"
# A row of links that can be pushed sideways on a phone.
ROW = "-mx-4 flex gap-1 overflow-x-auto px-4 md:mx-0 md:flex-wrap md:px-0"
LINK = "inline-flex h-8 flex-none items-center rounded-control px-2.5 text-sm font-medium whitespace-nowrap text-muted hover:bg-sunken hover:text-ink aria-[current=true]:bg-brand-soft aria-[current=true]:text-brand pointer-coarse:h-11"


def heading(title: str, refresh: EventHandler) -> rx.Component:
    """The page's title, and a button that loads it again."""
    again = rx.el.button(
        _("Refresh"), type="button", on_click=refresh, class_name=f"{theme.QUIET}{theme.SMALL}"
    )
    return rx.el.div(
        rx.el.h1(title, class_name=theme.HEADING),
        again,
        class_name="flex items-center justify-between gap-4",
    )


def search_field(placeholder: str, label: str, name: str, more: str) -> rx.Component:
    """The field that the key / leads to (admin.js)."""
    return rx.el.input(
        type="search",
        name=name,
        # Not an id: Reflex would submit the field a second time under it, and the gate refuses what it doesn't know.
        custom_attrs={"data-desk-search": ""},
        placeholder=placeholder,
        aria_label=label,
        auto_complete="off",
        spell_check=False,
        class_name=f"{CONTROL} {more}",
    )


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


def doctor_select(
    choices: rx.Var[list[DoctorChoice]], chosen: rx.Var[str], loaded: rx.Var[bool], more: str = ""
) -> rx.Component:
    """One doctor, or all of them."""
    return rx.el.select(
        rx.el.option(_("All doctors"), value=""),
        rx.foreach(choices, lambda one: rx.el.option(one.name, value=one.value)),
        name="doctor",
        aria_label=_("Doctor"),
        default_value=chosen,
        # A new key once the doctors are known: the control made before had nothing to choose from.
        key=rx.cond(loaded, "known", "unknown"),
        class_name=f"{CONTROL} {more} sm:w-auto! sm:max-w-56",
    )


def periods(choices: rx.Var[list[Choice]] | list[Choice]) -> rx.Component:
    """Named periods as links; the one in force is marked."""
    links = (
        [_link(one, one.label) for one in choices]
        if isinstance(choices, list)
        else [rx.foreach(choices, lambda one: _link(one, one.label))]
    )
    return rx.el.nav(
        *links,
        aria_label=_("Period"),
        class_name=ROW,
    )


def statuses(
    choices: rx.Var[list[StatusChoice]],
    loaded: rx.Var[bool],
    draw: Callable[[rx.Var], rx.Component],
    more: str = "",
) -> rx.Component:
    """Statuses to filter by; `draw` makes the link of one."""
    waiting = rx.el.div(class_name=f"{theme.SKELETON} h-8 w-96 max-w-full")
    return rx.el.nav(
        rx.foreach(choices, draw),
        rx.cond(loaded, rx.fragment(), waiting),
        aria_label=_("Filter by status"),
        class_name=f"{ROW} {more}",
    )


def status_link(choice: rx.Var[StatusChoice], word: rx.Component, more: str = "") -> rx.Component:
    """A status with its count."""
    count = rx.el.span(choice.count, class_name="font-normal tabular-nums")
    return _link(choice, word, count, more=f"gap-1.5 {more}", **{"data-status": choice.status})


def _link(
    choice: Any, *content: rx.Component | rx.Var | str, more: str = "", **attributes: rx.Var
) -> rx.Component:
    return rx.el.a(
        *content,
        href=choice.href,
        prevent_scroll_reset=True,
        custom_attrs={"aria-current": rx.cond(choice.current, "true", "false"), **attributes},
        class_name=f"{LINK} {more}",
    )
