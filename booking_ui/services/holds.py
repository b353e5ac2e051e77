"""Holding a slot: the pieces that run inside a booking's transaction, under the slot's lock."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, func, or_, select

from booking_ui.config import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment, AuditEntry, Doctor, Payment, Person, Role, Slot, pk
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import LIVE, AppointmentStatus
from booking_ui.domain.errors import Forbidden, NotFound, SlotGone, SlotTaken, TooManyHolds, WrongState
from booking_ui.domain.payment import HAS_MONEY, PaymentStatus
from booking_ui.services import audit, moves, schedules, stories
from booking_ui.services.availability import BOOKED, FREE
from booking_ui.services.batches import each
from booking_ui.services.schedules import slot_view
from booking_ui.services.views import SlotView

REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRTVWXYZ"  # nothing to confuse by eye or ear, no words
SWEEP = "system:sweep"


def patient(tx: Session, patient_id: int) -> Person:
    """The person, locked, if she is a patient now: whoever gives roles locks the same row. Raises NotFound, Forbidden."""
    patient = locks.person(tx, patient_id)
    if patient is None or patient.erased_at is not None:
        raise NotFound
    if patient.role is not Role.PATIENT:
        raise Forbidden("Only patients can book. Sign in with a patient's account.")
    return patient


def refuse_early(*, slot_id: int, patient_id: int, now: datetime) -> None:
    """Turn a crowd at a taken slot away with a read, before it queues for the lock. The lock decides all the same.

    Raises SlotTaken.
    """
    with read() as tx:
        found = tx.execute(_TAKEN, {"slot_id": slot_id, "patient_id": patient_id, "now": now}).first()
        if found is None:
            return
        slot: Slot = found[0]
        nearest = schedules.nearest_seen(tx, doctor_id=slot.doctor_id, around=slot.starts_at, now=now)
    raise _taken(slot_view(slot, BOOKED), nearest)


# The slot, if it is on offer and somebody else's live booking or unexpired hold is on it at this instant.
_TAKEN = (
    select(Slot)
    .join(Appointment, col(Appointment.slot_id) == Slot.id)
    .where(
        Slot.id == sa.bindparam("slot_id"),
        col(Slot.withdrawn).is_(False),
        col(Slot.starts_at) > sa.bindparam("now"),
        col(Appointment.status).in_(LIVE),
        col(Appointment.patient_id) != sa.bindparam("patient_id"),
        or_(
            col(Appointment.status) != AppointmentStatus.PENDING_PAYMENT,
            col(Appointment.hold_expires_at) > sa.bindparam("now"),
        ),
    )
)


def offered(tx: Session, slot_id: int, now: datetime) -> Slot:
    """The slot, locked, if it is still on offer."""
    slot = locks.slot(tx, slot_id)
    if slot is None:
        raise NotFound("We couldn't find that time. Please pick another.")
    if slot.withdrawn or slot.starts_at <= now:
        raise SlotGone
    return slot


_LIVE_ON = select(Appointment).where(
    Appointment.slot_id == sa.bindparam("slot_id"), col(Appointment.status).in_(LIVE)
)


def _live(tx: Session, slot_id: int) -> Appointment | None:
    """Who occupies the slot; the caller holds its lock."""
    fresh = {"populate_existing": True}
    return tx.exec(_LIVE_ON, params={"slot_id": slot_id}, execution_options=fresh).one_or_none()


def clear_the_slot(tx: Session, slot: Slot, patient_id: int, now: datetime) -> int | None:
    """Drop an expired hold; return the patient's own live hold if she has it. Raises SlotTaken."""
    live = _live(tx, pk(slot))
    if live is None:
        return None
    if expired(live, now):
        fail(tx, live, reason=audit.HOLD_EXPIRED, actor=SWEEP, now=now)
        tx.flush()  # the index must see the slot free before the next hold is written
        return None
    if live.patient_id == patient_id and live.status is AppointmentStatus.PENDING_PAYMENT:
        return live.id
    raise taken(tx, slot, now)


def expired(appointment: Appointment, now: datetime) -> bool:
    ends = appointment.hold_expires_at
    return appointment.status is AppointmentStatus.PENDING_PAYMENT and ends is not None and ends <= now


def taken(tx: Session, slot: Slot, now: datetime) -> SlotTaken:
    """The refusal that names the nearest free times, read in the caller's transaction."""
    nearest = schedules.nearest_free_in(tx, doctor_id=slot.doctor_id, around=slot.starts_at, now=now)
    return _taken(slot_view(slot, BOOKED), [slot_view(one, FREE) for one in nearest])


def _taken(lost: SlotView, nearest: Sequence[SlotView]) -> SlotTaken:
    """ "10:30 am was just taken. 10:45 am and 11:15 am are free."."""
    times = [one.time_label for one in nearest if one.day == lost.day]
    listed = " and ".join(filter(None, [", ".join(times[:-1]), times[-1]])) if times else ""
    free = f" {listed} {'is' if len(times) == 1 else 'are'} free." if times else " Please pick another time."
    return SlotTaken(f"{lost.time_label} was just taken.{free}", tuple(one.id for one in nearest))


_OPEN_HOLDS = select(func.count()).where(
    col(Appointment.patient_id) == sa.bindparam("patient_id"),
    col(Appointment.status) == AppointmentStatus.PENDING_PAYMENT,
    col(Appointment.hold_expires_at) > sa.bindparam("now"),
)


