"""Payments of another amount than the fee: a case each, and one more when they keep coming."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from booking_ui.domain.payment import AttemptStatus, PaymentFact, Source, Verdict
from booking_ui.services.booking import claim
from booking_ui.services.cases import other_amounts, reconciliation_cases
from booking_ui.services.cases.other_amounts import IN_A_ROW
from booking_ui.services.payments import apply, orders
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import SOON, bill_of, opened
from tests.support.sandbox_control import ask, capture_now, pay

EVERY = "Payments keep coming with another amount than the fee"


def paid(cast: Cast, slot: int, paise: int, number: int) -> Verdict | None:
    """A payment of this amount for the patient's booking of this slot."""
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[slot], now=NOW)
    order = orders.open_order(patient_id=cast.asha, appointment_id=held.id, now=NOW).gateway_order_id
    fact = PaymentFact(f"pay_{number}", order, AttemptStatus.CAPTURED, paise, "INR")
    return apply.apply(fact=fact, source=Source.WEBHOOK, now=SOON)


def titles() -> list[str]:
    return [case.title for case in reconciliation_cases.open_cases()]


def test_each_is_a_case_and_the_third_in_a_row_names_the_accounts_setting(cast: Cast, sandbox: str) -> None:
    del sandbox
    for number in range(IN_A_ROW):
        assert EVERY not in titles()
        assert paid(cast, 0, FEE + 2124, number) is Verdict.REFUND_MISMATCH
    assert titles().count("A payment of another amount than the fee went back") == IN_A_ROW
    (alarm,) = [case for case in reconciliation_cases.open_cases() if case.title == EVERY]
    assert "Fee bearer" in alarm.remedy
    paid(cast, 0, FEE + 2124, IN_A_ROW)
    assert titles().count(EVERY) == 1


def test_a_right_amount_between_them_is_no_setting(cast: Cast, sandbox: str) -> None:
    del sandbox
    for number, paise in enumerate((FEE + 2124, FEE + 2124)):
        paid(cast, 0, paise, number)
    assert paid(cast, 1, FEE, 7) is Verdict.CONFIRM
    paid(cast, 0, FEE + 2124, 8)
    assert EVERY not in titles()


def test_the_time_can_be_paid_for_again_with_a_new_order(cast: Cast, sandbox: str) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)

    def offered() -> str:
        return orders.open_order(patient_id=cast.asha, appointment_id=held.id, now=NOW).gateway_order_id

    first = offered()
    pay(sandbox, first, "amount_mismatch", amount=FEE + 2124)
    capture_now(sandbox)
    orders.ask(order_id=first, now=SOON)
    second = offered()
    assert [ask(sandbox, f"orders/{one}")["status"] for one in (first, second)] == ["paid", "created"]
    pay(sandbox, second)
    capture_now(sandbox)
    assert orders.check(patient_id=cast.asha, appointment_id=held.id, now=SOON).phase == "confirmed"


def test_a_late_word_about_the_old_order_still_finds_its_booking(cast: Cast, sandbox: str) -> None:
    del sandbox
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    old = orders.open_order(patient_id=cast.asha, appointment_id=held.id, now=NOW).gateway_order_id
    paid(cast, 0, FEE - 100, 1)
    assert bill_of(held.id).gateway_order_id is None
    assert paid(cast, 0, FEE, 2) is Verdict.CONFIRM
    fact = PaymentFact("pay_3", old, AttemptStatus.CAPTURED, FEE, "INR")
    assert apply.apply(fact=fact, source=Source.WEBHOOK, now=SOON) is Verdict.REFUND_EXTRA


def fact_of(order: str, number: int, paise: int, *, customer: bool = False) -> PaymentFact:
    """A captured payment that Razorpay made so many minutes after NOW."""
    return PaymentFact(
        f"pay_{number}",
        order,
        AttemptStatus.CAPTURED,
        paise,
        "INR",
        created_at=NOW + timedelta(minutes=number),
        customer_bears_fee=customer,
    )


def test_the_newest_captured_payment_of_ours_decides_about_the_account(cast: Cast, sandbox: str) -> None:
    del sandbox
    _, order = opened(cast, cast.asha)
    more, right = fact_of(order, 1, FEE + 2124), fact_of(order, 2, FEE)
    failed = replace(more, payment_id="pay_9", status=AttemptStatus.FAILED, created_at=SOON)
    assert other_amounts.doubt([], now=NOW) == ""
    assert other_amounts.doubt([failed, right, more], now=NOW) == ""
    assert other_amounts.doubt([replace(more, order_id="order_of_another_shop")], now=NOW) == ""
    assert titles() == []
    told = other_amounts.doubt([failed, more], now=NOW)
    assert told.startswith("The newest payment at Razorpay, pay_1: ₹521.24 instead of ₹500. In Razorpay's")
    assert titles() == [EVERY]


def test_a_customer_who_bears_the_fee_is_a_doubt_whatever_was_paid(cast: Cast, sandbox: str) -> None:
    del sandbox
    _, order = opened(cast, cast.asha)
    told = other_amounts.doubt([fact_of(order, 1, FEE, customer=True)], now=NOW)
    assert "pay_1: its customer bears Razorpay's fee." in told
    assert titles() == [EVERY]
