"""The desk marked a booking as paid, and Razorpay captured a payment of it: an admin says whose money that is."""

from __future__ import annotations

import pytest
from sqlmodel import select, update

from booking_ui.db.models import Payment, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain.dispute import DisputeFact, DisputeStatus
from booking_ui.domain.errors import BadInput, NotFound, WrongState
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus, Source, Verdict
from booking_ui.services.booking import cancel, claim
from booking_ui.services.cases import attention, reconciliation_cases
from booking_ui.services.desk import cancel as desk_cancel
from booking_ui.services.desk import mark_payment, marked_and_paid
from booking_ui.services.payments import apply, disputes
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import SOON, bill_of
from tests.support.razorpay_account import Account, account

ORDER = "order_00000000000001"
razorpay = account


@pytest.fixture
def visit(cast: Cast, dead_gateway: str) -> int:
    """A visit that the desk marked as paid in cash, and of which one payment is captured; the appointment's id."""
    del dead_gateway
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER, opened_at=NOW))
    mark_payment.mark(
        admin=cast.devi, payment_id=pk(bill_of(view.id)), status="captured", reason="in cash", now=SOON
    )
    assert captured("pay_1") is Verdict.DECIDE
    return view.id


def captured(payment_id: str) -> Verdict | None:
    fact = PaymentFact(payment_id, ORDER, AttemptStatus.CAPTURED, FEE, "INR", method="upi")
    return apply.apply(fact=fact, source=Source.WEBHOOK, now=SOON)


def decide(cast: Cast, decision: marked_and_paid.Decision, subject: str = "pay_1") -> None:
    (case,) = [one for one in reconciliation_cases.open_cases() if one.subject == subject]
    marked_and_paid.decide(
        admin=cast.devi, case_id=case.id, decision=decision, note="asked the patient", now=SOON
    )


def refunds() -> list[tuple[str, int]]:
    with read() as tx:
        return [(one.gateway_payment_id, one.amount_paise) for one in tx.exec(select(Refund)).all()]


def broken() -> list[str]:
    return [f"{one.subject}: {one.fault}" for count in invariants.count(now=SOON) for one in count.violations]


def needs() -> list[int]:
    with read() as tx:
        return [int(worst) for (worst,) in tx.execute(select(attention.most_urgent(SOON).c.worst)).all()]


def test_until_it_is_decided_the_money_is_counted_once_and_the_desk_sees_it(visit: int) -> None:
    assert bill_of(visit).captured_paise == FEE
    assert needs() == [attention.AttentionReason.MARKED_AND_PAID]
    assert (refunds(), broken()) == ([], [])


def test_the_same_money_is_kept_and_its_later_refund_goes_through_razorpay(cast: Cast, visit: int) -> None:
    decide(cast, "same")
    bill = bill_of(visit)
    assert (bill.gateway_payment_id, bill.captured_paise, bill.method) == ("pay_1", FEE, "upi")
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit, now=SOON)
    assert (refunds(), needs(), broken()) == ([("pay_1", FEE)], [], [])


def test_a_second_payment_goes_back_and_the_cash_stays(cast: Cast, visit: int) -> None:
    decide(cast, "second")
    bill = bill_of(visit)
    assert (bill.gateway_payment_id, bill.captured_paise, bill.status.value) == (None, 2 * FEE, "captured")
    assert (refunds(), needs(), broken()) == ([("pay_1", FEE)], [], [])


@pytest.mark.parametrize(("taken", "goes_back"), [(FEE, []), (FEE // 2, [("pay_1", FEE - FEE // 2)])])
def test_of_a_second_payment_goes_back_what_the_bank_did_not_take(
    cast: Cast, visit: int, taken: int, goes_back: list[tuple[str, int]]
) -> None:
    lost = DisputeFact("disp_1", "pay_1", taken, "INR", DisputeStatus.LOST, deducted_paise=taken)
    disputes.record(fact=lost, source=Source.WEBHOOK, now=SOON)
    decide(cast, "second")
    assert (bill_of(visit).captured_paise, refunds(), broken()) == (2 * FEE, goes_back, [])


def test_what_went_back_at_the_dashboard_before_is_known_once_it_is_the_same_money(
    cast: Cast, visit: int, razorpay: Account
) -> None:
    razorpay.refunds = [RefundFact("rfnd_1", "pay_1", RefundStatus.PROCESSED, FEE // 2)]
    decide(cast, "same")
    assert (bill_of(visit).refunded_paise, broken()) == (FEE // 2, [])


@pytest.mark.parametrize("taken", [FEE, FEE // 2])
@pytest.mark.parametrize("wanted", ["none", "full"])
def test_of_the_same_money_is_kept_or_goes_back_what_the_bank_did_not_take(
    cast: Cast, visit: int, taken: int, wanted: desk_cancel.Wanted
) -> None:
    desk_cancel.cancel_for_patient(
        admin=cast.devi, appointment_id=visit, refund=wanted, reason="by phone", now=SOON
    )
    lost = DisputeFact("disp_1", "pay_1", taken, "INR", DisputeStatus.LOST, deducted_paise=taken)
    disputes.record(fact=lost, source=Source.WEBHOOK, now=SOON)
    decide(cast, "same")
    bill = bill_of(visit)
    with read() as tx:
        due = tx.exec(select(Refund.amount_paise).where(Refund.status == RefundStatus.PENDING)).all()
    assert (bill.deducted_paise, bill.retained_paise + sum(due)) == (taken, FEE - taken)
    assert broken() == []


def test_of_two_payments_one_can_be_the_marked_one(cast: Cast, visit: int) -> None:
    assert captured("pay_2") is Verdict.DECIDE
    assert broken() == []
    decide(cast, "same")
    with pytest.raises(WrongState, match="this one came on top"):
        decide(cast, "same", "pay_2")
    decide(cast, "second", "pay_2")
    assert (bill_of(visit).captured_paise, refunds(), broken()) == (2 * FEE, [("pay_2", FEE)], [])


def test_a_case_is_decided_once_with_a_note_and_never_only_closed(cast: Cast, visit: int) -> None:
    (case,) = reconciliation_cases.open_cases()
    with pytest.raises(WrongState):
        reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="looked at it", now=SOON)
    with pytest.raises(BadInput):
        marked_and_paid.decide(admin=cast.devi, case_id=case.id, decision="second", note="", now=SOON)
    with pytest.raises(NotFound):
        reconciliation_cases.decide(
            admin=cast.devi, case_id=case.id, decision="cancel", note="asked the patient", now=SOON
        )
    for _ in range(2):
        marked_and_paid.decide(
            admin=cast.devi, case_id=case.id, decision="second", note="asked the patient", now=SOON
        )
    assert refunds() == [("pay_1", FEE)]
    with pytest.raises(NotFound):
        marked_and_paid.decide(admin=cast.devi, case_id=999, decision="second", note="nobody", now=SOON)
