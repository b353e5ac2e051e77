"""Visits at some moment of their life, made by the services."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, update

from booking_ui.db.models import Appointment, Slot
from booking_ui.db.session import write
from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim
from booking_ui.services.desk import mark_payment
from tests.support.cast import Cast
from tests.support.week_of_money import payment_id


def begun(cast: Cast, number: int = 0) -> str:
    """The reference of a visit of Asha, paid at the desk, that began ten minutes and `number` days ago."""
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[number], now=utc_now())
    mark_payment.mark(
        admin=cast.devi,
        payment_id=payment_id(held.id),
        status="captured",
        reason="Paid in cash",
        now=utc_now(),
    )
    start = utc_now() - timedelta(minutes=10, days=number)
    with write() as tx:
        times = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
        tx.exec(update(Appointment).where(col(Appointment.id) == held.id).values(**times))
        tx.exec(update(Slot).where(col(Slot.id) == cast.slots[number]).values(**times))
    return held.reference
