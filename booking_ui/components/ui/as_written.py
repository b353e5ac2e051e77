"""Words that a browser's translator leaves as they are: names, times, dates, money, references, codes."""

from __future__ import annotations

from typing import Any

import reflex as rx


def untranslated() -> dict[str, Any]:
    """The `custom_attrs` of an element that holds such words alone; a new one each time, since Reflex writes into it."""
    return {"translate": "no"}


def as_written(*words: rx.Var | str, **props: object) -> rx.Component:
    """Such words within a sentence."""
    return rx.el.span(*words, custom_attrs=untranslated(), **props)
