"""The frame of every page."""

from __future__ import annotations

import pytest
import reflex as rx

from booking_ui.components.shared import layout
from booking_ui.components.ui.sentences import heard, with_parts
from booking_ui.config.settings import settings
from booking_ui.languages import speaking


@pytest.mark.parametrize(
    ("hours", "after_the_number"),
    [("Monday to Friday", ", Monday to Friday."), ("", ".")],
)
def test_the_foot_of_a_page_says_when_somebody_answers(
    configured: pytest.MonkeyPatch, hours: str, after_the_number: str
) -> None:
    configured.setenv("SUPPORT_HOURS", hours)
    settings.cache_clear()
    foot = str(layout.page())
    assert foot.count(f'"{after_the_number}"') == 1
    assert "8 am" not in foot


def test_a_page_links_to_itself_in_each_other_language(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("LANGUAGES", "hi")
    settings.cache_clear()
    assert '"data-language":"hi"' in str(layout.page())
    with speaking("hi"):
        assert '"data-language":"en"' in str(layout.page())
    configured.setenv("LANGUAGES", "en")
    settings.cache_clear()
    assert "data-language" not in str(layout.page())


def test_the_offline_banner_says_itself_in_every_language(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("LANGUAGES", "en,hi")
    settings.cache_clear()
    banner = str(layout.offline_banner())
    assert banner.count('lang:"') == 2
    assert banner.count("You're offline.") >= 1


def test_the_parts_of_a_sentence_stand_where_its_language_puts_them() -> None:
    assert with_parts("{a} and {b}.", b="2", a="1") == ["1 and 2."]
    bold = rx.el.b("x")
    assert with_parts("Call {phone}, {hours}.", phone=bold, hours="") == ["Call ", bold, ", ."]
    assert with_parts("{phone} पर कॉल करें", phone=bold) == [bold, " पर कॉल करें"]


def test_words_around_seen_parts_are_for_screen_readers() -> None:
    book, day, end = (str(one) for one in heard("Book {day}.", day=rx.el.b("Monday")))
    assert ("sr-only" in book, "sr-only" in day, "sr-only" in end) == (True, False, True)
