"""Many times, and what patients who hold them do: pay, or not."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, update

from booking_ui.db.models import Payment, Person, Slot, pk
from booking_ui.db.session import write
from booking_ui.domain.payment import Source
from booking_ui.services.payments import apply
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.facts import fact

NETWORK = "198.51.100.9"


def times(cast: Cast, count: int, *, first: datetime = FIRST_SLOT) -> list[int]:
    """The ids of so many free slots of Dr Chandra, from the day after `first` on."""
    with write() as tx:
        starts = [first + timedelta(days=1, minutes=30 * n) for n in range(count)]
        made = [
            Slot(doctor_id=cast.chandra, starts_at=at, ends_at=at + timedelta(minutes=30)) for at in starts
        ]
        tx.add_all(made)
        tx.flush()
        return [pk(one) for one in made]


def confirm_address(person_id: int) -> None:
    """Let this patient have opened the link that proves the address."""
    with write() as tx:
        tx.exec(update(Person).where(col(Person.id) == person_id).values(email_verified_at=NOW))


def tries_to_pay(appointment_id: int, at: datetime, status: str = "failed") -> None:
    """Razorpay's word of an attempt at this booking's order."""
    order = f"order_{appointment_id:014d}"
    with write() as tx:
        bill = update(Payment).where(col(Payment.appointment_id) == appointment_id)
        tx.exec(bill.values(gateway_order_id=order, opened_at=at))
    tried = fact(order, status, n=int(at.timestamp()) * 1000 + appointment_id)
    apply.apply(fact=tried, source=Source.WEBHOOK, now=at)
