"""A refusal's default sentence is said in the language of whoever reads it; its own sentence is said already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from booking_ui.domain.errors import BadInput, FieldError, HoldExpired, NotSignedIn, RateLimited, SlotTaken
from booking_ui.languages import speaking
from tests.support.languages import small_hindi

SIGN_IN = "जारी रखने के लिए साइन इन करें।"
CHECK = "कृपया चिह्नित जगहें देखें।"


@pytest.fixture(autouse=True)
def _hindi(tmp_path: Path) -> Iterator[None]:
    with small_hindi(tmp_path):
        yield


def test_a_default_sentence_is_translated_when_it_is_read() -> None:
    refusal = NotSignedIn()
    assert refusal.sentence == NotSignedIn.message == "Please sign in to continue."
    with speaking("hi"):
        assert refusal.sentence == SIGN_IN
    assert refusal.sentence == "Please sign in to continue."


def test_logs_and_records_read_english() -> None:
    with speaking("hi"):
        assert str(NotSignedIn()) == "Please sign in to continue."


def test_a_sentence_of_its_own_stays_as_it_was_said() -> None:
    with speaking("hi"):
        assert HoldExpired("Please sign in to continue.").sentence == "Please sign in to continue."
        assert SlotTaken().sentence == SlotTaken.message  # not in this catalogue
        assert RateLimited(3, "Wait.").sentence == str(RateLimited(3, "Wait.")) == "Wait."


def test_one_wrong_field_is_the_whole_sentence_and_several_share_the_default() -> None:
    one, other = FieldError("name", "नाम लिखें।"), FieldError("email", "ईमेल लिखें।")
    with speaking("hi"):
        assert BadInput(one).sentence == "नाम लिखें।"
        assert BadInput(one, other).sentence == CHECK
    assert BadInput(one, other).sentence == "Please check the marked fields."
