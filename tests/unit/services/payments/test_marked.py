"""Razorpay's payments of bills that the desk marked as paid."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select, update

from booking_ui.db.models import AuditEntry, Payment, pk
from booking_ui.db.session import read, write
from booking_ui.domain.payment import AttemptStatus, PaymentFact, Source, Verdict
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.booking import claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import apply, marked, reconciliation
from booking_ui.services.views.desk import CaseView
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import SOON, bill_of
from tests.support.reconciliation import afterwards
from tests.support.sandbox_control import capture_now, pay

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


NO_MONEY = "A booking was marked as paid by a payment that brought no money"


def cases(payment_id: str) -> list[CaseView]:
    """The open cases about this payment; the account has others, which are none of ours."""
    return [one for one in reconciliation_cases.open_cases() if one.subject == payment_id]


def test_a_mark_by_a_payment_that_razorpay_does_not_know_is_a_case_at_the_next_comparison(
    cast: Cast, visit: int, sandbox: str
) -> None:
    now = afterwards(sandbox)
    reconciliation.compare(now=now)
    (case,) = cases(LINK)
    assert (case.title, case.detail.partition("; ")[2]) == (NO_MONEY, "Razorpay knows no such payment")
    reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="it was paid in cash", now=now)
    reconciliation.compare(now=now + timedelta(days=1))
    assert cases(LINK) == []


def link_paid(url: str, outcome: str = "success") -> str:
    """A payment of an order that is none of ours, by which the visit was marked."""
    order = gateway().create_order(amount_paise=FEE, currency="INR", receipt=uuid4().hex, notes={})
    paid = str(pay(url, order, outcome)["payment"]["id"])
    capture_now(url)
    with write() as tx:
        tx.exec(update(Payment).values(marked_payment_id=paid))
    return paid


def test_a_mark_by_a_payment_that_failed_is_a_case(visit: int, sandbox: str) -> None:
    paid = link_paid(sandbox, "card_declined")
    reconciliation.compare(now=afterwards(sandbox))
    assert [one.title for one in cases(paid)] == [NO_MONEY]


def test_a_marked_payment_that_is_older_than_the_lists_is_adopted_with_what_went_back_of_it(
    visit: int, sandbox: str
) -> None:
    paid = link_paid(sandbox)
    gateway().refund(paid, amount_paise=20_000, key=f"dash-{paid}")
    reconciliation.compare(now=afterwards(sandbox) + timedelta(days=10))
    bill = bill_of(visit)
    assert (bill.gateway_payment_id, bill.captured_paise, bill.refunded_paise) == (paid, FEE, 20_000)
    assert cases(paid) == []
