"""What Razorpay has paid out, against our books, over HTTP to the real sandbox."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, PaymentAttempt
from booking_ui.db.session import read, write
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.booking import cancel, claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.payments import orders, settlements
from tests.support.cast import FEE, NOW, Cast
from tests.support.sandbox_control import capture_now, control, pay

DAY = 24 * 3600


def sandbox_now(url: str) -> datetime:
    return datetime.fromtimestamp(control(url, "clock", method="GET")["now"], UTC)


@pytest.fixture
def paid(cast: Cast, sandbox: str) -> str:
    """A captured payment that nobody else's test has touched, two days before its settlement."""
    control(sandbox, "clock/advance", {"seconds": 10 * DAY})
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    order = orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW).gateway_order_id
    payment_id: str = pay(sandbox, order)["payment"]["id"]
    capture_now(sandbox)
    orders.ask(order_id=order, now=NOW + timedelta(minutes=1))
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
        return tx.exec(select(PaymentAttempt).where(PaymentAttempt.status == "captured")).one()


def test_a_payment_is_noted_once_with_its_settlement_and_opens_no_case(paid: str, sandbox: str) -> None:
    assert settlements.reconcile(now=sandbox_now(sandbox)) == 0
    noted, day = settled(sandbox)
    assert (noted, attempt().settlement_id) == (1, f"setl_Sandbox{day:%y%m%d}A")
    assert attempt().settled_at is not None
    assert settlements.compare(day=day, now=sandbox_now(sandbox)) == 0
    assert reconciliation_cases.open_cases() == []


def test_another_amount_becomes_a_case(paid: str, sandbox: str) -> None:
    with write() as tx:
        tx.exec(update(PaymentAttempt).values(amount_paise=FEE + 100))
    settled(sandbox)
    assert [(c.title, c.subject, c.detail) for c in reconciliation_cases.open_cases()] == [
        ("Razorpay paid out another amount than ours", paid, "₹500 settled, ₹501 captured here")
    ]


def test_a_payment_we_do_not_know_and_one_settled_twice_become_cases(paid: str, sandbox: str) -> None:
    with write() as tx:
        tx.exec(update(PaymentAttempt).values(settlement_id="setl_anothertime00"))
    _, day = settled(sandbox)
    assert [(c.title, c.subject) for c in reconciliation_cases.open_cases()] == [
        ("Razorpay settled a payment twice", paid)
    ]
    with write() as tx:
        tx.exec(update(PaymentAttempt).values(gateway_payment_id="pay_00000000000000"))
    settlements.compare(day=day, now=NOW)
    settlements.compare(day=day, now=NOW)
    assert sorted(c.title for c in reconciliation_cases.open_cases()) == [
        "Razorpay paid out money we don't know",
        "Razorpay settled a payment twice",
    ]


def test_captured_money_that_is_not_paid_out_in_time_becomes_one_case_a_day(paid: str, sandbox: str) -> None:
    made = attempt().created_at
    _something_was_paid_out_before(paid)
    week, fortnight = made + timedelta(days=9), made + timedelta(days=11)
    for now in (week, fortnight, fortnight):  # at the sandbox it is still the day of the payment
        settlements.reconcile(now=now)
        if now is week:
            assert reconciliation_cases.open_cases() == []
    ((title, subject, detail),) = ((c.title, c.subject, c.detail) for c in reconciliation_cases.open_cases())
    assert title == "Captured money was not paid out in time"
    assert subject == f"{made.astimezone(settings().zone):%A %-d %B %Y}"
    assert detail == "1 payment, ₹500 in all, captured that day"


def test_a_day_is_late_only_when_all_of_it_is(paid: str, sandbox: str) -> None:
    made = attempt().created_at.astimezone(settings().zone)
    _something_was_paid_out_before(paid)
    midnight = made.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=11)
    settlements.reconcile(now=midnight - timedelta(seconds=1))
    assert reconciliation_cases.open_cases() == []
    settlements.reconcile(now=midnight)
    assert len(reconciliation_cases.open_cases()) == 1


def test_a_settlement_that_nobody_looked_at_in_time_is_found_before_anybody_is_alarmed(
    paid: str, sandbox: str
) -> None:
    made = attempt().created_at
    _something_was_paid_out_before(paid)
    control(sandbox, "clock/advance", {"seconds": 12 * DAY})
    assert settlements.reconcile(now=made + timedelta(days=12)) == 1
    assert (reconciliation_cases.open_cases(), attempt().settlement_id[:12]) == ([], "setl_Sandbox")


def test_money_that_goes_back_and_an_account_that_is_never_paid_out_to_are_not_late(
    paid: str, cast: Cast, sandbox: str
) -> None:
    fortnight = attempt().created_at + timedelta(days=11)
    settlements.reconcile(now=fortnight)
    assert reconciliation_cases.open_cases() == []
    _something_was_paid_out_before(paid)
    with read() as tx:
        visit = tx.exec(select(Appointment.id)).one() or 0
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit, now=NOW + timedelta(minutes=2))
    settlements.reconcile(now=fortnight)
    assert reconciliation_cases.open_cases() == []


def _something_was_paid_out_before(paid: str) -> None:
    """An earlier payment of the same bill that was paid out: this account is one that is paid out to."""
    with write() as tx:
        mine = tx.exec(select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == paid)).one()
        earlier = {"id": None, "gateway_payment_id": "pay_00000000000000", "settlement_id": "setl_earlier"}
        tx.add(PaymentAttempt(**{**mine.model_dump(), **earlier, "status": "failed"}))


def test_a_dead_gateway_postpones_it(cast: Cast, dead_gateway: str) -> None:
    assert settlements.reconcile(now=NOW) == 0
