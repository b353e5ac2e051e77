"""Text as people type or paste it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking_ui.domain.typed import digits, plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("\u202a+91 98765 43210\u202c", "+91 98765 43210"),  # as a chat marks the direction of a number
        ("+91\u00a098765\u202f43210", "+91 98765 43210"),  # as a web page keeps it on one line
        ("९८७६५ ४३२१०", "98765 43210"),
        ("٤٥٦", "456"),
        ("１２３", "123"),
        ("20\u200b4\ufeff991", "204991"),
        ("  ₹1,500 ", "₹1,500"),
        ("no digits", "no digits"),
    ],
)
def test_what_people_paste_becomes_what_they_mean(written: str, read: str) -> None:
    assert plain(written) == read


@given(st.text())
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    "written", ["204991", " 204 991 ", "204-991", "२०४ ९९१", "\u202a204\u00a0991\u202c", "204–991"]
)
def test_a_code_is_read_however_it_was_copied(written: str) -> None:
    assert digits(written) == "204991"
