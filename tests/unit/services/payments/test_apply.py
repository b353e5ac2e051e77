"""Facts from Razorpay, in every order, applied to a real booking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlmodel import func, select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, AuditEntry, Doctor, Notification, Payment
from booking_ui.db.session import read, write
from booking_ui.domain.causes import Cause
from booking_ui.domain.errors import GatewayUnavailable, WrongState
from booking_ui.domain.gateway_news import Listing
from booking_ui.domain.payment import RefundFact, RefundStatus, Source, Verdict
from booking_ui.languages import speaking
from booking_ui.services.booking import claim, hold_expiry
from booking_ui.services.payments import apply, orders
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast
from tests.support.facts import LATE, ORDER, SOON, fact, held, mails, pay_id, refunds, seen
from tests.support.razorpay_account import Account, account

razorpay = account


def test_captured_money_confirms_the_held_booking(cast: Cast) -> None:
    view = held(cast, cast.asha)
    assert apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=SOON) is Verdict.CONFIRM
    now = seen(cast.asha, view)
    assert (now.phase, now.payment_status, now.gateway_payment_id, now.method_label) == (
        "confirmed",
        "captured",
        pay_id(1),
        "UPI",
    )
    assert (now.can_cancel, now.cancel_quote) == (
        True,
        "You'll get ₹500 back, the full fee. Until Tue 6 Jan, 6:00 am you can cancel here; after that, only by phone.",
    )
    assert mails() == ["confirmed"]


@pytest.mark.parametrize("order", list(permutations(("authorized", "captured", "failed"))))
def test_any_order_of_the_same_attempts_messages_ends_confirmed_once(
    cast: Cast, order: tuple[str, ...]
) -> None:
    view = held(cast, cast.asha)
    for status in (*order, *order):
        apply.apply(fact=fact(ORDER, status), source=Source.WEBHOOK, now=SOON)
    now = seen(cast.asha, view)
    assert (now.status, now.payment_status, refunds()) == ("confirmed", "captured", [])
    assert mails().count("confirmed") == 1


def test_a_failed_payment_fails_the_booking_and_frees_the_slot(cast: Cast) -> None:
    view = held(cast, cast.asha)
    assert apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=SOON) is Verdict.FAIL
    assert (seen(cast.asha, view).phase, seen(cast.asha, view).can_try_again) == ("failed", True)
    assert claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=SOON).phase == "holding"


@pytest.mark.usefixtures("grace")
def test_who_claims_after_anothers_grace_ends_it_as_the_sweep_does(cast: Cast) -> None:
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=SOON)
    over = SOON + timedelta(seconds=61)
    assert claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=over).phase == "holding"
    assert (seen(cast.asha, view, over).phase, mails()) == ("failed", ["payment_failed"])


def test_a_hold_that_was_taken_again_forgets_the_failure_before_it(cast: Cast) -> None:
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=SOON)
    claim.try_again(patient_id=cast.asha, appointment_id=view.id, now=SOON)
    over = SOON + timedelta(minutes=16)
    assert hold_expiry.expire_due(now=over) == 1
    assert (seen(cast.asha, view, over).phase, mails()) == ("expired", ["payment_failed"])


def test_who_takes_her_time_again_keeps_booking_and_order_and_an_old_payment_finds_them(cast: Cast) -> None:
    """UPI: the first try fails, she picks the same time again, then the first try succeeds after all."""
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=SOON)
    again = claim.claim(
        patient_id=cast.asha, slot_id=cast.slots[0], now=SOON + timedelta(minutes=1), reason="cough"
    )
    assert (again.id, again.reference, again.gateway_order_id) == (view.id, view.reference, ORDER)
    assert (again.phase, again.payment_status, again.hold_seconds_left) == ("holding", "pending", 900)
    assert again.reason == "cough"
    late = SOON + timedelta(minutes=2)
    assert apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=late) is Verdict.CONFIRM
    assert (seen(cast.asha, view, late).phase, refunds()) == ("confirmed", [])


def test_a_time_whose_money_went_back_or_whose_fee_changed_is_booked_anew(cast: Cast) -> None:
    view = held(cast, cast.asha)
    with write() as tx:
        tx.exec(update(Doctor).values(fee_paise=FEE + 100))
    other_fee = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=LATE)
    assert (other_fee.id != view.id, other_fee.fee_paise) == (True, FEE + 100)
    assert apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=LATE) is Verdict.REFUND
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=other_fee.id, now=LATE)
    with write() as tx:
        tx.exec(update(Doctor).values(fee_paise=FEE))
    anew = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=LATE)
    assert anew.id not in (view.id, other_fee.id)


def test_a_hold_is_not_renewed_at_a_fee_that_is_over(cast: Cast) -> None:
    view = held(cast, cast.asha)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=SOON)
    with write() as tx:
        tx.exec(update(Doctor).values(fee_paise=FEE + 100))
    with pytest.raises(WrongState, match="The fee is ₹501 now"):
        claim.try_again(patient_id=cast.asha, appointment_id=view.id, now=SOON)
    assert claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=SOON).fee_paise == FEE + 100


def test_a_stale_failure_does_not_fail_a_booking_that_was_tried_again(cast: Cast) -> None:
    view = held(cast, cast.asha)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=SOON)
    claim.try_again(patient_id=cast.asha, appointment_id=view.id, now=LATE)
    old = fact(ORDER, "failed", created_at=NOW)
    assert apply.apply(fact=old, source=Source.WEBHOOK, now=LATE) is Verdict.IGNORE
    assert seen(cast.asha, view, LATE).phase == "holding"


def test_a_fact_about_an_unknown_order_changes_nothing(cast: Cast) -> None:
    view = held(cast, cast.asha)
    assert apply.apply(fact=fact("order_00000000000009", "captured"), source=Source.WEBHOOK, now=SOON) is None
    assert apply.apply(fact=fact("", "captured"), source=Source.WEBHOOK, now=SOON) is None
    assert seen(cast.asha, view).phase == "holding"


# ── Effects ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("grace")
def test_with_a_grace_a_failed_payment_keeps_the_slot_a_little_longer(cast: Cast) -> None:
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=SOON)
    assert (seen(cast.asha, view).phase, seen(cast.asha, view).hold_seconds_left) == ("holding", 60)
    apply.apply(fact=fact(ORDER, "captured", n=2), source=Source.WEBHOOK, now=SOON)
    assert seen(cast.asha, view).phase == "confirmed"


@pytest.mark.usefixtures("grace")
def test_a_grace_that_runs_out_ends_as_the_failure_does_without_one(cast: Cast) -> None:
    view = held(cast, cast.asha)
    for n in (1, 2):
        apply.apply(
            fact=fact(ORDER, "failed", n=n, error_description="Card declined", error_reason="card_declined"),
            source=Source.WEBHOOK,
            now=SOON,
        )
    assert mails() == []
    over = SOON + timedelta(seconds=61)
    assert (hold_expiry.expire_due(now=over), hold_expiry.expire_due(now=over)) == (1, 0)
    now = seen(cast.asha, view, over)
    assert (now.status, now.phase, now.can_try_again) == ("failed", "failed", True)
    assert "Card declined" in now.sentence
    with speaking("hi"):
        assert seen(cast.asha, view, over).sentence.startswith("आपके बैंक ने पेमेंट मंज़ूर नहीं किया। ")
    with read() as tx:
        assert tx.exec(select(Notification.key)).all() == [f"{view.id}:payment_failed:{pay_id(2)}"]


def test_late_money_takes_its_slot_again_when_it_is_free(cast: Cast) -> None:
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=SOON)
    assert apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=LATE) is Verdict.CONFIRM
    assert (seen(cast.asha, view, LATE).phase, refunds()) == ("confirmed", [])


def test_late_money_for_a_resold_slot_goes_back_and_the_other_patient_is_untouched(cast: Cast) -> None:
    hers = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=SOON)
    his = held(cast, cast.bilal, order="order_00000000000002")
    apply.apply(fact=fact("order_00000000000002", "captured", n=2), source=Source.WEBHOOK, now=SOON)
    assert apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=LATE) is Verdict.REFUND
    assert (seen(cast.asha, hers, LATE).phase, seen(cast.asha, hers, LATE).payment_status) == (
        "refund_due",
        "refund_pending",
    )
    assert seen(cast.bilal, his, LATE).phase == "confirmed"
    assert refunds() == [(pay_id(1), FEE, "paid too late")]
    assert mails() == ["confirmed", "payment_failed", "slot_lost"]


def test_late_money_gives_way_to_a_live_hold_of_somebody_else_but_not_to_an_expired_one(cast: Cast) -> None:
    hers = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=SOON)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=SOON)
    after_his_hold = SOON + timedelta(minutes=15)
    assert (
        apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=after_his_hold)
        is Verdict.CONFIRM
    )
    assert seen(cast.asha, hers, after_his_hold).phase == "confirmed"


def test_late_money_for_a_time_that_the_patient_let_go_goes_back(cast: Cast) -> None:
    view = held(cast, cast.asha)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=SOON)
    assert apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=LATE) is Verdict.REFUND
    assert seen(cast.asha, view, LATE).status == "failed"
    assert refunds() == [(pay_id(1), FEE, "paid too late")]


def test_late_money_books_only_while_the_visit_could_be_cancelled_without_loss(cast: Cast) -> None:
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=SOON)
    near = FIRST_SLOT - timedelta(hours=4) + timedelta(seconds=1)  # the policy of these tests is 4:100
    assert apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=near) is Verdict.REFUND
    assert (seen(cast.asha, view, near).status, mails()) == ("failed", ["payment_failed", "slot_lost"])


@pytest.mark.parametrize("swept", [True, False])
@pytest.mark.parametrize(
    ("before_the_visit", "found"),
    [
        (timedelta(hours=4, seconds=1), Verdict.CONFIRM),
        (timedelta(hours=4) - timedelta(seconds=1), Verdict.REFUND),
        (timedelta(minutes=2), Verdict.REFUND),
    ],
)
def test_late_money_meets_one_rule_whether_or_not_the_hold_was_swept(
    cast: Cast, swept: bool, before_the_visit: timedelta, found: Verdict
) -> None:
    view = held(cast, cast.asha)
    then = FIRST_SLOT - before_the_visit
    if swept:
        assert hold_expiry.expire_due(now=LATE) == 1
    captured = fact(ORDER, "captured", created_at=then)
    assert apply.preview(fact=captured, now=then) is found
    assert apply.apply(fact=captured, source=Source.WEBHOOK, now=then) is found
    now = seen(cast.asha, view, then)
    with read() as tx:
        visit = tx.get_one(Appointment, view.id)
        assert invariants.total(invariants.count(now=then)) == 0
    if found is Verdict.CONFIRM:
        assert (now.status, visit.status_cause, now.can_cancel, refunds()) == (
            "confirmed",
            Cause.PAID_LATE,
            True,
            [],
        )
    else:
        assert (now.status, now.phase, mails()) == ("failed", "refund_due", ["slot_lost"])
        assert refunds() == [(pay_id(1), FEE, "paid too late")]


@pytest.mark.usefixtures("grace")
def test_money_after_an_unswept_grace_is_late_and_within_it_is_not(cast: Cast) -> None:
    view = held(cast, cast.asha)
    near = FIRST_SLOT - timedelta(minutes=30)
    with write() as tx:
        tx.exec(update(Appointment).values(held_at=near, hold_expires_at=FIRST_SLOT))
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=near)
    captured = fact(ORDER, "captured")
    assert apply.preview(fact=captured, now=near + timedelta(seconds=59)) is Verdict.CONFIRM
    over = near + timedelta(seconds=60)  # at the instant itself the hold is over
    assert apply.apply(fact=captured, source=Source.WEBHOOK, now=over) is Verdict.REFUND
    assert seen(cast.asha, view, over).status == "failed"


def _payment_failed(_cast: Cast) -> None:
    apply.apply(fact=fact(ORDER, "failed"), source=Source.WEBHOOK, now=SOON)


def _ran_out(_cast: Cast) -> None:
    assert hold_expiry.expire_due(now=LATE) == 1


def _ran_out_unswept(_cast: Cast) -> None:
    """Nothing has been done since the hold's end."""


