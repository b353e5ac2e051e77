"""Razorpay's word on the refunds of Asha's payment, and what stands in our books and at the desk afterwards."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from booking_ui.db.models import AuditEntry, Payment, Refund
from booking_ui.db.session import read
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus, Source
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.desk import settle_refund
from booking_ui.services.desk.settle_refund import Way
from booking_ui.services.refunds import send
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, NOW, Cast

ORDER, PAID = "order_00000000000001", "pay_00000000000001"
HALF = FEE // 2
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CAPTURED = PaymentFact(PAID, ORDER, AttemptStatus.CAPTURED, FEE, "INR")


def made() -> list[Refund]:
    """Our refunds, oldest first."""
    with read() as tx:
        return list(tx.exec(select(Refund).order_by(col(Refund.id))).all())


def ends() -> list[tuple[str, int | None]]:
    """The status of every refund and the id of the refund that stands in for it."""
    return [(refund.status.value, refund.replaced_by_id) for refund in made()]


def word(number: int, status: str, paise: int = FEE) -> RefundFact:
    """Razorpay's word on our refund of that number."""
    key = made()[number - 1].idempotency_key
    return RefundFact(f"rfnd_{number:014d}", PAID, RefundStatus(status), paise, key)


def dashboard(status: str, paise: int = FEE) -> RefundFact:
    """Razorpay's word on a refund made at its dashboard."""
    return RefundFact("rfnd_00000000000009", PAID, RefundStatus(status), paise)


def hear(fact: RefundFact, source: Source = Source.WEBHOOK) -> OutcomeCode:
    """Apply it; every promise holds afterwards, whatever it says."""
    done = send.settle(fact=fact, now=NOW, source=source)
    assert [(v.subject, v.fault) for c in invariants.count(now=NOW) for v in c.violations] == []
    return done.code


def settle(cast: Cast, number: int, way: Way = "by_hand") -> None:
    settle_refund.settle(admin=cast.devi, refund_id=number, way=way, reason="by phone", now=NOW)
    send.send_due(now=NOW)


def bill() -> tuple[str, int]:
    """The payment's status and its refunded paise."""
    with read() as tx:
        one = tx.exec(select(Payment)).one()
    return one.status.value, one.refunded_paise


def told() -> list[tuple[str, str]]:
    """(subject, title) of the open cases."""
    return [(case.subject, case.title) for case in reconciliation_cases.open_cases()]


def alarms() -> list[str]:
    """The reasons of every alarm in the trail."""
    with read() as tx:
        return list(tx.exec(select(AuditEntry.reason).where(AuditEntry.action == "alarm")).all())


TWICE, AMOUNT, UNDONE, MISSING = (
    reconciliation_cases.TITLES[kind]
    for kind in (
        CaseKind.REFUND_TWICE,
        CaseKind.REFUND_AMOUNT,
        CaseKind.REFUND_UNDONE,
        CaseKind.REFUND_MISSING,
    )
)
FIRST, NINTH = "rfnd_00000000000001", "rfnd_00000000000009"
