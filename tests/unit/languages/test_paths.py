from __future__ import annotations

import pytest

from booking_ui.languages import action, language_of, offered, speaking, to, without_language


def test_english_pages_have_the_plain_addresses() -> None:
    assert (to("/"), to("/appointments/")) == ("/", "/appointments/")


def test_pages_of_another_language_stand_below_its_code() -> None:
    with speaking("hi"):
        assert (to("/"), to("/appointments/")) == ("/hi/", "/hi/appointments/")


def test_a_form_asks_for_its_answer_in_the_language_of_its_page() -> None:
    assert action("/api/session/sign-in") == "/api/session/sign-in"
    with speaking("hi"):
        assert action("/api/session/sign-in") == "/api/session/sign-in?lang=hi"


@pytest.mark.parametrize(
    ("path", "language", "english"),
    [
        ("/", "en", "/"),
        ("/appointments/", "en", "/appointments/"),
        ("/hi", "hi", "/"),
        ("/hi/", "hi", "/"),
        ("/hi/doctor/dr-rao/", "hi", "/doctor/dr-rao/"),
        ("/hi/hi/", "hi", "/hi/"),
        ("/hindi/", "en", "/hindi/"),
        ("/HI/", "en", "/HI/"),
        ("/en/appointments/", "en", "/en/appointments/"),
        ("/ta/appointments/", "en", "/ta/appointments/"),
        ("", "en", ""),
    ],
)
def test_the_language_of_an_address_and_its_english_page(path: str, language: str, english: str) -> None:
    assert (language_of(path), without_language(path)) == (language, english)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("hi", "hi"),
        ("hi-IN,hi;q=0.9,en;q=0.8", "hi"),
        ("en-IN,en;q=0.9,hi;q=0.8", "en"),
        ("en;q=0.5, HI;q=0.7", "hi"),
        ("ta,hi;q=0.3", "hi"),
        ("ta, kn", "en"),
        ("hi;q=0", "en"),
        ("hi;q=0,en", "en"),
        ("hi;q=nonsense,en;q=0.1", "en"),
        ("hi;level=1", "hi"),
        ("*", "en"),
        (";;,,=,q=1", "en"),
        ("hi;q=-1", "en"),
        ("hi;q=9", "hi"),
        (f"{'x,' * 5_000}hi", "en"),  # only its beginning is read
    ],
)
def test_the_language_a_browser_prefers(header: str, language: str) -> None:
    assert offered(header, ("en", "hi")) == language


def test_a_language_that_is_not_offered_is_not_chosen() -> None:
    assert offered("hi, en;q=0.1", ("en",)) == "en"