def _authorized_and_ran_out(cast: Cast) -> None:
    apply.apply(fact=fact(ORDER, "authorized"), source=Source.WEBHOOK, now=SOON)
    _ran_out(cast)


@pytest.mark.parametrize(
    "ended",
    [_payment_failed, _ran_out, _ran_out_unswept, _authorized_and_ran_out],
    ids=lambda one: one.__name__,
)
def test_late_money_for_a_failed_booking_that_the_patient_let_go_goes_back(
    cast: Cast, ended: Callable[[Cast], None]
) -> None:
    """UPI says failed, the patient lets the time go, and UPI succeeds after all."""
    view = held(cast, cast.asha)
    ended(cast)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=LATE)
    later = LATE + timedelta(minutes=1)
    assert apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=later) is Verdict.REFUND
    assert (seen(cast.asha, view, later).status, refunds()) == ("failed", [(pay_id(1), FEE, "paid too late")])
    assert invariants.total(invariants.count(now=later)) == 0


def test_money_confirms_a_booking_that_was_let_go_after_its_failure_and_held_again(cast: Cast) -> None:
    view = held(cast, cast.asha)
    _payment_failed(cast)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=SOON)
    again = claim.try_again(patient_id=cast.asha, appointment_id=view.id, now=LATE)
    assert (again.id, again.phase, again.gateway_order_id) == (view.id, "holding", ORDER)
    assert apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=LATE) is Verdict.CONFIRM
    assert (seen(cast.asha, view, LATE).phase, refunds()) == ("confirmed", [])


