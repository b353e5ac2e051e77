"""The sentences about money that goes back: each says what is true of the refunds, and no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from booking_ui.config.settings import settings
from booking_ui.db import queues
from booking_ui.db.models import Payment, Refund
from booking_ui.domain.payment import PaymentStatus, RefundOrigin, RefundStatus
from booking_ui.services.visits import refund_text
from tests.support.cast import FEE, NOW

HALF = FEE // 2
BILL = Payment(
    appointment_id=1,
    status=PaymentStatus.REFUND_PENDING,
    amount_paise=FEE,
    currency="INR",
    created_at=NOW,
    updated_at=NOW,
)


def refund(status: RefundStatus, paise: int = FEE, **more: Any) -> Refund:
    """A refund through Razorpay: due at once, or with the id that Razorpay gave it."""
    pending = status is RefundStatus.PENDING
    more = {
        "next_attempt_at": NOW if pending else None,
        "gateway_refund_id": None if pending else "rfnd_00000000000001",
        "gateway_payment_id": "pay_00000000000001",
        **more,
    }
    return Refund(
        payment_id=1,
        status=status,
        amount_paise=paise,
        origin=RefundOrigin.DESK,
        reason="cancelled",
        idempotency_key="refund-1",
        created_at=NOW,
        updated_at=NOW,
        **more,
    )


@pytest.fixture(autouse=True)
def _the_clinics_number(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("SUPPORT_PHONE", "+91 80 1234 5678")
    settings.cache_clear()


OWED = (
    "has not gone back yet. The clinic knows and will send it again; nothing for you to do. "
    "Questions? Call +91 80 1234 5678."
)


def test_without_a_refund_nothing_is_said() -> None:
    assert refund_text.label(BILL, []) == ""


def test_a_refund_is_on_its_way_until_all_of_it_was_sent() -> None:
    waits, sent = refund(RefundStatus.PENDING, HALF), refund(RefundStatus.PROCESSED, HALF)
    assert refund_text.label(BILL, [waits]) == "₹250 of ₹500 is on its way back to where you paid from."
    assert refund_text.label(BILL, [waits, sent]) == "₹500 is on its way back to where you paid from."
    assert refund_text.label(BILL, [sent, sent]) == (
        "₹500 was sent back to where you paid from. It takes 5 to 7 working days, UPI usually sooner."
    )


def test_a_refund_that_razorpay_has_not_taken_takes_longer() -> None:
    asked = refund(RefundStatus.PENDING, next_attempt_at=NOW + timedelta(minutes=3))
    assert refund_text.label(BILL, [asked]) == (
        "We are sending ₹500 back to where you paid from. It takes longer than usual; you need not do anything."
    )
    taken = refund(
        RefundStatus.PENDING,
        next_attempt_at=NOW + timedelta(hours=1),
        gateway_refund_id="rfnd_00000000000001",
    )
    assert refund_text.label(BILL, [taken]) == "₹500 is on its way back to where you paid from."


@pytest.mark.parametrize("next_attempt_at", [NOW, NOW + queues.REFUNDS.lease + timedelta(seconds=5)])
def test_a_refund_that_is_tried_for_the_first_time_takes_no_longer(
    next_attempt_at: datetime,
) -> None:
    waits = refund(RefundStatus.PENDING, next_attempt_at=next_attempt_at)
    assert refund_text.label(BILL, [waits]) == "₹500 is on its way back to where you paid from."


def by_hand(status: RefundStatus, paise: int = FEE) -> Refund:
    """A refund of money that was paid at the desk."""
    return refund(status, paise, gateway_payment_id="", gateway_refund_id=None, next_attempt_at=None)


def test_what_the_clinic_gives_back_itself_is_not_promised_by_a_bank() -> None:
    due, given = by_hand(RefundStatus.PENDING), by_hand(RefundStatus.PROCESSED)
    for said in (refund_text.label, refund_text.promise):
        assert said(BILL, [due]) == "The clinic gives you ₹500 back by hand."
        assert said(BILL, [given]) == "The clinic gave you ₹500 back by hand."
    half = [refund(RefundStatus.PENDING, HALF), by_hand(RefundStatus.PROCESSED, HALF)]
    assert refund_text.promise(BILL, half) == (
        "₹250 of ₹500 goes back to where it was paid from. The clinic gave you ₹250 of ₹500 back by hand."
    )


def test_a_mail_says_of_a_refund_that_failed_that_the_clinic_still_owes_it() -> None:
    assert refund_text.promise(BILL, []) == ""
    assert refund_text.promise(BILL, [refund(RefundStatus.FAILED)]) == f"₹500 {OWED}"


def test_a_refund_that_failed_is_stuck_until_another_stands_in_for_it() -> None:
    failed = refund(RefundStatus.FAILED)
    assert refund_text.label(BILL, [failed]) == f"₹500 {OWED}"
    replaced = refund(RefundStatus.FAILED, replaced_by_id=2)
    assert refund_text.label(BILL, [replaced]) == ""
    assert refund_text.label(BILL, [replaced, refund(RefundStatus.PENDING)]) == (
        "₹500 is on its way back to where you paid from."
    )


def test_what_goes_back_and_what_is_stuck_are_told_beside_each_other() -> None:
    both = [refund(RefundStatus.PENDING, HALF), refund(RefundStatus.FAILED, HALF)]
    assert refund_text.label(BILL, both) == (
        f"₹250 of ₹500 is on its way back to where you paid from. ₹250 {OWED}"
    )


def test_only_failed_refunds_that_nothing_replaced_are_owed() -> None:
    refunds = [
        refund(RefundStatus.FAILED, 100),
        refund(RefundStatus.FAILED, 200),
        refund(RefundStatus.FAILED, 400, replaced_by_id=2),
        refund(RefundStatus.PENDING, 800),
        refund(RefundStatus.PROCESSED, 1600),
    ]
    assert refund_text.owed_paise(refunds) == 300
    assert refund_text.owed(300) == f"₹3 {OWED}"
