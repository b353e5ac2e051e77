"""Razorpay's payments of bills that the desk marked as paid."""

from __future__ import annotations

import pytest
from sqlmodel import select

from booking_ui.db.models import AuditEntry, pk
from booking_ui.db.session import read
from booking_ui.domain.payment import AttemptStatus, PaymentFact, Source, Verdict
from booking_ui.services.booking import claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import apply, marked
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import SOON, bill_of

LINK = "pay_00000000000001"  # of a payment link, which has an order of its own


@pytest.fixture
def visit(cast: Cast, dead_gateway: str) -> int:
    """A visit that was paid by a payment link, marked while Razorpay was away; the appointment's id."""
    del dead_gateway
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    mark_payment.mark(
        admin=cast.devi,
        payment_id=pk(bill_of(view.id)),
        status="captured",
        reason="by payment link",
        reference=LINK,
        now=SOON,
    )
    return view.id


def told(paise: int = FEE) -> Verdict | None:
    fact = PaymentFact(LINK, "order_00000000000009", AttemptStatus.CAPTURED, paise, "INR", method="upi")
    return apply.apply(fact=fact, source=Source.COMPARISON, now=SOON)


def test_the_bill_is_found_by_the_payment_that_it_was_marked_by(visit: int) -> None:
    with read() as tx:
        found = marked.bill_marked_by(tx, LINK)
        assert (found and found.appointment_id, marked.bill_marked_by(tx, "pay_2")) == (visit, None)


def test_a_payment_without_an_order_of_ours_is_kept_for_the_bill_that_was_marked_by_it(visit: int) -> None:
    assert [told(), told()] == [Verdict.ADOPT, Verdict.IGNORE]
    bill = bill_of(visit)
    assert (bill.gateway_payment_id, bill.captured_paise, bill.method) == (LINK, FEE, "upi")
    with read() as tx:
        adopted = tx.exec(select(AuditEntry.actor).where(AuditEntry.action == "adopted")).all()
    assert adopted == ["razorpay:comparison"]
    assert reconciliation_cases.open_cases() == []


def test_a_payment_of_another_amount_than_the_marked_bill_waits_for_the_desk(visit: int) -> None:
    assert told(FEE + 2124) is Verdict.DECIDE
    (case,) = reconciliation_cases.open_cases()
    assert (case.subject, case.decision) == (LINK, "payment")
    assert bill_of(visit).gateway_payment_id is None
