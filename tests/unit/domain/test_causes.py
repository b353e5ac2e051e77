from __future__ import annotations

import pytest

from booking_ui.domain.causes import Cause
from booking_ui.domain.payment import RefundOrigin


def test_every_cause_has_words_of_its_own() -> None:
    assert len({one.words for one in Cause}) == len(Cause)
    assert all(one.words for one in Cause)


def test_a_cause_and_an_origin_are_stored_without_what_they_say() -> None:
    assert [(str(one), one.value) for one in (Cause.PAID_LATE, RefundOrigin.POLICY)] == [
        ("paid_late", "paid_late"),
        ("policy", "policy"),
    ]


@pytest.mark.parametrize("origin", RefundOrigin)
def test_every_origin_of_a_refund_has_a_cause(origin: RefundOrigin) -> None:
    assert origin.cause.words
