"""The clinic's words in the language that is spoken, on both databases."""

from __future__ import annotations

import pytest

from booking_ui.db import clinic_words
from booking_ui.db.session import read, write
from booking_ui.languages import speaking
from tests.support.schedule import counted

pytestmark = pytest.mark.usefixtures("db")

LONG = "Hearts. " * 150  # 1200 letters


def kept(english: str, text: str, language: str = "hi") -> None:
    with write() as tx:
        clinic_words.keep(tx, language, english, text)


def said(english: str, language: str = "hi") -> str:
    with speaking(language), read() as tx:
        return clinic_words.said(tx, english)


def test_words_are_said_in_the_language_that_has_them() -> None:
    kept("Cardiologist", "हृदय रोग विशेषज्ञ")
    assert said("Cardiologist") == "हृदय रोग विशेषज्ञ"
    assert (said("Cardiologist", "en"), said("Cardiologist", "ta")) == ("Cardiologist", "Cardiologist")
    assert (said("cardiologist"), said("Dentist"), said("")) == ("cardiologist", "Dentist", "")


def test_a_change_is_seen_at_once_and_an_empty_word_is_english_again() -> None:
    kept("Delhi", "दिल्ली")
    assert said("Delhi") == "दिल्ली"
    kept("Delhi", "देहली")
    assert said("Delhi") == "देहली"
    kept("Delhi", "")
    kept("Delhi", "")
    assert said("Delhi") == "Delhi"
    kept("Delhi", "Delhi")
    with read() as tx:
        assert clinic_words.known(tx, "hi", ["Delhi"]).by_english == {}


def test_the_longest_words_have_room() -> None:
    kept(LONG, "दिल" * 400)
    assert said(LONG) == "दिल" * 400


def test_words_are_read_once_however_many_are_said_and_never_for_english() -> None:
    kept("Delhi", "दिल्ली")
    with counted() as asked, speaking("hi"):
        for _ in range(24):
            with read() as tx:
                assert clinic_words.words(tx).said("Delhi") == "दिल्ली"
    assert len([one for one in asked if "clinic_word" in one]) == 1
    with counted() as asked:
        assert said("Delhi", "en") == "Delhi"
    assert asked == []


def test_known_words_are_those_that_were_asked_for() -> None:
    kept("Delhi", "दिल्ली")
    kept("Mumbai", "मुंबई")
    with read() as tx:
        assert clinic_words.known(tx, "hi", ["Delhi", "Pune"]).by_english == {"Delhi": "दिल्ली"}
        assert clinic_words.known(tx, "ta", ["Delhi"]).by_english == {}