def test_the_policy_of_the_hold_counts_and_not_a_later_setting(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=SOON)
    configured.setenv("CANCELLATION_POLICY", "48:10")
    settings.cache_clear()
    quote = seen(cast.asha, view, SOON).cancel_quote
    assert "₹500 back, the full fee" in quote


def test_money_that_razorpay_gave_back_before_we_knew_confirms_nothing_and_tells_nobody_so(
    cast: Cast,
) -> None:
    view = held(cast, cast.asha)
    halves = [RefundFact(f"rfnd_{n}", pay_id(1), RefundStatus.PROCESSED, FEE // 2) for n in (1, 2)]
    assert apply.apply(fact=RETURNED, refunds=halves, source=Source.WEBHOOK, now=SOON) is Verdict.RETURNED
    found = seen(cast.asha, view, SOON)
    assert (found.status, found.payment_status, mails()) == ("failed", "refunded", ["refunded", "refunded"])
    assert found.sentence == (
        "Your payment for Tue 6 Jan, 10:00 am was given back before it could confirm the visit. "
        "All of it was given back."
    )


RETURNED = replace(fact(ORDER, "refunded"), was_captured=True, amount_refunded_paise=FEE)
BACK = RefundFact("rfnd_1", pay_id(1), RefundStatus.PROCESSED, FEE)


@pytest.mark.parametrize("part", [(), (replace(BACK, amount_paise=FEE // 2),)])
def test_the_refunds_of_money_that_went_back_are_asked_for_unless_they_are_at_hand(
    cast: Cast, razorpay: Account, part: tuple[RefundFact, ...]
) -> None:
    view = held(cast, cast.asha)
    razorpay.refunds = [BACK]
    assert apply.apply(fact=RETURNED, refunds=part, source=Source.WEBHOOK, now=SOON) is Verdict.RETURNED
    assert (seen(cast.asha, view, SOON).payment_status, mails()) == ("refunded", ["refunded"])


@pytest.mark.parametrize("listed", [None, [], [replace(BACK, status=RefundStatus.FAILED)]])
def test_money_that_went_back_is_not_counted_before_its_refunds_are_listed(
    cast: Cast, razorpay: Account, listed: list[RefundFact] | None
) -> None:
    view = held(cast, cast.asha)
    razorpay.blind, razorpay.refunds = (None if listed is not None else GatewayUnavailable()), listed or []
    with pytest.raises(GatewayUnavailable):
        apply.apply(fact=RETURNED, source=Source.WEBHOOK, now=SOON)
    assert orders.learn(Listing([RETURNED], []), about=ORDER, now=SOON) is False
    assert (seen(cast.asha, view, SOON).phase, mails(), refunds()) == ("holding", [], [])
    assert invariants.total(invariants.count(now=SOON)) == 0
    razorpay.blind, razorpay.refunds = None, [BACK]
    assert orders.learn(Listing([RETURNED], []), about=ORDER, now=SOON) is True
    assert seen(cast.asha, view, SOON).payment_status == "refunded"


def test_a_capture_counts_from_razorpays_instant_and_ours_stands_beside_it(cast: Cast) -> None:
    held(cast, cast.asha)
    made = NOW + timedelta(seconds=40)
    apply.apply(fact=fact(ORDER, "captured", created_at=made), source=Source.QUESTION, now=LATE)
    with read() as tx:
        assert tx.exec(select(Payment.captured_at, Payment.recorded_at)).one() == (made, LATE)


def test_money_that_arrives_after_the_visit_began_goes_back(cast: Cast) -> None:
    view = held(cast, cast.asha)
    assert apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=FIRST_SLOT) is Verdict.REFUND
    assert (seen(cast.asha, view, FIRST_SLOT).status, refunds()) == (
        "failed",
        [(pay_id(1), FEE, "paid too late")],
    )


def test_a_second_capture_for_a_paid_booking_is_refunded_and_raises_an_alarm(cast: Cast) -> None:
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "captured"), source=Source.WEBHOOK, now=SOON)
    assert (
        apply.apply(fact=fact(ORDER, "captured", n=2), source=Source.WEBHOOK, now=SOON)
        is Verdict.REFUND_EXTRA
    )
    assert (seen(cast.asha, view).phase, seen(cast.asha, view).payment_status) == ("confirmed", "captured")
    assert refunds() == [(pay_id(2), FEE, "paid twice")]
    with read() as tx:
        assert tx.exec(select(func.count()).where(AuditEntry.action == "alarm")).one() == 1


@pytest.mark.parametrize(("amount", "currency"), [(FEE - 1, "INR"), (FEE + 1, "INR"), (FEE, "USD")])
def test_the_wrong_amount_or_currency_confirms_nothing_and_goes_back(
    cast: Cast, amount: int, currency: str
) -> None:
    view = held(cast, cast.asha)
    wrong = fact(ORDER, "captured", amount=amount, currency=currency)
    assert apply.apply(fact=wrong, source=Source.WEBHOOK, now=SOON) is Verdict.REFUND_MISMATCH
    assert (seen(cast.asha, view).phase, refunds()) == (
        "holding",
        [(pay_id(1), amount, "amount or currency differs")],
    )


def test_an_authorized_payment_shows_checking_and_survives_the_end_of_the_hold(cast: Cast) -> None:
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "authorized"), source=Source.RETURN, now=SOON)
    assert seen(cast.asha, view).phase == "checking"
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=LATE)
    assert seen(cast.asha, view, LATE).phase == "checking"
    apply.apply(fact=fact(ORDER, "refunded"), source=Source.QUESTION, now=LATE)
    assert seen(cast.asha, view, LATE).phase == "expired"


def test_a_bank_that_lets_go_before_the_hold_ends_fails_the_booking_and_its_patient_is_told_once(
    cast: Cast,
) -> None:
    view = held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "authorized"), source=Source.RETURN, now=SOON)
    assert mails() == []
    for found in (Verdict.LAPSE, Verdict.IGNORE):
        assert apply.apply(fact=fact(ORDER, "refunded"), source=Source.QUESTION, now=SOON) is found
    assert (seen(cast.asha, view).phase, mails()) == ("failed", ["payment_failed"])


def test_a_bank_that_lets_go_after_the_hold_ended_brings_no_second_message(cast: Cast) -> None:
    held(cast, cast.asha)
    apply.apply(fact=fact(ORDER, "authorized"), source=Source.RETURN, now=SOON)
    hold_expiry.expire_due(now=LATE)
    assert apply.apply(fact=fact(ORDER, "refunded"), source=Source.QUESTION, now=LATE) is Verdict.LAPSE
    assert mails() == []
