"""Facts as Razorpay states them, and the booking they are about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import col, select, update

from booking_ui.db.models import Notification, Payment, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.gateway_news import DowntimeFact
from booking_ui.domain.payment import AttemptStatus, PaymentFact
from booking_ui.services.booking import appointments, claim
from booking_ui.services.views import AppointmentView
from tests.support.cast import FEE, NOW, Cast

ORDER = "order_00000000000001"
SOON = NOW + timedelta(minutes=2)
LATE = NOW + timedelta(minutes=20)


def pay_id(n: int) -> str:
    return f"pay_{n:014d}"


def fact(
    order: str, status: str, *, n: int = 1, amount: int = FEE, currency: str = "INR", **more: object
) -> PaymentFact:
    """The state of one attempt at this order."""
    return PaymentFact(pay_id(n), order, AttemptStatus(status), amount, currency, method="upi", **more)  # type: ignore[arg-type]


def held(cast: Cast, patient: int, slot: int = 0, order: str = ORDER) -> AppointmentView:
    """A booking with an order, as open_order leaves it."""
    view = claim.claim(patient_id=patient, slot_id=cast.slots[slot], now=NOW)
    with write() as tx:
        tx.exec(
            update(Payment)
            .where(col(Payment.appointment_id) == view.id)
            .values(gateway_order_id=order, opened_at=NOW)
        )
    return view


def seen(patient: int, view: AppointmentView, now: object = SOON) -> AppointmentView:
    """The booking as its patient reads it."""
    return appointments.find(patient_id=patient, appointment_id=view.id, now=now)  # type: ignore[arg-type]


def refunds() -> list[tuple[str, int, str]]:
    """(payment id, paise, reason) of every refund, oldest first."""
    with read() as tx:
        return [
            (r.gateway_payment_id, r.amount_paise, r.reason)
            for r in tx.exec(select(Refund).order_by(col(Refund.id))).all()
        ]


def downtime(*, ended: bool = False, told: int = 0, **more: Any) -> DowntimeFact:
    """UPI in trouble, stated `told` seconds after NOW."""
    known = {"downtime_id": "down_00000000000001", "method": "upi", "severity": "high", "instrument": ""}
    times = {"begins_at": NOW, "changed_at": NOW + timedelta(seconds=told)}
    return DowntimeFact(**{**known, **times, "ended": ended, **more})


def mails() -> list[str]:
    """The kinds of every mail that was made due."""
    with read() as tx:
        return sorted(tx.exec(select(Notification.kind)).all())
