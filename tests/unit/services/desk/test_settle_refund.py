"""A refund that failed for good is settled by the desk: that one, once, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from booking_ui.db.models import AuditEntry, Notification, Payment, Refund, Slot, pk
from booking_ui.db.session import read, write
from booking_ui.domain.errors import BadInput, NotFound, WrongState
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus, Source
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode
from booking_ui.services.booking import claim
from booking_ui.services.desk import bookings, mark_payment, settle_refund
from booking_ui.services.desk import cancel as desk_cancel
from booking_ui.services.desk.bookings import BookingFilter
from booking_ui.services.desk.settle_refund import Way
from booking_ui.services.payments import apply
from booking_ui.services.refunds import send
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, NOW, Cast
from tests.support.razorpay_account import Account, account

razorpay = account

ORDER, PAID, SECOND = "order_00000000000001", "pay_00000000000001", "pay_00000000000002"


@pytest.fixture
def paid_twice(cast: Cast, dead_gateway: str) -> int:
    """Asha paid twice, and the refund of the second payment failed; the refund's id."""
    with write() as tx:
        starts = NOW + timedelta(days=7)
        slot = Slot(doctor_id=cast.chandra, starts_at=starts, ends_at=starts + timedelta(minutes=30))
        tx.add(slot)
        tx.flush()
        slot_id = pk(slot)
    claim.claim(patient_id=cast.asha, slot_id=slot_id, now=NOW)
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER))
    for payment_id in (PAID, SECOND):
        fact = PaymentFact(payment_id, ORDER, AttemptStatus.CAPTURED, FEE, "INR")
        apply.apply(fact=fact, source=Source.WEBHOOK, now=NOW)
    return failed(1)


def failed(number: int) -> int:
    """Razorpay says that the newest refund failed."""
    refund = made()[-1]
    fact = RefundFact(f"rfnd_0000000000000{number}", SECOND, RefundStatus.FAILED, FEE, refund.idempotency_key)
    send.settle(fact=fact, now=NOW)
    return pk(refund)


def made() -> list[Refund]:
    with read() as tx:
        return list(tx.exec(select(Refund).order_by(col(Refund.id))).all())


def seen() -> tuple[str, str, int, int, str]:
    """(visit, payment, captured, refunded, what needs a person)."""
    row = bookings.listed(BookingFilter(), now=NOW).rows[0]
    with read() as tx:
        bill = tx.exec(select(Payment)).one()
    return row.status, row.payment_status, bill.captured_paise, bill.refunded_paise, row.needs_attention


def violations() -> list[str]:
    return [f"{v.subject}: {v.fault}" for c in invariants.count(now=NOW) for v in c.violations]


def settle(cast: Cast, refund_id: int, way: Way = "by_hand", reason: str = "in cash") -> str:
    return settle_refund.settle(
        admin=cast.devi, refund_id=refund_id, way=way, reason=reason, reference="12", now=NOW
    )


FAILED = "A refund failed. Send it again, or give it back by hand and say so here."


def test_a_stray_refund_given_back_by_hand_is_off_the_desk_and_the_visit_stands(
    cast: Cast, paid_twice: int
) -> None:
    assert seen() == ("confirmed", "captured", 2 * FEE, 0, FAILED)
    assert settle(cast, paid_twice) == "₹500"
    assert seen() == ("confirmed", "captured", 2 * FEE, FEE, "")
    assert [(r.status.value, r.gateway_payment_id, r.replaced_by_id) for r in made()] == [
        ("failed", SECOND, 2),
        ("processed", SECOND, None),
    ]
    with read() as tx:
        row = tx.exec(select(AuditEntry).where(AuditEntry.action == "settle")).one()
        mails = tx.exec(select(Notification).where(Notification.kind == "refunded")).all()
    assert (row.actor, row.before, row.after, row.reason) == ("admin:3", "failed", "by_hand", "in cash (12)")
    assert (len(mails), violations()) == (1, [])


