"""Razorpay's words that can't be read are a case until they can."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select, update

from booking_ui.db.models import AuditEntry, Payment, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.errors import GatewayUnavailable, GatewayUnreadable
from booking_ui.domain.payment import RefundFact, RefundStatus
from booking_ui.services.booking import cancel
from booking_ui.services.cases import reconciliation_cases, unreadable
from booking_ui.services.payments import orders, reconciliation
from booking_ui.services.refunds import send
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import opened
from tests.support.reconciliation import afterwards, kinds, spoil
from tests.support.sandbox_control import capture_now, control, pay

pytestmark = pytest.mark.usefixtures("old_money_of_others")


def test_what_cannot_be_read_of_the_accounts_books_is_a_case_until_it_can(cast: Cast, sandbox: str) -> None:
    _, order_id = opened(cast, cast.asha)
    payment_id = pay(sandbox, order_id)["payment"]["id"]
    capture_now(sandbox)
    with write() as tx:
        tx.exec(update(Payment).values(next_check_at=None))
    spoil(sandbox, "misshapen", "/v1/*")
    now = afterwards(sandbox)
    assert (reconciliation.compare(now=now), reconciliation.compare(now=now)) == (1, 1)
    assert [(c.title, c.subject) for c in reconciliation_cases.open_cases()] == [
        ("A payment at Razorpay that we can't read", payment_id)
    ]
    with read() as tx:
        assert tx.exec(select(Payment.next_check_at)).one() == now + timedelta(days=1)
    control(sandbox, "faults", method="DELETE")
    assert (reconciliation.compare(now=now), kinds()) == (0, [])
    with read() as tx:
        assert tx.exec(select(Payment.captured_paise)).one() == FEE
        ended = tx.exec(select(AuditEntry).where(AuditEntry.action == "case")).one()
    assert (ended.actor, ended.after) == ("worker", "closed")


def test_a_refund_that_cannot_be_read_is_a_case_and_no_refund_is_missing(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id)
    capture_now(sandbox)
    orders.ask(order_id=order_id, now=NOW + timedelta(minutes=1))
    spoil(sandbox, "nameless", "/v1/*refunds*")
    control(sandbox, "faults/http", {"kind": "misshapen", "method": "POST", "path": "/v1/*/refund"})
    cancel.cancel_by_policy(
        patient_id=cast.asha, appointment_id=appointment_id, now=NOW + timedelta(minutes=2)
    )
    send.send_due(now=NOW + timedelta(minutes=2))
    told = [(c.title, c.subject[:5]) for c in reconciliation_cases.open_cases()]
    assert told == [("A refund at Razorpay that we can't read", "rfnd_")]
    assert reconciliation.compare(now=afterwards(sandbox)) == 2  # that one, and one without an id in the list
    control(sandbox, "faults", method="DELETE")
    send.send_due(now=NOW + timedelta(minutes=3))
    assert (reconciliation.compare(now=afterwards(sandbox)), kinds()) == (0, [])
    with read() as tx:
        assert [(r.amount_paise, r.status) for r in tx.exec(select(Refund)).all()] == [(FEE, "processed")]


@pytest.mark.parametrize("by", ["its id", "its payment"])
def test_an_answer_that_cannot_be_read_is_a_case_until_razorpay_says_it_in_another_way(
    cast: Cast, by: str
) -> None:
    del cast
    refund_id = "rfnd_00000000000001" if by == "its id" else ""
    unreachable = GatewayUnavailable(reason="away")
    unreadable.note_refund_answer(unreachable, payment_id="pay_00000000000001", now=NOW)
    assert kinds() == []
    misshapen = GatewayUnreadable(entity_id=refund_id, reason="no amount")
    for _ in range(2):
        unreadable.note_refund_answer(misshapen, payment_id="pay_00000000000001", now=NOW)
    assert [case.subject for case in reconciliation_cases.open_cases()] == [refund_id or "pay_00000000000001"]
    fact = RefundFact("rfnd_00000000000001", "pay_00000000000001", RefundStatus.PROCESSED, FEE)
    with write() as tx:
        unreadable.end_refund_cases(tx, fact, NOW)
    assert kinds() == []
