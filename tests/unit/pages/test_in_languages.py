"""The head of every page as search engines read it."""

from __future__ import annotations

import json

import reflex as rx

from booking_ui.booking_ui import app
from booking_ui.domain.listing import LISTED, STEPS

PAGES = app._unevaluated_pages


def head(route: str) -> str:
    return " ".join(str(one) for one in PAGES[route.strip("/") or "index"].meta)


def test_a_listed_page_names_its_one_address_and_those_in_other_languages() -> None:
    found = head("/hi/register")
    assert 'href:"http://localhost:3000/hi/register/",rel:"canonical"' in found
    assert 'href:"http://localhost:3000/register/",hrefLang:"x-default"' in found
    assert 'href:"http://localhost:3000/hi/register/",hrefLang:"hi"' in found


def test_a_step_on_somebodys_way_is_not_to_be_listed() -> None:
    assert all('content:"noindex"' in head(route) for route in STEPS)
    assert not any("noindex" in head(route) for route in LISTED)


def test_the_page_of_an_address_that_leads_nowhere_is_said_in_every_language() -> None:
    page = PAGES["404"]
    assert callable(page.component)
    tree = page.component()
    assert isinstance(tree, rx.Component)
    shown = str(tree.render())
    for sentence in ("It may be mistyped", "इस पते पर कुछ नहीं है"):
        assert json.dumps(sentence).strip('"').replace("\\", "\\\\") in shown
    assert "languageOfNothing" in str(page.title)
