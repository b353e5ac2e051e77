"""No sentence of a page stands outside the catalogue: in look-alikes, plain letters are an escape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import reflex as rx

from booking_ui.booking_ui import app
from tests.support.pseudo import pseudo_hindi

SEEN = re.compile(r'^"?(aria-label|aria-description|placeholder|title|alt|label|content)"?:')
TEXT = re.compile(r'(?<![\[.])"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
COMPARED = re.compile(r'[!=]==?\s*"(?:[^"\\]|\\.)*"|\["(?:[^"\\]|\\.)*"\]')
WORDS = re.compile(r"[A-Za-z]{2,}")
NAMES = re.compile(
    r"Razorpay|UPI|Saanjh Clinics|Enter|Esc|CSV|RAZORPAY_WEBHOOK_SECRET|https?://\S+|[\w.+-]+@[\w.-]+|[a-z]+\.[a-z_]+"
    r"|English, Hindi|English|\bam\b|\bpm\b|pay_|₹"
    r"|Bengaluru|Indiranagar|Dr Chandra Rao|MBBS, MD|Hindi"
)
"""What is the same in every language: names, keys, addresses, names of events."""

PAGES = sorted(route for route in app._unevaluated_pages if route == "hi" or route.startswith("hi/"))


def texts(tree: Any) -> Iterator[str]:
    """Every text of a rendered tree that people see or hear."""
    if isinstance(tree, dict):
        if "contents" in tree:
            yield from literals(str(tree["contents"]))
        for prop in tree.get("props", ()):
            if SEEN.match(prop):
                yield from literals(prop.partition(":")[2])
        for value in tree.values():
            yield from texts(value)
    elif isinstance(tree, list | tuple):
        for one in tree:
            yield from texts(one)


def literals(expression: str) -> Iterator[str]:
    """The texts written into a JavaScript expression, without those that it compares or looks up."""
    for quoted, template in TEXT.findall(COMPARED.sub("", expression)):
        yield json.loads(f'"{quoted}"') if quoted else re.sub(r"\$\{[^}]*\}", "", template)


def escaped(text: str) -> bool:
    rest = NAMES.sub("", text)
    return bool(WORDS.search(rest)) and (" " in text.strip() or text[:1].isupper())


def test_there_are_pages() -> None:
    assert len(PAGES) > 25


@pytest.mark.parametrize("route", PAGES)
def test_a_page_says_only_what_is_in_the_catalogue(route: str) -> None:
    page = app._unevaluated_pages[route].component
    assert callable(page)
    with pseudo_hindi():
        tree = page()
    assert isinstance(tree, rx.Component)
    found = {text for text in texts(tree.render()) if escaped(text)}
    assert not found


def test_an_escape_is_seen() -> None:
    page = {"name": "p", "props": ['"aria-label":"Main menu"'], "children": [{"contents": '"Pick a time"'}]}
    assert {text for text in texts(page) if escaped(text)} == {"Main menu", "Pick a time"}
