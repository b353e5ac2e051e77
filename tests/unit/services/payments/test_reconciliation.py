"""Razorpay's books against ours, over HTTP to the real sandbox."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from booking_ui.db.models import Payment, PaymentAttempt, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.errors import BadInput, NotFound
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.journal import heartbeats
from booking_ui.services.payments import orders, reconciliation
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import opened
from tests.support.reconciliation import afterwards, kinds, spoil
from tests.support.sandbox_control import capture_now, control, pay, point_gateway_at
from tests.support.servers import free_port

pytestmark = pytest.mark.usefixtures("old_money_of_others")


def test_money_that_nobody_told_us_about_confirms_its_booking(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id)
    capture_now(sandbox)
    with write() as tx:  # the slot is still ahead when the books are compared
        tx.exec(update(Payment).values(next_check_at=None))
    assert reconciliation.compare(now=afterwards(sandbox)) == 0
    with read() as tx:
        assert tx.exec(select(Payment.captured_paise)).one() == FEE
    assert appointment_id == 1


def test_money_that_came_while_razorpay_could_not_be_asked_for_a_week_is_found(
    cast: Cast, sandbox: str
) -> None:
    start = afterwards(sandbox)
    assert reconciliation.compare(now=start) == 0
    _, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id)
    capture_now(sandbox)
    with write() as tx:
        tx.exec(update(Payment).values(next_check_at=None))
    control(sandbox, "clock/advance", {"seconds": 7 * 24 * 3600})
    reconciliation.compare(now=afterwards(sandbox))
    with read() as tx:
        assert tx.exec(select(Payment.captured_paise)).one() == FEE


def test_books_are_compared_once_a_day_and_tried_again_until_razorpay_answers(
    cast: Cast, sandbox: str, configured: pytest.MonkeyPatch
) -> None:
    start = afterwards(sandbox)
    point_gateway_at(f"http://127.0.0.1:{free_port()}", configured)
    reconciliation.compare_daily(now=start)
    assert heartbeats.last_beats()[reconciliation.COMPARED] < start
    point_gateway_at(sandbox, configured)
    for hours, compared in ((1, 1), (2, 1), (24, 1), (25, 25), (26, 25)):
        reconciliation.compare_daily(now=start + timedelta(hours=hours))
        assert heartbeats.last_beats()[reconciliation.COMPARED] == start + timedelta(hours=compared)


def test_money_for_an_order_of_nobody_becomes_one_case_that_stays_closed(cast: Cast, sandbox: str) -> None:
    order = gateway().create_order(amount_paise=70_000, currency="INR", receipt=uuid.uuid4().hex, notes={})
    pay(sandbox, order)
    capture_now(sandbox)
    now = afterwards(sandbox)
    assert (reconciliation.compare(now=now), reconciliation.compare(now=now)) == (1, 1)
    case = reconciliation_cases.open_cases()[0]
    assert (case.title, case.detail) == ("Money for an order we don't know", f"₹700, order {order}")
    with pytest.raises(BadInput):
        reconciliation_cases.close(admin=cast.devi, case_id=case.id, note=" ", now=now)
    with pytest.raises(NotFound):
        reconciliation_cases.close(admin=cast.devi, case_id=999, note="refunded there", now=now)
    reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="refunded there", now=now)
    assert reconciliation.compare(now=now) == 0


def test_what_is_left_of_money_for_an_order_of_nobody_is_still_a_case(cast: Cast, sandbox: str) -> None:
    order = gateway().create_order(amount_paise=70_000, currency="INR", receipt=uuid.uuid4().hex, notes={})
    payment_id = pay(sandbox, order)["payment"]["id"]
    capture_now(sandbox)
    gateway().refund(payment_id, amount_paise=20_000, key=uuid.uuid4().hex)
    assert reconciliation.compare(now=afterwards(sandbox)) == 1
    assert [(c.subject, c.detail) for c in reconciliation_cases.open_cases()] == [
        (payment_id, f"₹500, order {order}")
    ]


def test_a_refund_made_at_razorpays_dashboard_is_found_and_recorded(cast: Cast, sandbox: str) -> None:
    _, order_id = opened(cast, cast.asha)
    payment_id = pay(sandbox, order_id)["payment"]["id"]
    capture_now(sandbox)
    orders.ask(order_id=order_id, now=NOW + timedelta(minutes=1))
    gateway().refund(payment_id, amount_paise=FEE, key=uuid.uuid4().hex)
    assert reconciliation.compare(now=afterwards(sandbox)) == 1
    assert kinds() == ["A visit was refunded in full at Razorpay and still stands"]
    with read() as tx:
        assert [(r.amount_paise, r.status) for r in tx.exec(select(Refund)).all()] == [(FEE, "processed")]
        assert tx.exec(select(Payment.status)).one() == "refunded"


def test_a_payment_that_razorpay_does_not_have_becomes_a_case(cast: Cast, sandbox: str) -> None:
    _, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id)
    capture_now(sandbox)
    orders.ask(order_id=order_id, now=NOW + timedelta(minutes=1))
    with write() as tx:
        tx.exec(update(PaymentAttempt).values(gateway_payment_id="pay_00000000000000"))
        tx.exec(update(Payment).where(col(Payment.id) > 0).values(gateway_payment_id="pay_00000000000000"))
    reconciliation.compare(now=afterwards(sandbox))
    assert "A payment of ours is not at Razorpay" in kinds()


def test_another_amount_at_razorpay_becomes_a_case(cast: Cast, sandbox: str) -> None:
    _, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id)
    capture_now(sandbox)
    orders.ask(order_id=order_id, now=NOW + timedelta(minutes=1))
    with write() as tx:
        tx.exec(update(PaymentAttempt).values(amount_paise=FEE - 1))
    reconciliation.compare(now=afterwards(sandbox))
    assert [(c.title, c.detail) for c in reconciliation_cases.open_cases()] == [
        ("A payment's amount differs from Razorpay's", "₹500 at Razorpay, ₹499.99 here")
    ]


def test_a_dead_gateway_postpones_the_comparison(cast: Cast, dead_gateway: str) -> None:
    assert reconciliation.compare(now=NOW) == 0


def test_what_the_desk_has_looked_up_is_asked_about_no_longer_than_any_order(
    cast: Cast, sandbox: str
) -> None:
    _, order_id = opened(cast, cast.asha)
    pay(sandbox, order_id)
    spoil(sandbox, "nameless", "/v1/orders/*")
    assert not orders.ask(order_id=order_id, now=NOW)
    (case,) = reconciliation_cases.open_cases()
    reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="it had failed", now=NOW)
    assert orders.ask(order_id=order_id, now=NOW)
    assert kinds() == []
