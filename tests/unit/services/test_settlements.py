"""What Razorpay has paid out, against our books, over HTTP to the real sandbox."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select, update

from booking_ui.db.models import PaymentAttempt
from booking_ui.db.session import read, write
from booking_ui.gateways.razorpay import gateway
from booking_ui.services import booking, cases, payments, settlements
from tests.unit.cast import FEE, NOW, Cast
from tests.unit.gateway_help import capture_now, control, pay

DAY = 24 * 3600


def sandbox_now(url: str) -> datetime:
    return datetime.fromtimestamp(control(url, "clock", method="GET")["now"], UTC)


@pytest.fixture
def paid(cast: Cast, sandbox: str) -> str:
    """A captured payment that nobody else's test has touched, two days before its settlement."""
    control(sandbox, "clock/advance", {"seconds": 10 * DAY})
    view = booking.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    order = payments.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW).gateway_order_id
    payment_id: str = pay(sandbox, order)["payment"]["id"]
    capture_now(sandbox)
    payments.ask(order_id=order, now=NOW + timedelta(minutes=1))
    return payment_id


def settled(url: str) -> tuple[int, date]:
    """Let the money go out; how many payments the day's comparison noted, and the day."""
    made = gateway().payment(attempt().gateway_payment_id).created_at
    assert made is not None
    control(url, "clock/advance", {"seconds": 3 * DAY})
    day = (made + timedelta(days=2, hours=5, minutes=30)).date()
    return settlements.compare(day=day, now=sandbox_now(url)), day


def attempt() -> PaymentAttempt:
    with read() as tx:
        return tx.exec(select(PaymentAttempt)).one()


def test_a_payment_is_noted_once_with_its_settlement_and_opens_no_case(paid: str, sandbox: str) -> None:
    assert settlements.reconcile(now=sandbox_now(sandbox)) == 0
    noted, day = settled(sandbox)
    assert (noted, attempt().settlement_id) == (1, f"setl_Sandbox{day:%y%m%d}A")
    assert attempt().settled_at is not None
    assert settlements.compare(day=day, now=sandbox_now(sandbox)) == 0
    assert cases.open_cases() == []


def test_another_amount_becomes_a_case(paid: str, sandbox: str) -> None:
    with write() as tx:
        tx.exec(update(PaymentAttempt).values(amount_paise=FEE + 100))
    settled(sandbox)
    assert [(c.title, c.subject, c.detail) for c in cases.open_cases()] == [
        ("Razorpay paid out for another amount than ours", paid, "₹500 settled, ₹501 captured here")
    ]


def test_a_payment_we_do_not_know_and_one_settled_twice_become_cases(paid: str, sandbox: str) -> None:
    with write() as tx:
        tx.exec(update(PaymentAttempt).values(settlement_id="setl_anothertime00"))
    _, day = settled(sandbox)
    assert [(c.title, c.subject) for c in cases.open_cases()] == [("Razorpay settled a payment twice", paid)]
    with write() as tx:
        tx.exec(update(PaymentAttempt).values(gateway_payment_id="pay_00000000000000"))
    settlements.compare(day=day, now=NOW)
    settlements.compare(day=day, now=NOW)
    assert sorted(c.title for c in cases.open_cases()) == [
        "Razorpay paid out money we don't know",
        "Razorpay settled a payment twice",
    ]


def test_a_dead_gateway_postpones_it(cast: Cast, dead_gateway: str) -> None:
    assert settlements.reconcile(now=NOW) == 0