def test_a_stray_refund_sent_again_has_a_key_of_its_own_and_may_fail_again(
    cast: Cast, paid_twice: int, razorpay: Account
) -> None:
    settle(cast, paid_twice, "again")
    first, second = made()
    assert (second.status.value, second.attempts, first.idempotency_key == second.idempotency_key) == (
        "pending",
        0,
        False,
    )
    assert seen()[4] == ""
    assert razorpay.sent == []  # the click has sent nothing
    assert (send.send_due(now=NOW), razorpay.sent) == (1, [FEE])
    once_more = failed(2)
    assert seen()[4] == FAILED
    settle(cast, once_more)
    assert (seen(), violations()) == (("confirmed", "captured", 2 * FEE, FEE, ""), [])


def test_an_acceptance_that_arrives_after_the_failure_reopens_nothing(cast: Cast, paid_twice: int) -> None:
    (refund,) = made()
    late = RefundFact(
        str(refund.gateway_refund_id), SECOND, RefundStatus.PENDING, FEE, refund.idempotency_key
    )
    for _ in range(2):  # before the desk gave it back by hand, and after
        assert send.settle(fact=late, now=NOW, source=Source.WEBHOOK) == Outcome(OutcomeCode.NOTHING_NEW)
        assert (made()[0].status, made()[0].next_attempt_at, violations()) == ("failed", None, [])
        if len(made()) == 1:
            settle(cast, paid_twice)


def test_a_second_refund_under_a_key_that_made_one_already_is_no_repetition(
    cast: Cast, paid_twice: int
) -> None:
    with read() as tx:
        visit = tx.exec(select(Payment.appointment_id)).one()
    desk_cancel.cancel_for_patient(
        admin=cast.devi, appointment_id=visit, refund=20_000, reason="half of it", now=NOW
    )
    key = made()[1].idempotency_key
    for number in (5, 6, 6):
        fact = RefundFact(f"rfnd_0000000000000{number}", PAID, RefundStatus.PROCESSED, 20_000, key)
        send.settle(fact=fact, now=NOW)
    assert [(r.gateway_refund_id, r.amount_paise, r.reason) for r in made()[1:]] == [
        ("rfnd_00000000000005", 20_000, "cancelled"),
        ("rfnd_00000000000006", 20_000, "made at Razorpay"),
    ]
    assert (seen()[:4], violations()) == (("cancelled", "partially_refunded", 2 * FEE, 40_000), [])


def test_a_refund_is_settled_once(cast: Cast, paid_twice: int) -> None:
    settle(cast, paid_twice)
    with pytest.raises(WrongState):
        settle(cast, paid_twice, "again")
    with pytest.raises(WrongState):
        settle(cast, pk(made()[1]))
    assert len(made()) == 2


def test_what_was_refunded_at_razorpay_meanwhile_is_not_given_back_again(cast: Cast, paid_twice: int) -> None:
    partly = RefundFact("rfnd_00000000000008", SECOND, RefundStatus.PROCESSED, 20_000)
    send.settle(fact=partly, now=NOW)
    assert settle(cast, paid_twice) == "₹300"
    assert (seen()[3], violations()) == (FEE, [])


def test_a_refund_of_the_same_sum_at_razorpay_settles_it(cast: Cast, paid_twice: int) -> None:
    there = RefundFact("rfnd_00000000000008", SECOND, RefundStatus.PROCESSED, FEE)
    send.settle(fact=there, now=NOW)
    assert seen() == ("confirmed", "captured", 2 * FEE, FEE, "")
    with pytest.raises(WrongState):
        settle(cast, paid_twice)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_without_a_reason_nothing_is_settled(cast: Cast, paid_twice: int, reason: str) -> None:
    with pytest.raises(BadInput):
        settle(cast, paid_twice, reason=reason)
    with pytest.raises(NotFound):
        settle(cast, 99)
    assert len(made()) == 1


def test_a_mark_gives_back_the_visits_money_and_leaves_the_stray_refund_to_be_settled(
    cast: Cast, paid_twice: int
) -> None:
    mark_payment.mark(admin=cast.devi, payment_id=1, status="refunded", reason="in cash", now=NOW)
    assert seen() == ("cancelled", "refunded", 2 * FEE, FEE, FAILED)
    settle(cast, paid_twice)
    assert (seen(), violations()) == (("cancelled", "refunded", 2 * FEE, 2 * FEE, ""), [])
