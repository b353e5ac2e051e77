"""Holding times without paying has an end: for one patient, for one network, and for one whose holds run out again and again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import pytest

from booking_ui.config.settings import settings
from booking_ui.domain.errors import (
    BookingError,
    HoldsPaused,
    NetworkHolds,
    TooManyHolds,
    UnconfirmedHolds,
)
from booking_ui.services.booking import claim, hold_expiry
from booking_ui.services.limits import unpaid_holds
from booking_ui.services.views import AppointmentView
from tests.support.cast import NOW, Cast
from tests.support.holding import NETWORK, confirm_address, times, tries_to_pay
from tests.support.races import at_once, crowd
from tests.support.servers import free_port

pytestmark = pytest.mark.usefixtures("turns")

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15, seconds=1)  # after which a hold is over
OTHER_NETWORK = "198.51.100.10"


@pytest.fixture
def with_mail(configured: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A clinic whose mails leave for their address."""
    configured.setenv("SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    settings.cache_clear()
    return configured


def refused(patient_id: int, slot_id: int, now: datetime = NOW, host: str = "") -> BookingError:
    with pytest.raises(BookingError) as found:
        claim.claim(patient_id=patient_id, slot_id=slot_id, now=now, host=host)
    return found.value


def all_held(
    patients: Sequence[int], slots: Sequence[int], now: datetime = NOW, host: str = NETWORK
) -> list[AppointmentView]:
    """The holds that these patients get, each of the slots asked for by the next patient."""
    got, turn = [], deque(patients)
    for slot_id in slots:
        with suppress(NetworkHolds, HoldsPaused):
            got.append(claim.claim(patient_id=turn[0], slot_id=slot_id, now=now, host=host))
        turn.rotate(-1)
    return got


# ── From one network ──────────────────────────────────────────────────────────────────────────────────────────────


def test_eight_accounts_of_one_network_hold_twelve_of_24_times_and_renew_few(cast: Cast) -> None:
    strangers, slots = crowd()[:8], times(cast, 24)
    began = [(NOW + turn * QUARTER, all_held(strangers, slots, NOW + turn * QUARTER)) for turn in range(9)]
    assert [len(got) for _, got in began] == [12, 8, 0, 0, 12, 8, 0, 0, 12]


def test_a_refused_network_is_told_how_long_to_wait_and_others_are_not_refused(cast: Cast) -> None:
    strangers, slots = crowd(), times(cast, 14)
    all_held(strangers[:12], slots[:12])
    soon = NOW + 5 * MINUTE
    refusal = refused(strangers[12], slots[12], soon, NETWORK)
    assert (refusal.code, refusal.status, refusal.retry_after_seconds) == ("rate_limited", 429, 600)
    assert refusal.sentence.startswith("Many times are held from your network")
    assert claim.claim(patient_id=cast.asha, slot_id=slots[13], now=soon, host=OTHER_NETWORK).can_pay
    then = NOW + timedelta(seconds=900)
    assert claim.claim(patient_id=strangers[12], slot_id=slots[12], now=then, host=NETWORK).can_pay


def test_a_trusted_address_may_hold_all_of_them(cast: Cast, configured: pytest.MonkeyPatch) -> None:
    configured.setenv("RATE_LIMIT_TRUSTED_IPS", "198.51.100.0/24")
    settings.cache_clear()
    assert len(all_held(crowd()[:8], times(cast, 24))) == 24


def test_asking_again_for_a_hold_and_a_crowd_at_one_slot_count_once(cast: Cast) -> None:
    patients, slots = crowd(), times(cast, 12)
    for patient in patients:
        with suppress(BookingError):
            claim.claim(patient_id=patient, slot_id=slots[0], now=NOW, host=NETWORK)
    for _ in range(20):
        claim.claim(patient_id=patients[0], slot_id=slots[0], now=NOW, host=NETWORK)
    assert len(all_held(patients[1:], slots[1:])) == 11


def test_a_network_whose_patients_pay_is_never_refused(cast: Cast) -> None:
    office, slots = crowd(), times(cast, 24)
    for n, (patient, slot_id) in enumerate(zip(office, slots, strict=True)):
        at = NOW + timedelta(seconds=10 * n)
        held = claim.claim(patient_id=patient, slot_id=slot_id, now=at, host=NETWORK)
        tries_to_pay(held.id, at + timedelta(seconds=5), "captured" if n % 2 else "failed")


def test_a_time_let_go_at_once_is_given_back_and_one_let_go_late_is_not(cast: Cast) -> None:
    patients, slots = crowd(), times(cast, 24)
    first = all_held(patients[:12], slots[:12])
    for visit, patient in zip(first[:6], patients, strict=False):
        hold_expiry.let_go(patient_id=patient, appointment_id=visit.id, now=NOW + MINUTE)
    for visit, patient in zip(first[6:], patients[6:12], strict=True):
        hold_expiry.let_go(patient_id=patient, appointment_id=visit.id, now=NOW + 3 * MINUTE)
    assert len(all_held(patients[12:], slots[12:], NOW + 4 * MINUTE)) == 6


def test_those_who_claim_at_the_same_moment_do_not_pass_the_limit(cast: Cast) -> None:
    works: list[Callable[[], object]] = [
        partial(claim.claim, patient_id=patient, slot_id=slot_id, now=NOW, host=NETWORK)
        for patient, slot_id in zip(crowd()[:16], times(cast, 16), strict=True)
    ]
    outcomes = at_once(works)
    assert sum(isinstance(one, AppointmentView) for one in outcomes) == 12
    assert sum(isinstance(one, NetworkHolds) for one in outcomes) == 4


def test_after_a_failed_payment_the_same_time_is_held_again_though_the_network_is_full(cast: Cast) -> None:
    slots = times(cast, 12)
    tried = claim.claim(patient_id=cast.asha, slot_id=slots[0], now=NOW, host=NETWORK)
    tries_to_pay(tried.id, NOW + MINUTE)
    idle = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW, host=OTHER_NETWORK)
    hold_expiry.let_go(patient_id=cast.bilal, appointment_id=idle.id, now=NOW + MINUTE)
    then = NOW + 2 * MINUTE
    all_held(crowd(), times(cast, 12, first=NOW + timedelta(days=5)), then)
    again = partial(claim.try_again, now=then, host=NETWORK)
    assert again(patient_id=cast.asha, appointment_id=tried.id).phase == "holding"
    with pytest.raises(NetworkHolds):
        again(patient_id=cast.bilal, appointment_id=idle.id)


