"""An address that leads nowhere.

Reflex has one such page for the whole app, so it is built in every language. The browser shows that of the address, else
the one that the visitor chose last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from booking_ui.components.shared.layout import page
from booking_ui.components.shared.not_found import not_found_section
from booking_ui.config.settings import settings
from booking_ui.languages import FIRST, _, speaking

# layout.py defines the function in the browser; where pages are prerendered there is none.
LANGUAGE: rx.Var[str] = rx.Var(f'(globalThis.languageOfNothing?.() ?? "{FIRST}")', _var_type=str)


def not_found() -> rx.Component:
    return rx.el.div(
        _in_its_language(_page),
        on_mount=rx.run_script("document.documentElement.lang = languageOfNothing()"),
        class_name="contents",
    )


def not_found_title() -> rx.Var[str]:
    found: rx.Var[str] = rx.Var.create(_in_its_language(lambda: _("Not found"))).to(str)
    return found


def _page() -> rx.Component:
    return page(
        not_found_section(
            _("There's nothing at this address"), _("It may be mistyped, or what was here has moved.")
        )
    )


def _in_its_language(make: Callable[[], Any]) -> Any:
    others = []
    for language in settings().offered_languages[1:]:
        with speaking(language):
            others.append((language, make()))
    with speaking(FIRST):
        first = make()
    return rx.match(LANGUAGE, *others, first) if others else first
