"""Bookings on their way to be paid: an order opened, paid at the sandbox or at the desk, and the bill it leaves."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from booking_ui.db.models import Payment, pk
from booking_ui.db.session import read
from booking_ui.services.booking import claim
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import orders
from tests.support.cast import NOW, Cast
from tests.support.sandbox_control import capture_now, pay

SOON = NOW + timedelta(minutes=2)


def opened(cast: Cast, patient: int, slot: int = 0) -> tuple[int, str]:
    """A held booking with its order: (appointment id, order id)."""
    view = claim.claim(patient_id=patient, slot_id=cast.slots[slot], now=NOW)
    return view.id, orders.open_order(patient_id=patient, appointment_id=view.id, now=NOW).gateway_order_id


def paid(cast: Cast, patient: int, url: str, slot: int = 0) -> tuple[int, str]:
    """A confirmed visit, paid at the sandbox: (appointment id, order id)."""
    appointment_id, order_id = opened(cast, patient, slot)
    pay(url, order_id, method="upi")
    capture_now(url)
    assert orders.check(patient_id=patient, appointment_id=appointment_id, now=SOON).phase == "confirmed"
    return appointment_id, order_id


def paid_at_the_desk(cast: Cast, appointment_id: int) -> None:
    bill = pk(bill_of(appointment_id))
    mark_payment.mark(admin=cast.devi, payment_id=bill, status="captured", reason="in cash", now=NOW)


def bill_of(appointment_id: int) -> Payment:
    with read() as tx:
        return tx.exec(select(Payment).where(Payment.appointment_id == appointment_id)).one()