# ── At once ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_where_mails_leave_a_patient_holds_one_time_until_the_address_is_confirmed(
    cast: Cast, with_mail: pytest.MonkeyPatch
) -> None:
    first, *others = cast.slots
    held = claim.claim(patient_id=cast.asha, slot_id=first, now=NOW)
    refusal = refused(cast.asha, others[0])
    assert isinstance(refusal, UnconfirmedHolds)
    assert (refusal.code, refusal.status) == ("too_many_holds", 409)
    assert "Open the link in our email to confirm it" in refusal.sentence
    assert claim.claim(patient_id=cast.asha, slot_id=first, now=NOW).id == held.id
    confirm_address(cast.asha)
    for slot_id in others[:2]:
        claim.claim(patient_id=cast.asha, slot_id=slot_id, now=NOW)
    assert type(refused(cast.asha, others[2])) is TooManyHolds


def test_trying_again_counts_as_another_time(cast: Cast, with_mail: pytest.MonkeyPatch) -> None:
    first = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=first.id, now=NOW)
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], now=NOW)
    with pytest.raises(UnconfirmedHolds):
        claim.try_again(patient_id=cast.asha, appointment_id=first.id, now=NOW)


def test_two_claims_of_one_unconfirmed_patient_at_once_give_one_hold(
    cast: Cast, with_mail: pytest.MonkeyPatch
) -> None:
    works: list[Callable[[], object]] = [
        partial(claim.claim, patient_id=cast.asha, slot_id=one, now=NOW) for one in cast.slots[:2]
    ]
    outcomes = at_once(works)
    assert sorted(type(one).__name__ for one in outcomes) == ["AppointmentView", "UnconfirmedHolds"]


def test_where_mails_are_files_nobody_has_to_confirm(cast: Cast) -> None:
    for slot_id in cast.slots[:3]:
        claim.claim(patient_id=cast.asha, slot_id=slot_id, now=NOW)
    assert type(refused(cast.asha, cast.slots[3])) is TooManyHolds


def test_the_limit_of_the_unconfirmed_is_never_above_everybodys(
    cast: Cast, with_mail: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpaid_holds, "UNCONFIRMED", 5)
    with_mail.setenv("OPEN_HOLDS_PER_PATIENT", "1")
    settings.cache_clear()
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    assert type(refused(cast.asha, cast.slots[1])) is TooManyHolds


# ── Again and again ───────────────────────────────────────────────────────────────────────────────────────────────


