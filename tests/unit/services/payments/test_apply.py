"""Facts from Razorpay, in every order, applied to a real booking."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from sqlmodel import update

from booking_ui.db.models import Doctor
from booking_ui.db.session import write
from booking_ui.domain.payment import Source, Verdict
from booking_ui.services.booking import claim, hold_expiry
from booking_ui.services.payments import apply
from tests.support.cast import FEE, NOW, Cast
from tests.support.facts import LATE, ORDER, SOON, fact, held, mails, pay_id, refunds, seen


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
