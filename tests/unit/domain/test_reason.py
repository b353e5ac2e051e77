"""The words beside something done by hand: long enough to mean something, short enough to be kept."""

from __future__ import annotations

import pytest

from booking_ui.domain.errors import FieldError
from booking_ui.domain.reason import reason_problems, reference_problems


@pytest.mark.parametrize("text", ["Ill", "a" * 300, f"  {'a' * 300}  "])
def test_three_to_three_hundred_characters_are_a_reason(text: str) -> None:
    assert reason_problems(text) == []


@pytest.mark.parametrize("text", ["", "no", "  no  ", "a" * 301])
def test_any_other_length_is_asked_for_again(text: str) -> None:
    assert reason_problems(text) == [FieldError("reason", "Say why, in 3 to 300 characters.")]
    asked = reason_problems(
        text, field="note", sentence="Say what was done, in {shortest} to {longest} characters."
    )
    assert asked == [FieldError("note", "Say what was done, in 3 to 300 characters.")]


def test_a_reference_may_be_empty_and_has_eighty_characters_at_most() -> None:
    assert reference_problems("") == reference_problems("a" * 80) == []
    assert reference_problems("a" * 81) == [
        FieldError("reference", "Keep the reference under 80 characters.")
    ]
