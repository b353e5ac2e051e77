"""One page, added once for each language: the tree is built while that language is spoken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx
from reflex.config import get_config

from booking_ui.config.settings import settings
from booking_ui.domain.listing import LISTED, STEPS
from booking_ui.languages import FIRST, _, speaking, to

Tree = Callable[[], rx.Component]


def add_page(
    app: rx.App,
    page: Tree,
    route: str,
    title: Callable[[], Any],
    description: str | Callable[[], Any],
    loads: Sequence[Any],
) -> None:
    """Add `page` at `route` in every language of LANGUAGES: English at /appointments/, Hindi at /hi/appointments/.

    `title` is called while the language is spoken, and so is a `description` that is no sentence of the catalogue.
    """
    for language in settings().offered_languages:
        with speaking(language):
            app.add_page(
                _spoken(page, language),
                route=route if route == "404" else to(route).rstrip("/") or "/",
                title=title(),
                description=_(description) if isinstance(description, str) else description(),
                image=_here("/picture.png"),  # drawn by edge/found
                on_load=list(loads),
                meta=_for_search_engines(route),
            )
        if route == "404":  # Reflex has one for the whole app
            return


def _spoken(page: Tree, language: str) -> Tree:
    """Reflex builds a page's tree later, when all pages are known."""

    def tree() -> rx.Component:
        with speaking(language):
            return page()

    # Reflex gathers the parts of all pages of one module in one script: each page, in each language, gets its own.
    tree.__module__ = f"{page.__module__}.{language}"
    return tree


def _for_search_engines(route: str) -> list[rx.Component]:
    """A listed page names its addresses in all languages. What a doctor's page says, the server writes into it."""
    if route in STEPS:
        return [rx.el.meta(name="robots", content="noindex")]
    if route not in LISTED:
        return []
    found = [(FIRST, "x-default"), *((one, one) for one in settings().offered_languages)]
    own = rx.el.link(rel="canonical", href=_absolute(route))
    return [own, *(_alternate(language, name, route) for language, name in found)]


def _alternate(language: str, name: str, route: str) -> rx.Component:
    with speaking(language):
        return rx.el.link(rel="alternate", href_lang=name, href=_absolute(route))


def _absolute(route: str) -> str:
    return _here(f"{route.rstrip('/')}/")


def _here(path: str) -> str:
    # Reflex's address, which the bundle replaces where it is laid out: no page may be built for one PUBLIC_URL.
    return f"{get_config().deploy_url}{to(path)}"
