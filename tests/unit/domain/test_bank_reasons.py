"""Razorpay's reasons for a declined payment: its own words in English, ours in other languages."""

from __future__ import annotations

import pytest

from booking_ui.domain import bank_reasons
from booking_ui.languages import speaking


def test_in_english_the_words_are_razorpays() -> None:
    said = bank_reasons.said("insufficient_funds", "Your card has no balance.")
    assert said == "Your card has no balance."
    assert bank_reasons.said("insufficient_funds", "") == bank_reasons.said("", " ") == ""


@pytest.mark.parametrize("reason", ["insufficient_funds", "payment_cancelled", "a code that is new", ""])
def test_in_another_language_no_english_stays(reason: str) -> None:
    with speaking("hi"):
        found = bank_reasons.said(reason, "Your bank declined this card.")
        assert found.endswith("।")
        assert not found.replace("OTP", "").replace("UPI", "").isascii()
        assert bank_reasons.said("", "") == ""


def test_every_reason_of_razorpays_documents_has_a_sentence() -> None:
    with speaking("hi"):
        said = {bank_reasons.said(one, "x") for one in bank_reasons.SENTENCES}
    assert len(said) == len(set(bank_reasons.SENTENCES.values()))
