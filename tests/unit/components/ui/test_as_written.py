"""Words that no translator changes: an attribute of their element, which shares it with no other."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.ui.as_written import as_written, untranslated


def test_the_words_are_marked_for_the_browser() -> None:
    assert 'translate:"no"' in str(as_written("10:30 am"))


def test_what_one_element_adds_to_its_attributes_is_not_on_the_next() -> None:
    rx.el.span("A", custom_attrs=untranslated(), aria_hidden="true")
    assert "aria-hidden" not in str(as_written("10:30 am"))