def _open_holds(tx: Session, patient_id: int, now: datetime) -> int:
    return tx.exec(_OPEN_HOLDS, params={"patient_id": patient_id, "now": now}).one()


def _hold_until(now: datetime) -> datetime:
    return now + timedelta(minutes=settings().payment_timeout_minutes)


def hold(tx: Session, slot: Slot, patient: Person, reason: str, now: datetime) -> stories.Booking:
    """Write the appointment, its bill and the first audit rows; what was written is returned, not read again."""
    if _open_holds(tx, pk(patient), now) >= settings().open_holds_per_patient:
        raise TooManyHolds
    doctor = tx.get(Doctor, slot.doctor_id)
    if doctor is None or not doctor.active:
        raise SlotGone
    appointment = Appointment(
        reference="".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8)),
        slot_id=pk(slot),
        doctor_id=slot.doctor_id,
        patient_id=pk(patient),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        status=AppointmentStatus.PENDING_PAYMENT,
        reason=reason.strip()[:300],
        fee_paise=doctor.fee_paise,
        hold_expires_at=_hold_until(now),
        created_at=now,
        updated_at=now,
    )
    tx.add(appointment)
    tx.flush()
    bill = Payment(
        appointment_id=pk(appointment),
        status=PaymentStatus.PENDING,
        amount_paise=doctor.fee_paise,
        currency=settings().payment_currency,
        created_at=now,
        updated_at=now,
    )
    tx.add(bill)
    trail = _first_rows(tx, appointment, now)
    return stories.Booking(appointment, bill, doctor, patient, [], trail)


def _first_rows(tx: Session, appointment: Appointment, now: datetime) -> list[AuditEntry]:
    subject, actor = moves.subject(pk(appointment)), f"patient:{appointment.patient_id}"
    audit.begins(tx, subject)
    moves.tell(tx, appointment)
    return [
        audit.record(
            tx, subject=subject, actor=actor, action=action, after=after, reason="slot claimed", now=now
        )
        for action, after in (
            ("appointment", appointment.status.value),
            ("payment", PaymentStatus.PENDING.value),
        )
    ]


def fail(tx: Session, appointment: Appointment, *, reason: str, actor: str, now: datetime) -> None:
    """Give the slot up and close the bill; the caller holds the slot's lock. The order stays open at Razorpay."""
    locked = locks.appointment(tx, pk(appointment))
    payment = locks.payment_of(tx, pk(appointment))
    assert locked is not None  # it was just read
    assert payment is not None  # every appointment has its bill
    moves.move_appointment(tx, locked, AppointmentStatus.FAILED, actor=actor, reason=reason, now=now)
    if payment.status is PaymentStatus.PENDING:
        moves.move_payment(tx, payment, PaymentStatus.FAILED, actor=actor, reason=reason, now=now)


def is_held(appointment: Appointment, now: datetime) -> bool:
    return appointment.status is AppointmentStatus.PENDING_PAYMENT and not expired(appointment, now)


def hold_again(tx: Session, slot: Slot, appointment: Appointment, payment: Payment, now: datetime) -> None:
    if slot.withdrawn or slot.starts_at <= now:
        raise SlotGone
    if expired(appointment, now):
        fail(tx, appointment, reason=audit.HOLD_EXPIRED, actor=SWEEP, now=now)
    if appointment.status is not AppointmentStatus.FAILED or payment.status in HAS_MONEY:
        raise WrongState
    actor, reason = f"patient:{appointment.patient_id}", "tried again"
    if clear_the_slot(tx, slot, appointment.patient_id, now) is not None:
        raise WrongState("You already hold this time in another booking.")
    if _open_holds(tx, appointment.patient_id, now) >= settings().open_holds_per_patient:
        raise TooManyHolds
    appointment.hold_expires_at = _hold_until(now)
    moves.move_appointment(
        tx, appointment, AppointmentStatus.PENDING_PAYMENT, actor=actor, reason=reason, now=now
    )
    if payment.status is PaymentStatus.FAILED:
        moves.move_payment(tx, payment, PaymentStatus.PENDING, actor=actor, reason=reason, now=now)
    payment.checks, payment.next_check_at = 0, now + timedelta(minutes=1)
    payment.opened_at = payment.opened_at and now  # the ladder of questions begins anew with the hold
    tx.add(payment)


def expire_due(*, now: datetime, limit: int = 200) -> int:
    """Free the slots of holds whose time is up; returns how many. Reading already treats them as free."""
    with read() as tx:
        due = tx.exec(
            select(Appointment.id)
            .where(
                col(Appointment.status) == AppointmentStatus.PENDING_PAYMENT,
                col(Appointment.hold_expires_at) <= now,
            )
            .order_by(col(Appointment.hold_expires_at))
            .limit(limit)
        ).all()
    return sum(each(filter(None, due), lambda appointment_id: _expire(appointment_id, now)))


def _expire(appointment_id: int, now: datetime) -> bool:
    with write() as tx:
        _, appointment, _ = locks.booking(tx, appointment_id)
        if not expired(appointment, now):  # paid or tried again since it was listed
            return False
        fail(tx, appointment, reason=audit.HOLD_EXPIRED, actor=SWEEP, now=now)
        return True
