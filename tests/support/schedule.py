"""A rota for the tests of schedules and catalog: Dr Chandra works Tuesdays and Thursdays, Asha and Bilal book.

It is Monday 23 November 2026, 8:00 am in the clinic.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import select

from booking_ui.db.models import (
    Appointment,
    Doctor,
    HoursKind,
    Payment,
    Person,
    Slot,
    WorkingHours,
    pk,
)
from booking_ui.db.session import database, read, write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.payment import PaymentStatus
from booking_ui.services.schedule import slots
from tests.support.rows import keep

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
TUESDAY_NINE = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)  # 9:00 am
HOLD = timedelta(minutes=15)


def a_doctor(name: str = "Dr Chandra Rao", **changed: Any) -> int:
    facts: dict[str, Any] = {
        "slug": name.lower().replace(" ", "-"),
        "speciality": "General Physician",
        "qualifications": "MBBS",
        "practising_since": 2010,
        "languages": ["English", "Kannada"],
        "city": "Bengaluru",
        "area": "Indiranagar",
        "address": "12, 100 Feet Road, Indiranagar, Bengaluru 560038",
        "fee_paise": 50_000,
    }
    return pk(keep(Doctor(name=name, **{**facts, **changed})))


def works(doctor_id: int, weekday: int, starts: str, ends: str, kind: HoursKind = HoursKind.WORK) -> int:
    row = WorkingHours(
        doctor_id=doctor_id,
        weekday=weekday,
        starts=time.fromisoformat(starts),
        ends=time.fromisoformat(ends),
        kind=kind,
    )
    return pk(keep(row))


def chandra() -> int:
    """Tuesdays 9 to 11 and 5 to 6, Thursdays 9 to 10: eight slots of half an hour a week."""
    doctor_id = a_doctor()
    works(doctor_id, 1, "09:00", "11:00")
    works(doctor_id, 1, "17:00", "18:00")
    works(doctor_id, 3, "09:00", "10:00")
    return doctor_id


def a_patient(name: str = "Asha Rao") -> int:
    email = f"{name.split(maxsplit=1)[0].lower()}@example.com"
    return pk(keep(Person(name=name, email=email, phone="+919845012345", password_hash="-", created_at=NOW)))


def slots_of(doctor_id: int, *, withdrawn: bool = False) -> list[Slot]:
    with read() as tx:
        query = select(Slot).where(Slot.doctor_id == doctor_id, Slot.withdrawn == withdrawn)
        return sorted(tx.exec(query).all(), key=lambda one: one.starts_at)


def slot_at(doctor_id: int, starts_at: datetime) -> int:
    with read() as tx:
        return pk(tx.exec(select(Slot).where(Slot.doctor_id == doctor_id, Slot.starts_at == starts_at)).one())


def extend(now: datetime = NOW) -> int:
    return slots.extend_horizon(now=now)


def first_slot(now: datetime = NOW) -> tuple[int, int]:
    """Dr Chandra and her slot of Tuesday 9:00 am."""
    doctor_id = chandra()
    extend(now)
    return doctor_id, slot_at(doctor_id, TUESDAY_NINE)


def an_appointment(
    slot: Slot, patient_id: int, status: AppointmentStatus = AppointmentStatus.CONFIRMED
) -> Appointment:
    return Appointment(
        reference=f"R{slot.id}-{status.value[:5]}",
        slot_id=pk(slot),
        doctor_id=slot.doctor_id,
        patient_id=patient_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        status=status,
        fee_paise=50_000,
        hold_expires_at=NOW + HOLD,
        created_at=NOW,
        updated_at=NOW,
    )


def occupy(slot_id: int, patient_id: int, status: AppointmentStatus = AppointmentStatus.CONFIRMED) -> int:
    """An appointment on a slot with its bill; a hold ends a quarter of an hour after NOW."""
    with write() as tx:
        appointment = an_appointment(tx.get_one(Slot, slot_id), patient_id, status)
        tx.add(appointment)
        tx.flush()
        bill = Payment(
            appointment_id=pk(appointment),
            status=PaymentStatus.PENDING,
            amount_paise=50_000,
            currency="INR",
            created_at=NOW,
            updated_at=NOW,
        )
        tx.add(bill)
        return pk(appointment)


def set_status(appointment_id: int, status: AppointmentStatus) -> None:
    with write() as tx:
        tx.get_one(Appointment, appointment_id).status = status


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SQL statements that run inside the block."""
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    engine = database().engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
