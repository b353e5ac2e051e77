from __future__ import annotations

import pytest

from booking_ui.domain.causes import Cause, cause, words
from booking_ui.domain.payment import RefundOrigin


def test_every_cause_has_words_of_its_own() -> None:
    assert len({words(one) for one in Cause}) == len(Cause)


def test_somebodys_own_words_are_kept_and_are_no_cause() -> None:
    assert (words("paid"), cause("paid")) == ("paid", None)
    assert (words(Cause.PAID), cause(Cause.PAID)) == ("paid", Cause.PAID)


@pytest.mark.parametrize("origin", RefundOrigin)
def test_every_origin_of_a_refund_has_a_cause(origin: RefundOrigin) -> None:
    assert words(origin.cause)
