"""The name of a browser and its system."""

from __future__ import annotations

from pathlib import Path

import pytest

from booking_ui.domain.people.device import device_label, device_words
from booking_ui.languages import speaking
from tests.support.languages import small_hindi


@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 CriOS/140.0 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/18.0 Safari/605.1",
            "Safari on Mac",
        ),
        ("curl/8.5.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_known_by_its_own_name_and_not_by_its_ancestors(user_agent: str, shown: str) -> None:
    assert device_label(user_agent) == shown


@pytest.mark.parametrize(
    "label", ["Firefox on Linux", "A browser on Android", "A browser", "Samsung Internet"]
)
def test_english_reads_a_label_as_it_is_stored(label: str) -> None:
    assert device_words(label) == label


def test_a_session_without_a_label_is_some_browser() -> None:
    assert device_words("") == "A browser"


def test_another_language_says_it_in_its_own_order(tmp_path: Path) -> None:
    with small_hindi(tmp_path), speaking("hi"):
        assert device_words("Firefox on Linux") == "Linux पर Firefox"
        assert device_words("A browser on Android") == "Android पर कोई ब्राउज़र"
        assert device_words("A browser") == "कोई ब्राउज़र"
