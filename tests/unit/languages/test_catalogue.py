from __future__ import annotations

import contextvars
from concurrent.futures import ThreadPoolExecutor

import pytest

from booking_ui.languages import (
    N_,
    _,
    known_languages,
    locale,
    locale_of,
    name_of,
    ngettext,
    pgettext,
    speak,
    speaking,
    spoken,
)


def test_english_is_spoken_until_somebody_asks_for_another_language() -> None:
    assert spoken() == "en"
    with speaking("hi"):
        assert spoken() == "hi"
        with speaking("en"):
            assert spoken() == "en"
        assert spoken() == "hi"
    assert spoken() == "en"


def test_the_language_before_is_spoken_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"), speaking("hi"):
        raise ValueError("broken")
    assert spoken() == "en"


def test_a_language_that_is_spoken_from_now_on_stays_in_its_context() -> None:
    contextvars.copy_context().run(speak, "hi")
    assert spoken() == "en"


def test_a_thread_that_works_for_a_request_speaks_its_language() -> None:
    with speaking("hi"), ThreadPoolExecutor(1) as pool:
        work = contextvars.copy_context().run
        assert pool.submit(work, _, "Cancelled").result() == "रद्द"
        assert pool.submit(_, "Cancelled").result() == "Cancelled"


def test_english_and_each_language_with_a_catalogue_are_known() -> None:
    assert known_languages() == ("en", "hi")


def test_a_sentence_is_said_in_the_language_that_is_spoken() -> None:
    assert _("Pay {fee}", fee="₹500") == "Pay ₹500"
    with speaking("hi"):
        assert _("Pay {fee}", fee="₹500") == "₹500 चुकाएँ"
        assert _("Save {percent}% of {fee}", fee="₹500", percent=20) == "₹500 का 20% बचाएँ"


@pytest.mark.parametrize("sentence", ["Not yet translated", "Only guessed", "Never heard of"])
def test_what_has_no_translation_stays_english(sentence: str) -> None:
    with speaking("hi"):
        assert _(sentence) == sentence


def test_without_values_braces_are_letters() -> None:
    assert _("A {brace") == "A {brace"


def test_nothing_is_said_for_an_empty_sentence() -> None:
    with speaking("hi"):
        assert _("") == ""


def test_a_language_without_a_catalogue_is_english() -> None:
    with speaking("../../etc"):
        assert _("Cancelled") == "Cancelled"
        assert locale().language == "en"


def test_one_and_many_have_forms_of_their_own_in_each_language() -> None:
    def said(language: str) -> list[str]:
        with speaking(language):
            return [ngettext("{count} doctor", "{count} doctors", count) for count in (0, 1, 2)]

    assert said("en") == ["0 doctors", "1 doctor", "2 doctors"]
    assert said("hi") == ["0 डॉक्टर", "1 डॉक्टर", "2 डॉक्टरों"]


def test_one_english_word_has_a_translation_for_each_of_its_meanings() -> None:
    assert pgettext("verb", "Book") == "Book"
    with speaking("hi"):
        assert pgettext("verb", "Book") == "बुक करें"
        assert pgettext("paper", "Book {name}", name="१") == "किताब १"
        assert pgettext("noun", "Book") == _("Book") == "Book"


def test_a_marked_sentence_is_translated_when_it_is_shown() -> None:
    with speaking("hi"):
        marked = N_("Cancelled")
        assert (marked, _(marked)) == ("Cancelled", "रद्द")


def test_a_language_is_called_by_its_own_name() -> None:
    assert (name_of("en"), name_of("hi")) == ("English", "हिन्दी")
    assert locale_of("hi").language == "hi"
