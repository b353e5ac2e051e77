"""The target of every attack: Asha's things, under names that occur nowhere else, and a copy of the whole database.

Attackers are Bilal (another patient), Dr Chandra's own login, Devi at the desk, and nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import SQLModel, col, select, update

from booking_ui.config.settings import SANDBOX_WEBHOOK_SECRET
from booking_ui.db.models import Payment, Person, Role, Slot, WebhookEvent, pk
from booking_ui.db.session import read, write
from booking_ui.domain.payment import AttemptStatus, PaymentFact, Source
from booking_ui.domain.people.family import Relation
from booking_ui.services.booking import claim, dependents
from booking_ui.services.journal import heartbeats
from booking_ui.services.payments import apply, webhook_inbox
from booking_ui.services.views import AppointmentView
from tests.support.cast import FEE, Cast, assemble

HELD_ORDER, PAID_ORDER = "order_AshasHeld00001", "order_AshasPaid00001"
PAYMENT = "pay_AshasPayment01"
REASON = "Zebrawood splinters"
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Stage:
    """`held` is Asha's slot that waits for its payment (`payment_id`), `visit` the paid one; `secrets` are Asha's alone."""

    cast: Cast
    doctor: int
    held: AppointmentView
    visit: AppointmentView
    payment_id: int
    event_id: int
    dependent_id: int
    now: datetime

    @property
    def free_slot(self) -> int:
        return self.cast.slots[3]

    @property
    def secrets(self) -> tuple[str, ...]:
        orders = (HELD_ORDER, PAID_ORDER, PAYMENT)
        return (*orders, "zebrawood", "9811122233", self.held.reference, self.visit.reference)

    def secrets_in(self, text: str) -> list[str]:
        lower = text.lower().replace(" ", "")
        return [one for one in self.secrets if one.lower() in lower]


def signed(message: bytes, secret: str = SANDBOX_WEBHOOK_SECRET) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def captured(order_id: str, payment_id: str = PAYMENT, **more: Any) -> bytes:
    """A webhook's body as Razorpay writes it."""
    entity = {
        "id": payment_id, "entity": "payment", "amount": FEE, "currency": "INR", "status": "captured",
        "order_id": order_id, "method": "upi", "captured": True, "vpa": "asha@okbank", "notes": [], **more,
    }  # fmt: skip
    payload = {"payment": {"entity": entity}}
    event = {"entity": "event", "event": "payment.captured", "contains": ["payment"], "payload": payload}
    return json.dumps(event, separators=(",", ":")).encode()


def set_stage(now: datetime) -> Stage:
    """Fill the present database: the cast, the doctor's sign-in, a hold, a paid visit and its webhook.

    A worker has just run, or the clinic would not be ready.
    """
    cast = assemble()
    heartbeats.beat(job="holds", now=now)
    # Two days ahead: no visit is of today, of which the doctor's own page tells, whatever the hour of the clinic.
    first = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    with write() as tx:
        for n, slot in enumerate(tx.exec(select(Slot).order_by(col(Slot.id))).all()):
            slot.starts_at = first + timedelta(minutes=30 * n)
            slot.ends_at = slot.starts_at + timedelta(minutes=30)
            tx.add(slot)
        asha = tx.get_one(Person, cast.asha)
        asha.name, asha.email, asha.phone = "Asha Zebrawood", "asha@zebrawood.example", "+919811122233"
        doctor = Person(
            name="Dr Chandra Rao",
            email="chandra@example.com",
            phone="+919800000002",
            password_hash="-",
            role=Role.DOCTOR,
            doctor_id=cast.chandra,
            created_at=now,
        )
        tx.add_all([asha, doctor])
        tx.flush()
        doctor_id = pk(doctor)
    held = _claimed(cast.asha, cast.slots[0], HELD_ORDER, now)
    visit = _claimed(cast.asha, cast.slots[1], PAID_ORDER, now)
    apply.apply(
        fact=PaymentFact(PAYMENT, PAID_ORDER, AttemptStatus.CAPTURED, FEE, "INR"),
        source=Source.WEBHOOK,
        now=now,
    )
    body = captured(PAID_ORDER)
    webhook_inbox.receive(body=body, signature=signed(body), event_id="evt_asha", now=now)
    webhook_inbox.process_due(now=now)
    with read() as tx:
        payment_id = tx.exec(select(Payment.id).where(Payment.gateway_order_id == HELD_ORDER)).one()
        event_id = tx.exec(select(WebhookEvent.id)).one()
    child = dependents.add(
        patient_id=cast.asha,
        name="Zebrawood Child",
        relation=Relation.CHILD,
        born_on=date(2020, 1, 5),
        now=now,
    )
    assert payment_id is not None
    assert event_id is not None
    return Stage(cast, doctor_id, held, visit, payment_id, event_id, child.id, now)


def _claimed(patient_id: int, slot_id: int, order_id: str, now: datetime) -> AppointmentView:
    view = claim.claim(patient_id=patient_id, slot_id=slot_id, now=now, reason=REASON)
    with write() as tx:
        bill = update(Payment).where(col(Payment.appointment_id) == view.id)
        tx.exec(bill.values(gateway_order_id=order_id))
    return view


def everything() -> Rows:
    """Every row of every table."""
    with read() as tx:
        return {
            name: sorted(map(tuple, tx.execute(table.select()).all()), key=str)
            for name, table in SQLModel.metadata.tables.items()
        }


def changed(before: Rows, after: Rows) -> list[str]:
    """The tables whose rows differ."""
    return [name for name in after if before[name] != after[name]]
