"""What a payment is called while parts of it go back, whichever refund ends first and however it ends."""

from __future__ import annotations

from itertools import permutations

import pytest
from sqlmodel import select, update

from booking_ui.db.models import DeliveryStatus, Notification, Payment, PaymentAttempt, Refund
from booking_ui.db.session import Database, read, write
from booking_ui.domain.payment import (
    AttemptStatus,
    PaymentFact,
    RefundFact,
    RefundOrigin,
    RefundStatus,
    Source,
)
from booking_ui.services.booking import claim
from booking_ui.services.payments import apply
from booking_ui.services.refunds import outcome, send
from booking_ui.services.upkeep import delivery, invariants
from tests.support.cast import FEE, NOW, Cast

ORDER, PAID = "order_00000000000001", "pay_00000000000001"
PENDING, PROCESSED, FAILED = RefundStatus.PENDING, RefundStatus.PROCESSED, RefundStatus.FAILED


@pytest.fixture
def paid(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER))
    captured = PaymentFact(PAID, ORDER, AttemptStatus.CAPTURED, FEE, "INR")
    apply.apply(fact=captured, source=Source.WEBHOOK, now=NOW)


def told(number: int, status: RefundStatus, paise: int) -> tuple[str, int]:
    """Razorpay tells of a refund made there; the payment's status and what is back, as they are then."""
    fact = RefundFact(f"rfnd_{number:014d}", PAID, status, paise)
    send.settle(fact=fact, now=NOW)
    with read() as tx:
        bill = tx.exec(select(Payment)).one()
    assert [check.number for check in invariants.count(now=NOW) if check.violations] == []
    return bill.status.value, bill.refunded_paise


@pytest.mark.usefixtures("paid")
def test_a_refund_that_fails_leaves_what_went_back_before_it() -> None:
    assert told(1, PROCESSED, 20_000) == ("partially_refunded", 20_000)
    assert told(2, PENDING, 10_000) == ("refund_pending", 20_000)
    assert told(2, FAILED, 10_000) == ("partially_refunded", 20_000)


@pytest.mark.usefixtures("paid")
def test_a_refund_that_fails_leaves_the_other_on_its_way() -> None:
    told(1, PENDING, 20_000)
    told(2, PENDING, 30_000)
    assert told(1, FAILED, 20_000) == ("refund_pending", 0)
    assert told(2, PROCESSED, 30_000) == ("partially_refunded", 30_000)
    assert told(1, PROCESSED, 20_000) == ("refunded", FEE)  # the bank took it after all


@pytest.mark.usefixtures("paid")
def test_a_refund_that_fails_alone_leaves_the_payment_captured() -> None:
    told(1, PENDING, 20_000)
    assert told(1, FAILED, 20_000) == ("captured", 0)


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_the_order_in_which_refunds_end_does_not_matter(order: tuple[int, int, int]) -> None:
    ends = {1: (PROCESSED, 10_000), 2: (FAILED, 20_000), 3: (PROCESSED, 15_000)}
    for number, (_, paise) in ends.items():
        told(number, PENDING, paise)
    for number in order[:2]:
        assert told(number, *ends[number])[0] == "refund_pending"
    assert told(order[2], *ends[order[2]]) == ("partially_refunded", 25_000)


def attempt_of(paise: int, deducted_paise: int = 0) -> PaymentAttempt:
    return PaymentAttempt(
        payment_id=1,
        gateway_payment_id=PAID,
        status=AttemptStatus.CAPTURED,
        amount_paise=paise,
        currency="INR",
        deducted_paise=deducted_paise,
        source=Source.WEBHOOK,
    )


def refund_of(paise: int, status: RefundStatus, *, of: str = PAID, number: int | None = None) -> Refund:
    return Refund(
        id=number,
        payment_id=1,
        gateway_payment_id=of,
        amount_paise=paise,
        status=status,
        origin=RefundOrigin.DESK,
        reason="cancelled",
        idempotency_key=f"refund-{number}",
    )


def test_what_is_left_of_a_payment_counts_every_refund_of_it_but_failed_ones_and_what_a_dispute_took() -> (
    None
):
    attempt = attempt_of(FEE, deducted_paise=5_000)
    refunds = [
        refund_of(paise, status, of=of)
        for of, paise, status in (
            (PAID, 10_000, PENDING),
            (PAID, 20_000, PROCESSED),
            (PAID, 30_000, FAILED),
            ("pay_of_another", 40_000, PROCESSED),
        )
    ]
    assert outcome.left_of(attempt, refunds) == FEE - 5_000 - 10_000 - 20_000


@pytest.mark.parametrize(("left", "replaced"), [(20_000, [1]), (0, [1, 2, 3])])
def test_a_refund_at_the_dashboard_replaces_one_of_its_amount_and_all_when_nothing_is_left(
    db: Database, left: int, replaced: list[int]
) -> None:
    attempt = attempt_of(10_000 + left)
    failed = [
        refund_of(paise, FAILED, number=number) for number, paise in ((1, 10_000), (2, 10_000), (3, 7_000))
    ]
    new = refund_of(10_000, PROCESSED, number=9)
    with db.rehearse() as tx, tx.no_autoflush:
        outcome.replace_failed(tx, attempt, new, [*failed, new])
        assert [one.id for one in failed if one.replaced_by_id == 9] == replaced
        tx.expunge_all()


@pytest.mark.usefixtures("paid")
def test_the_patient_is_told_once_of_a_refund_that_failed_and_not_if_another_went() -> None:
    told(1, PENDING, 20_000)
    told(1, FAILED, 20_000)
    told(1, FAILED, 20_000)
    with read() as tx:
        (row,) = tx.exec(select(Notification).where(Notification.kind == "refund_failed")).all()
    assert row.status is DeliveryStatus.WAITING
    told(2, PROCESSED, 20_000)
    delivery.deliver_due(now=NOW)
    with read() as tx:
        (row,) = tx.exec(select(Notification).where(Notification.kind == "refund_failed")).all()
    assert (row.status, row.last_error) == (DeliveryStatus.IGNORED, "sent again in the meantime")
