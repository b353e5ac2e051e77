"""Bookings that are paid and given back without Razorpay, and the receipts that are in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import col, select

from booking_ui.db.models import Payment, Receipt, Refund, Slot, pk
from booking_ui.db.session import read, write
from booking_ui.domain.payment import RefundOrigin, RefundStatus
from booking_ui.services.booking import claim
from booking_ui.services.receipts import issue
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.paying import bill_of, paid_at_the_desk
from tests.support.races import crowd


def paid_by_hand(cast: Cast, patient: int, slot: int = 0) -> int:
    """A visit that the desk marked as paid: the id of its bill."""
    visit = claim.claim(patient_id=patient, slot_id=cast.slots[slot], now=NOW).id
    paid_at_the_desk(cast, visit)
    return pk(bill_of(visit))


def many_paid_by_hand(cast: Cast, count: int) -> list[int]:
    """So many bills, a patient and a time each."""
    with write() as tx:
        starts = [FIRST_SLOT + timedelta(days=1, minutes=30 * n) for n in range(count)]
        slots = [
            Slot(doctor_id=cast.chandra, starts_at=at, ends_at=at + timedelta(minutes=30)) for at in starts
        ]
        tx.add_all(slots)
        tx.flush()
        wanted = replace(cast, slots=tuple(pk(one) for one in slots))
    return [paid_by_hand(wanted, patient, n) for n, patient in enumerate(crowd()[:count])]


def given_back(payment_id: int, paise: int, at: datetime = NOW) -> int:
    """A refund of the bill that Razorpay has sent: its id."""
    with write() as tx:
        payment = tx.get_one(Payment, payment_id)
        row = Refund(
            payment_id=payment_id,
            gateway_payment_id=payment.gateway_payment_id or "",
            gateway_refund_id=f"rfnd_{payment_id:06}{paise:08}",
            amount_paise=paise,
            status=RefundStatus.PROCESSED,
            origin=RefundOrigin.POLICY,
            reason="cancelled",
            idempotency_key=f"{payment_id}:{paise}",
            refunded_at=at,
            created_at=at,
            updated_at=at,
        )
        tx.add(row)
        tx.flush()
        return pk(row)


def receipts() -> list[Receipt]:
    with read() as tx:
        return list(tx.exec(select(Receipt).order_by(col(Receipt.id))).all())


def numbers() -> list[str]:
    return [issue.number_of(one) for one in receipts()]


def soon(minutes: int = 1) -> datetime:
    return NOW + timedelta(minutes=minutes)
