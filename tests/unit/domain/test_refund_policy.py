"""Bands of hours before the visit, each with its part of the fee."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking_ui.domain.clock import instant_label
from booking_ui.domain.money import rupees
from booking_ui.domain.refund_policy import Bands, Quote, capped, percent_at, quote, refund, refund_at, rule
from tests.support.cast import FIRST_SLOT

ZONE = ZoneInfo("Asia/Kolkata")
BANDS: Bands = ((24, 100), (4, 50))
HOUR = timedelta(hours=1)


def asked(
    hours_before: float, *, kept: int = 50_000, fee: int = 50_000, bands: Bands = BANDS
) -> Quote | None:
    now = FIRST_SLOT - timedelta(hours=hours_before)
    return quote(kept_paise=kept, fee_paise=fee, bands=bands, starts_at=FIRST_SLOT, now=now, zone=ZONE)


def test_the_full_fee_comes_back_until_the_first_cutoff_and_the_time_of_change_is_said() -> None:
    assert asked(24) == Quote(
        50_000,
        "You'll get ₹500 back, the full fee. That holds until Mon 5 Jan, 10:00 am; after that it is ₹250.",
        FIRST_SLOT - 24 * HOUR,
    )


def test_half_comes_back_until_the_last_cutoff() -> None:
    assert asked(23.999) == Quote(
        25_000,
        "You'll get ₹250 of ₹500 back. Until Tue 6 Jan, 6:00 am you can cancel here; after that, only by phone.",
        FIRST_SLOT - 4 * HOUR,
    )
    assert asked(4) == asked(23)


def test_after_the_last_cutoff_there_is_no_quote() -> None:
    assert (asked(3.999), asked(0), asked(-1)) == (None, None, None)


def test_a_cutoff_of_no_hours_ends_when_the_visit_begins() -> None:
    free: Bands = ((0, 100),)
    assert asked(0.001, bands=free) is not None
    assert asked(0, bands=free) is None


def test_a_band_that_gives_nothing_says_so() -> None:
    told = asked(2, bands=((24, 100), (1, 0)))
    assert told == Quote(
        0,
        "Nothing comes back this close to the visit. Until Tue 6 Jan, 9:00 am you can cancel here; after that, only by phone.",
        FIRST_SLOT - HOUR,
    )
    before = asked(30, bands=((24, 100), (1, 0)))
    assert before is not None
    assert before.sentence.endswith("after that it is nothing.")


def test_what_was_already_given_back_counts_towards_the_part_that_comes_back() -> None:
    told = asked(10, kept=40_000)
    assert told is not None
    assert told.refund_paise == 15_000  # with the 10,000 that went before, half of the fee
    whole = asked(30, kept=40_000)
    assert whole is not None
    assert (whole.refund_paise, whole.sentence.split(". ")[0]) == (
        40_000,
        "You'll get ₹400 back, all that was not yet returned",
    )


@pytest.mark.parametrize(
    ("fee", "percent", "back"),
    [(50_001, 50, 25_001), (101, 33, 100), (150, 33, 100), (100, 1, 100), (100, 0, 0), (33_333, 100, 33_333)],
)
def test_part_of_a_paisa_is_the_patients_and_razorpay_sends_at_least_a_rupee(
    fee: int, percent: int, back: int
) -> None:
    assert refund(kept_paise=fee, fee_paise=fee, percent=percent) == back


def test_less_than_a_rupee_that_is_left_cannot_go_back() -> None:
    assert refund(kept_paise=99, fee_paise=50_000, percent=100) == 0


def test_a_move_takes_its_cap_along() -> None:
    assert capped(BANDS, 50) == ((24, 50), (4, 50))
    told = asked(48, bands=capped(BANDS, 50))
    assert told is not None
    assert (told.refund_paise, told.changes_at) == (25_000, FIRST_SLOT - 4 * HOUR)


def test_the_rule_of_a_visit_names_its_own_times() -> None:
    def said(hours_before: float) -> str:
        now = FIRST_SLOT - timedelta(hours=hours_before)
        return rule(
            kept_paise=90_000, fee_paise=90_000, bands=BANDS, starts_at=FIRST_SLOT, now=now, zone=ZONE
        )

    assert said(30) == (
        "Cancel by Mon 5 Jan, 10:00 am: ₹900 back. By Tue 6 Jan, 6:00 am: ₹450 back. "
        "Later it can't be cancelled online: call us."
    )
    assert said(10) == (
        "Cancel by Tue 6 Jan, 6:00 am: ₹450 back. Later it can't be cancelled online: call us."
    )
    assert said(1) == "This visit is too near to be cancelled online."


def test_bands_that_give_the_same_sum_are_told_as_one() -> None:
    bands = ((48, 100), (24, 100), (4, 0))
    now = FIRST_SLOT - timedelta(hours=60)
    assert rule(
        kept_paise=50_000, fee_paise=50_000, bands=bands, starts_at=FIRST_SLOT, now=now, zone=ZONE
    ) == (
        "Cancel by Mon 5 Jan, 10:00 am: ₹500 back. By Tue 6 Jan, 6:00 am: nothing back. "
        "Later it can't be cancelled online: call us."
    )


POLICIES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 100)), min_size=1, max_size=5).map(
    lambda bands: tuple(
        zip(
            sorted({h for h, _ in bands}, reverse=True),
            sorted((p for _, p in bands), reverse=True),
            strict=False,
        )
    )
)
MONEY = st.integers(100, 5_000_000).flatmap(lambda fee: st.tuples(st.integers(0, fee), st.just(fee)))


@given(
    bands=POLICIES,
    money=MONEY,
    hours=st.tuples(st.floats(-5, 300), st.floats(-5, 300)),
)
def test_a_refund_never_exceeds_what_is_kept_and_never_grows_as_the_visit_comes_nearer(
    bands: Bands, money: tuple[int, int], hours: tuple[float, float]
) -> None:
    kept, fee = money
    early, late = (asked(h, kept=kept, fee=fee, bands=bands) for h in sorted(hours, reverse=True))
    amounts = [told.refund_paise if told else 0 for told in (early, late)]
    assert 0 <= amounts[1] <= amounts[0] <= kept
    assert all(amount == 0 or amount >= 100 for amount in amounts)
    assert late is None or early is not None


@given(bands=POLICIES, money=MONEY, hours=st.floats(-5, 300))
def test_the_sum_that_is_paid_is_the_sum_that_was_quoted(
    bands: Bands, money: tuple[int, int], hours: float
) -> None:
    kept, fee = money
    told = asked(hours, kept=kept, fee=fee, bands=bands)
    now = FIRST_SLOT - timedelta(hours=hours)
    paid = refund_at(kept_paise=kept, fee_paise=fee, bands=bands, starts_at=FIRST_SLOT, now=now)
    assert paid == (told.refund_paise if told else None)


@given(bands=POLICIES, money=MONEY, hours=st.floats(-5, 300))
def test_a_quote_holds_exactly_until_the_time_it_names(
    bands: Bands, money: tuple[int, int], hours: float
) -> None:
    kept, fee = money
    told = asked(hours, kept=kept, fee=fee, bands=bands)
    if told is None:
        return

    def at(now: datetime) -> Quote | None:
        return quote(kept_paise=kept, fee_paise=fee, bands=bands, starts_at=FIRST_SLOT, now=now, zone=ZONE)

    last, after = at(min(told.changes_at, FIRST_SLOT - timedelta(microseconds=1))), None
    if told.changes_at < FIRST_SLOT:
        after = at(told.changes_at + timedelta(microseconds=1))
    assert last is not None
    assert last.refund_paise == told.refund_paise
    assert after is None or after.refund_paise < told.refund_paise


@given(bands=POLICIES, fee=st.integers(100, 5_000_000), hours=st.floats(-5, 300))
def test_the_rule_before_paying_names_each_sum_that_is_quoted_later_and_its_end(
    bands: Bands, fee: int, hours: float
) -> None:
    now = FIRST_SLOT - timedelta(hours=hours)
    said = rule(kept_paise=fee, fee_paise=fee, bands=bands, starts_at=FIRST_SLOT, now=now, zone=ZONE)
    named = [f"y {instant_label(told.changes_at, ZONE)}: " + (
        f"{rupees(told.refund_paise)} back." if told.refund_paise else "nothing back."
    ) for told in _quotes_from(now, bands, fee)]  # fmt: skip
    assert re.findall(r"y \w{3} .*? back\.", said) == named


def _quotes_from(now: datetime, bands: Bands, fee: int) -> Iterator[Quote]:
    """What is quoted to somebody who asks again each time that the last answer has ended."""
    while told := quote(kept_paise=fee, fee_paise=fee, bands=bands, starts_at=FIRST_SLOT, now=now, zone=ZONE):
        yield told
        now = told.changes_at + timedelta(microseconds=1)


def test_the_percent_now_is_that_of_the_present_band() -> None:
    found = [
        percent_at(bands=BANDS, starts_at=FIRST_SLOT, now=FIRST_SLOT - timedelta(hours=h))
        for h in (30, 24, 5, 3)
    ]
    assert found == [100, 100, 50, None]
