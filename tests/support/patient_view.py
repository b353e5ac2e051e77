"""One booking and Razorpay's word on its payment, a quarter of an hour after the claim."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import update

from booking_ui.db.models import Payment
from booking_ui.db.session import write
from booking_ui.domain.payment import AttemptStatus, PaymentFact, Source
from booking_ui.services.booking import appointments, claim
from booking_ui.services.payments import apply
from booking_ui.services.views import AppointmentView
from tests.support.cast import FEE, NOW, Cast

LATE = NOW + timedelta(minutes=16)

PAID, ORDER = "pay_00000000000001", "order_00000000000001"


def heard(status: AttemptStatus) -> None:
    apply.apply(fact=PaymentFact(PAID, ORDER, status, FEE, "INR"), source=Source.WEBHOOK, now=LATE)


def held(cast: Cast) -> int:
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER))
    return visit.id


def seen(cast: Cast, visit_id: int) -> AppointmentView:
    return appointments.find(patient_id=cast.asha, appointment_id=visit_id, now=LATE)