def run_out(patient_id: int, slots: Sequence[int], now: datetime = NOW) -> list[AppointmentView]:
    """Holds of three times, then of three others, all of which run out; the last one after half an hour."""
    return [
        claim.claim(patient_id=patient_id, slot_id=slot_id, now=now + (n // 3) * QUARTER)
        for n, slot_id in enumerate(slots)
    ]


SIX_OVER = NOW + 2 * QUARTER


def test_after_six_holds_that_ran_out_a_patient_waits_ten_minutes_for_another_time(cast: Cast) -> None:
    slots = times(cast, 8)
    run_out(cast.asha, slots[:6])
    refusal = refused(cast.asha, slots[6], SIX_OVER)
    assert (refusal.code, refusal.status, refusal.retry_after_seconds) == ("holds_paused", 429, 599)
    assert refusal.sentence == (
        "You held several times and paid for none. You can hold another one from 10:40 am."
    )
    assert claim.claim(patient_id=cast.bilal, slot_id=slots[6], now=SIX_OVER).can_pay
    then = SIX_OVER + timedelta(seconds=599)
    assert claim.claim(patient_id=cast.asha, slot_id=slots[7], now=then).can_pay


@pytest.mark.parametrize("swept", [True, False])
def test_a_hold_that_ran_out_and_is_let_go_afterwards_counts_from_its_end(cast: Cast, swept: bool) -> None:
    slots = times(cast, 7)
    visits = run_out(cast.asha, slots[:6])
    if swept:
        hold_expiry.expire_due(now=SIX_OVER)
    late = SIX_OVER + 9 * MINUTE
    for visit in visits:
        hold_expiry.let_go(patient_id=cast.asha, appointment_id=visit.id, now=late)
    assert isinstance(refused(cast.asha, slots[6], late), HoldsPaused)
    then = SIX_OVER + timedelta(seconds=599)
    assert claim.claim(patient_id=cast.asha, slot_id=slots[6], now=then).can_pay


def test_the_same_time_is_held_again_at_once(cast: Cast) -> None:
    slots = times(cast, 6)
    visits = run_out(cast.asha, slots)
    hold_expiry.expire_due(now=SIX_OVER)
    assert claim.try_again(patient_id=cast.asha, appointment_id=visits[0].id, now=SIX_OVER).can_pay
    assert claim.claim(patient_id=cast.asha, slot_id=slots[1], now=SIX_OVER).id == visits[1].id


@pytest.mark.parametrize("status", ["failed", "captured"])
def test_a_patient_who_tried_to_pay_once_does_not_wait(cast: Cast, status: str) -> None:
    slots = times(cast, 8)
    tried = claim.claim(patient_id=cast.asha, slot_id=slots[7], now=NOW - MINUTE)
    tries_to_pay(tried.id, NOW, status)
    run_out(cast.asha, slots[:6])
    assert claim.claim(patient_id=cast.asha, slot_id=slots[6], now=SIX_OVER).can_pay


def test_times_let_go_at_once_are_choosing_and_times_let_go_late_are_not(cast: Cast) -> None:
    slots = times(cast, 14)
    for n, slot_id in enumerate(slots[:12]):
        kept = MINUTE if n < 6 else 3 * MINUTE
        at = NOW + 3 * n * MINUTE
        held = claim.claim(patient_id=cast.asha, slot_id=slot_id, now=at)
        hold_expiry.let_go(patient_id=cast.asha, appointment_id=held.id, now=at + kept)
    assert isinstance(refused(cast.asha, slots[12], NOW + 36 * MINUTE), HoldsPaused)


def test_holds_that_ran_out_are_forgotten_after_an_hour(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpaid_holds, "PAUSE", timedelta(hours=2))
    slots = times(cast, 7)
    run_out(cast.asha, slots[:6])
    assert isinstance(refused(cast.asha, slots[6], NOW + 74 * MINUTE), HoldsPaused)
    assert claim.claim(patient_id=cast.asha, slot_id=slots[6], now=NOW + 76 * MINUTE).can_pay


def test_an_unconfirmed_patient_waits_after_three(cast: Cast, with_mail: pytest.MonkeyPatch) -> None:
    slots = times(cast, 4)
    for n, slot_id in enumerate(slots[:3]):
        claim.claim(patient_id=cast.asha, slot_id=slot_id, now=NOW + n * QUARTER)
    assert isinstance(refused(cast.asha, slots[3], NOW + 3 * QUARTER), HoldsPaused)
