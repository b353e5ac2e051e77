"""Paise shown as rupees."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking_ui.domain.money import read_rupees, rupee_number, rupees


@pytest.mark.parametrize(
    ("paise", "shown"),
    [
        (0, "₹0"),
        (1, "₹0.01"),
        (10, "₹0.10"),
        (100, "₹1"),
        (50_000, "₹500"),
        (50_050, "₹500.50"),
        (150_000, "₹1,500"),
        (10_000_000, "₹1,00,000"),
        (12_345_678, "₹1,23,456.78"),
        (1_000_000_000, "₹1,00,00,000"),
        (-50_000, "−₹500"),
        (-1, "−₹0.01"),
    ],
)
def test_rupees_are_grouped_the_indian_way_and_show_paise_only_when_there_are_some(
    paise: int, shown: str
) -> None:
    assert rupees(paise) == shown


@given(st.integers(-(10**13), 10**13))
def test_what_is_shown_is_the_exact_amount(paise: int) -> None:
    digits = re.sub(r"[₹,−]", "", rupees(paise))
    whole, _, part = digits.partition(".")
    assert (int(whole) * 100 + int(part or 0)) * (-1 if rupees(paise).startswith("−") else 1) == paise


@given(st.integers(-(10**13), 10**13))
def test_the_json_number_rounds_back_to_the_exact_paise(paise: int) -> None:
    assert round(rupee_number(paise) * 100) == paise


@given(st.integers(0, 10**9))
def test_what_is_shown_can_be_read_again(paise: int) -> None:
    assert read_rupees(rupees(paise)) == paise


@pytest.mark.parametrize(
    ("text", "paise"),
    [("३००", 30_000), ("٣", 300), ("₹\u00a01,500.50", 150_050), ("\u202a250\u202c", 25_000)],
)
def test_an_amount_means_the_same_in_the_digits_of_every_script(text: str, paise: int) -> None:
    assert read_rupees(text) == paise


@pytest.mark.parametrize("text", ["", "₹", "-1", "1.005", "1e3", "1e900000", "9e999999", "NaN", "½", "1 000"])
def test_what_is_no_amount_of_rupees_is_not_read(text: str) -> None:
    assert read_rupees(text) is None
