"""What one fact from Razorpay means for a booking: pure tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking_ui.domain.appointment import MOVES, AppointmentStatus
from booking_ui.domain.payment import (
    HAS_MONEY,
    PAYMENT_MOVES,
    REFUND_MOVES,
    AttemptStatus,
    PaymentStatus,
    RefundStatus,
    Situation,
    Verdict,
    merged,
    verdict,
)

CREATED, FAILED, AUTHORIZED, CAPTURED, REFUNDED = (
    AttemptStatus.CREATED,
    AttemptStatus.FAILED,
    AttemptStatus.AUTHORIZED,
    AttemptStatus.CAPTURED,
    AttemptStatus.REFUNDED,
)
statuses = st.sampled_from(AttemptStatus)

WAITING = Situation(
    attempt_before=None,
    attempt_after=CAPTURED,
    exact=True,
    kept_payment_id="",
    payment_id="pay_1",
    marked_payment_id="",
    appointment=AppointmentStatus.PENDING_PAYMENT,
    payment=PaymentStatus.PENDING,
    slot_free_or_ours=True,
    visit_ahead=True,
)


# ── One attempt ───────────────────────────────────────────────────────────────────────────────────────────────────


def end_of(reported: Iterable[AttemptStatus]) -> AttemptStatus | None:
    known: AttemptStatus | None = None
    for one in reported:
        known = merged(known, one)
    return known


@pytest.mark.parametrize(
    ("known", "reported", "after"),
    [
        (None, CREATED, CREATED),
        (None, REFUNDED, REFUNDED),
        (CREATED, FAILED, FAILED),
        (FAILED, CREATED, FAILED),
        (FAILED, AUTHORIZED, AUTHORIZED),  # late authorisation
        (AUTHORIZED, FAILED, AUTHORIZED),  # an old "failed" overtaken by the bank
        (FAILED, CAPTURED, CAPTURED),
        (CAPTURED, AUTHORIZED, CAPTURED),
        (CAPTURED, FAILED, CAPTURED),
        (CAPTURED, REFUNDED, REFUNDED),
        (REFUNDED, CAPTURED, REFUNDED),
    ],
)
def test_an_attempt_only_moves_forward(
    known: AttemptStatus | None, reported: AttemptStatus, after: AttemptStatus
) -> None:
    assert merged(known, reported) is after


@given(st.lists(statuses, min_size=1), st.randoms(use_true_random=False))
def test_an_attempt_ends_the_same_whatever_the_order_and_the_repetitions(
    reported: list[AttemptStatus], random: object
) -> None:
    again = [*reported, *reported]
    random.shuffle(again)  # type: ignore[attr-defined]
    assert end_of(again) is end_of(reported)


@given(statuses, statuses)
def test_hearing_the_same_twice_changes_nothing(first: AttemptStatus, second: AttemptStatus) -> None:
    known = merged(first, second)
    assert merged(known, second) is known
    assert merged(known, first) is known


# ── One verdict ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_exact_capture_confirms_the_waiting_booking() -> None:
    assert verdict(WAITING) is Verdict.CONFIRM


@pytest.mark.parametrize("payment", [PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.FAILED])
@pytest.mark.parametrize("before", [None, CREATED, FAILED, AUTHORIZED])
def test_a_late_capture_takes_a_failed_booking_back_when_its_slot_is_free(
    before: AttemptStatus | None, payment: PaymentStatus
) -> None:
    late = replace(WAITING, attempt_before=before, appointment=AppointmentStatus.FAILED, payment=payment)
    assert verdict(late) is Verdict.CONFIRM


@pytest.mark.parametrize(
    "changed",
    [
        {"slot_free_or_ours": False},
        {"visit_ahead": False},
        {"appointment": AppointmentStatus.CANCELLED},
    ],
)
def test_money_without_its_visit_goes_back_in_full(changed: dict[str, object]) -> None:
    situation = replace(WAITING, appointment=AppointmentStatus.FAILED, payment=PaymentStatus.FAILED)
    assert verdict(replace(situation, **changed)) is Verdict.REFUND  # type: ignore[arg-type]


@pytest.mark.parametrize("changed", [{"given_up": True}, {"cancellable_in_full": False}])
def test_late_money_is_not_kept_for_a_time_given_up_or_too_near_to_cancel_without_loss(
    changed: dict[str, object],
) -> None:
    late = replace(WAITING, appointment=AppointmentStatus.FAILED, payment=PaymentStatus.FAILED)
    assert verdict(replace(late, **changed)) is Verdict.REFUND  # type: ignore[arg-type]
    assert verdict(replace(WAITING, **changed)) is Verdict.CONFIRM  # type: ignore[arg-type]  # its hold lasts


def test_a_hold_that_is_over_is_judged_as_if_it_had_been_swept() -> None:
    over = replace(WAITING, hold_over=True)
    swept = replace(over, appointment=AppointmentStatus.FAILED, payment=PaymentStatus.FAILED)
    for given_up, cancellable, free in product((True, False), repeat=3):
        changed = {"given_up": given_up, "cancellable_in_full": cancellable, "slot_free_or_ours": free}
        found = {verdict(replace(one, **changed)) for one in (over, swept)}  # type: ignore[arg-type]
        wanted = cancellable and free and not given_up
        assert found == {Verdict.CONFIRM if wanted else Verdict.REFUND}


@pytest.mark.parametrize("appointment", [AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.FAILED])
def test_money_that_razorpay_has_given_back_confirms_nothing(appointment: AppointmentStatus) -> None:
    assert verdict(replace(WAITING, appointment=appointment, returned_in_full=True)) is Verdict.RETURNED


PAID = [s for s in PaymentStatus if s in HAS_MONEY]


@pytest.mark.parametrize("status", PAID)
def test_a_second_capture_goes_back(status: PaymentStatus) -> None:
    paid = replace(WAITING, appointment=AppointmentStatus.CONFIRMED, payment=status, kept_payment_id="pay_0")
    assert verdict(paid) is Verdict.REFUND_EXTRA


@pytest.mark.parametrize("status", PAID)
@pytest.mark.parametrize(
    ("marked", "exact", "found"),
    [
        ("pay_1", True, Verdict.ADOPT),
        ("pay_1", False, Verdict.DECIDE),
        ("pay_2", True, Verdict.DECIDE),
        ("", True, Verdict.DECIDE),
        ("", False, Verdict.DECIDE),
    ],
)
def test_a_capture_of_a_bill_that_the_desk_marked_is_that_payment_or_a_persons_to_judge(
    status: PaymentStatus, marked: str, exact: bool, found: Verdict
) -> None:
    """In every state that has money: also after the visit was cancelled, or its money given back by hand."""
    paid = replace(WAITING, appointment=AppointmentStatus.CONFIRMED, payment=status, exact=exact)
    assert verdict(replace(paid, marked_payment_id=marked)) is found


def test_a_capture_of_another_amount_goes_back() -> None:
    assert verdict(replace(WAITING, exact=False)) is Verdict.REFUND_MISMATCH


@pytest.mark.parametrize("exact", [True, False])
def test_an_authorisation_of_the_exact_amount_is_waited_for(exact: bool) -> None:
    found = verdict(replace(WAITING, attempt_after=AUTHORIZED, exact=exact))
    assert found is (Verdict.AUTHORIZE if exact else Verdict.IGNORE)


def test_a_failed_attempt_fails_the_waiting_booking() -> None:
    assert verdict(replace(WAITING, attempt_after=FAILED)) is Verdict.FAIL


@pytest.mark.parametrize(
    "changed",
    [
        {
            "appointment": AppointmentStatus.CONFIRMED,
            "payment": PaymentStatus.CAPTURED,
            "kept_payment_id": "pay_0",
        },
        {"appointment": AppointmentStatus.FAILED, "payment": PaymentStatus.FAILED},
        {"payment": PaymentStatus.AUTHORIZED},  # another attempt may still be captured
        {"stale": True},  # it belongs to the hold before this one
    ],
)
def test_a_failed_attempt_changes_nothing_else(changed: dict[str, object]) -> None:
    assert verdict(replace(WAITING, attempt_after=FAILED, **changed)) is Verdict.IGNORE  # type: ignore[arg-type]


@pytest.mark.parametrize("before", [None, CREATED, FAILED, AUTHORIZED, CAPTURED])
def test_money_that_went_back_before_we_heard_of_it_is_nothing_to_keep(before: AttemptStatus | None) -> None:
    assert verdict(replace(WAITING, attempt_before=before, attempt_after=REFUNDED)) is Verdict.IGNORE


@pytest.mark.parametrize(("kept", "found"), [("", Verdict.LAPSE), ("pay_0", Verdict.IGNORE)])
def test_a_banks_promise_that_went_back_uncaptured_ends_the_wait(kept: str, found: Verdict) -> None:
    promised = replace(WAITING, attempt_before=AUTHORIZED, attempt_after=REFUNDED, kept_payment_id=kept)
    assert verdict(replace(promised, payment=PaymentStatus.AUTHORIZED)) is found


@given(
    st.builds(
        Situation,
        attempt_before=st.none() | statuses,
        attempt_after=statuses,
        exact=st.booleans(),
        kept_payment_id=st.sampled_from(["", "pay_1", "pay_2"]),
        payment_id=st.just("pay_1"),
        marked_payment_id=st.sampled_from(["", "pay_1", "pay_2"]),
        hold_over=st.booleans(),
        given_up=st.booleans(),
        cancellable_in_full=st.booleans(),
        returned_in_full=st.booleans(),
        appointment=st.sampled_from(AppointmentStatus),
        payment=st.sampled_from(PaymentStatus),
        slot_free_or_ours=st.booleans(),
        visit_ahead=st.booleans(),
        stale=st.booleans(),
    )
)
def test_nothing_confirms_but_an_exact_capture_ahead_of_an_unpaid_visit_with_its_slot(s: Situation) -> None:
    found = verdict(s)
    if found is Verdict.CONFIRM:
        assert (s.attempt_after, s.exact, s.slot_free_or_ours, s.visit_ahead) == (CAPTURED, True, True, True)
        assert AppointmentStatus.CONFIRMED in MOVES[s.appointment]
        assert s.attempt_before is not CAPTURED
        assert not s.returned_in_full
        lasts = s.appointment is AppointmentStatus.PENDING_PAYMENT and not s.hold_over
        assert lasts or (s.cancellable_in_full and not s.given_up)
    if s.marked_payment_id and not s.kept_payment_id and s.payment in HAS_MONEY:
        assert found not in (Verdict.REFUND_EXTRA, Verdict.REFUND_MISMATCH, Verdict.REFUND)
    if found is Verdict.FAIL:
        assert AppointmentStatus.FAILED in MOVES[s.appointment]
        assert PaymentStatus.FAILED in PAYMENT_MOVES[s.payment]


# ── The tables ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_payment_table_has_exactly_the_moves_of_the_contract() -> None:
    moves = {f"{a}>{b}" for a, b in product(PaymentStatus, PaymentStatus) if b in PAYMENT_MOVES[a]}
    assert moves == {
        "pending>authorized", "pending>captured", "pending>failed",
        "authorized>captured", "authorized>failed",
        "failed>pending", "failed>authorized", "failed>captured",
        "captured>refund_pending",
        "refund_pending>partially_refunded", "refund_pending>refunded", "refund_pending>captured",
        "partially_refunded>refund_pending",
    }  # fmt: skip


def test_the_refund_table_has_exactly_the_moves_of_the_contract() -> None:
    moves = {f"{a}>{b}" for a, b in product(RefundStatus, RefundStatus) if b in REFUND_MOVES[a]}
    assert moves == {"pending>processed", "pending>failed", "failed>pending", "failed>processed"}
