"""The daily comparison itself: it always ends, whatever one entry of Razorpay's books does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select, update

from booking_ui.db.models import Payment
from booking_ui.db.session import read, write
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus, Source
from booking_ui.domain.webhook_outcome import Outcome
from booking_ui.services.booking import claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import heartbeats
from booking_ui.services.payments import apply, reconciliation
from booking_ui.services.refunds import send
from tests.support.cast import FEE, NOW, Cast
from tests.support.razorpay_account import Account, account

razorpay = account


DAY = timedelta(days=1)


ORDERS = ("order_00000000000001", "order_00000000000002")


def captured(payment: int, order: str) -> PaymentFact:
    return PaymentFact(f"pay_{payment:014d}", order, AttemptStatus.CAPTURED, FEE, "INR")


@pytest.fixture
def two(cast: Cast) -> None:
    """Two visits of Asha's with an order each; the first is paid, by payment 1."""
    for slot, order in zip(cast.slots, ORDERS, strict=False):
        view = claim.claim(patient_id=cast.asha, slot_id=slot, now=NOW)
        with write() as tx:
            mine = col(Payment.appointment_id) == view.id
            tx.exec(update(Payment).where(mine).values(gateway_order_id=order))
    apply.apply(fact=captured(1, ORDERS[0]), source=Source.WEBHOOK, now=NOW)


def last() -> datetime | None:
    return heartbeats.last_beats().get(reconciliation.COMPARED)


def told() -> list[tuple[str, str]]:
    broken = reconciliation_cases.TITLES[CaseKind.NOT_COMPARED]
    return [(case.subject, case.detail) for case in reconciliation_cases.open_cases() if case.title == broken]


@pytest.mark.usefixtures("two")
def test_a_payment_under_a_second_order_keeps_no_other_waiting_and_is_a_case_until_it_is_mended(
    razorpay: Account,
) -> None:
    soon = NOW + timedelta(minutes=5)
    razorpay.payments = [captured(1, ORDERS[1]), captured(2, ORDERS[1])]
    reconciliation.compare_daily(now=soon)
    assert (last(), told()) == (
        soon,
        [("pay_00000000000001", "payment: known by another order of ours")],
    )
    with read() as tx:
        assert list(tx.exec(select(Payment.captured_paise).order_by(col(Payment.id))).all()) == [FEE, FEE]
    razorpay.payments = [captured(1, ORDERS[0]), captured(2, ORDERS[1])]
    reconciliation.compare_daily(now=soon + DAY)
    assert (last(), told()) == (soon + DAY, [])


@pytest.mark.usefixtures("two")
def test_a_refund_that_breaks_keeps_no_other_waiting(
    razorpay: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply.apply(fact=captured(2, ORDERS[1]), source=Source.WEBHOOK, now=NOW)
    razorpay.refunds = [
        RefundFact(f"rfnd_{n:014d}", f"pay_{n:014d}", RefundStatus.PROCESSED, 20_000) for n in (1, 2)
    ]
    razorpay.payments = [captured(1, ORDERS[0]), captured(2, ORDERS[1])]
    settle = send.settle

    def breaks(*, fact: RefundFact, now: datetime, source: Source = Source.REFUND) -> Outcome:
        if fact.refund_id == "rfnd_00000000000001":
            raise RuntimeError("what was never thought of")
        return settle(fact=fact, now=now, source=source)

    monkeypatch.setattr(send, "settle", breaks)
    reconciliation.compare_daily(now=NOW + DAY)
    assert (last(), told()) == (NOW + DAY, [("rfnd_00000000000001", "RuntimeError")])
    with read() as tx:
        assert list(tx.exec(select(Payment.refunded_paise).order_by(col(Payment.id))).all()) == [0, 20_000]


@pytest.mark.usefixtures("db")
def test_a_clock_that_ran_ahead_keeps_no_comparison_waiting(razorpay: Account) -> None:
    reconciliation.compare_daily(now=NOW + 365 * DAY)
    assert last() == NOW + 365 * DAY
    for days, compared in ((0, 0), (0.5, 0), (1, 1)):
        reconciliation.compare_daily(now=NOW + days * DAY)
        assert last() == NOW + compared * DAY
