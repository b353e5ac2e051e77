"""Holding a slot: the pieces that run inside a booking's transaction, under the slot's lock."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, func, or_, select

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import (
    Appointment,
    AuditEntry,
    Doctor,
    Payment,
    Person,
    Role,
    Slot,
    pk,
)
from booking_ui.db.session import read
from booking_ui.domain import actors
from booking_ui.domain.appointment import LIVE, AppointmentStatus
from booking_ui.domain.errors import Forbidden, NotFound, SlotGone, SlotTaken, TooManyHolds, WrongState
from booking_ui.domain.payment import HAS_MONEY, PaymentStatus
from booking_ui.services.booking import hold_expiry
from booking_ui.services.journal import audit, status_moves
from booking_ui.services.journal.audit import Action
from booking_ui.services.schedule import slots
from booking_ui.services.schedule.availability import BOOKED, FREE
from booking_ui.services.schedule.slots import slot_view
from booking_ui.services.views import SlotView
from booking_ui.services.visits import patient_view

REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRTVWXYZ"  # nothing to confuse by eye or ear, no words


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
        nearest = slots.nearest_seen(tx, doctor_id=slot.doctor_id, around=slot.starts_at, now=now)
    raise _taken(slot_view(slot, BOOKED), nearest)


# The slot, if it is ahead and somebody else's live booking or unexpired hold is on it at this instant.
_TAKEN = (
    select(Slot)
    .join(Appointment, col(Appointment.slot_id) == Slot.id)
    .where(
        Slot.id == sa.bindparam("slot_id"),
        col(Slot.starts_at) > sa.bindparam("now"),
        col(Appointment.status).in_(LIVE),
        col(Appointment.patient_id) != sa.bindparam("patient_id"),
        or_(
            col(Appointment.status) != AppointmentStatus.PENDING_PAYMENT,
            col(Appointment.hold_expires_at) > sa.bindparam("now"),
        ),
    )
)


def ahead(tx: Session, slot_id: int, now: datetime) -> Slot:
    """The slot, locked, if it has not begun. Raises NotFound, SlotGone."""
    slot = locks.slot(tx, slot_id)
    if slot is None:
        raise NotFound("We couldn't find that time. Please pick another.")
    if slot.starts_at <= now:
        raise SlotGone
    return slot


def offered(tx: Session, slot: Slot, now: datetime) -> Doctor:
    """Whose time it is, if it can be given to somebody now; the caller holds the slot's lock. Raises SlotGone."""
    doctor = tx.get_one(Doctor, slot.doctor_id)
    if slot.withdrawn or slot.starts_at <= now or not doctor.active:
        raise SlotGone
    return doctor


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
    if hold_expiry.expired(live, now):
        hold_expiry.run_out(tx, live, now)
        tx.flush()  # the index must see the slot free before the next hold is written
        return None
    if live.patient_id == patient_id and live.status is AppointmentStatus.PENDING_PAYMENT:
        return live.id
    raise taken(tx, slot, now)


def taken(tx: Session, slot: Slot, now: datetime) -> SlotTaken:
    """The refusal that names the nearest free times, read in the caller's transaction."""
    nearest = slots.nearest_free_in(tx, doctor_id=slot.doctor_id, around=slot.starts_at, now=now)
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


def told(reason: str) -> str:
    """What the patient wrote about her visit, as it is kept."""
    return reason.strip()[:300]


def hold(tx: Session, slot: Slot, patient: Person, reason: str, now: datetime) -> patient_view.Booking:
    """Write the appointment, its bill and the first audit rows; what was written is returned, not read again."""
    doctor = offered(tx, slot, now)
    if _open_holds(tx, pk(patient), now) >= settings().open_holds_per_patient:
        raise TooManyHolds
    appointment = Appointment(
        reference="".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8)),
        slot_id=pk(slot),
        doctor_id=slot.doctor_id,
        patient_id=pk(patient),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        status=AppointmentStatus.PENDING_PAYMENT,
        reason=told(reason),
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
    return patient_view.Booking(appointment, bill, doctor, patient, [], trail)


def again(tx: Session, slot: Slot, patient: Person, now: datetime) -> Appointment | None:
    """Hold the free slot in the booking that failed the patient there before, which keeps its order, if there is one.

    A UPI payment on that order may still succeed days later: it must find her booking, not a second one in its way. A
    booking whose money went back, or whose fee was another, is over.
    """
    params = {"slot_id": slot.id, "patient_id": patient.id, "currency": settings().payment_currency}
    found = tx.exec(_FAILED_HERE, params=params).first()
    if found is None:
        return None
    _, appointment, payment = locks.booking(tx, found)
    hold_again(tx, slot, appointment, payment, now)
    return appointment


_FAILED_HERE = (
    select(Appointment.id)
    .join(Payment, col(Payment.appointment_id) == col(Appointment.id))
    .join(Doctor, col(Doctor.id) == col(Appointment.doctor_id))
    .where(
        Appointment.slot_id == sa.bindparam("slot_id"),
        Appointment.patient_id == sa.bindparam("patient_id"),
        Appointment.status == AppointmentStatus.FAILED,
        col(Payment.status).not_in(HAS_MONEY),
        col(Payment.amount_paise) == col(Doctor.fee_paise),
        Payment.currency == sa.bindparam("currency"),
    )
    .order_by(col(Appointment.id).desc())
    .limit(1)
)


def _first_rows(tx: Session, appointment: Appointment, now: datetime) -> list[AuditEntry]:
    actor = actors.patient(appointment.patient_id)
    audit.begins(tx, audit.booking(pk(appointment)))
    status_moves.announce(tx, appointment)
    return [
        audit.note(tx, pk(appointment), action, actor=actor, after=after, reason="slot claimed", now=now)
        for action, after in (
            (Action.APPOINTMENT, appointment.status.value),
            (Action.PAYMENT, PaymentStatus.PENDING.value),
        )
    ]


def hold_again(tx: Session, slot: Slot, appointment: Appointment, payment: Payment, now: datetime) -> None:
    offered(tx, slot, now)
    if hold_expiry.expired(appointment, now):
        hold_expiry.run_out(tx, appointment, now)
    if appointment.status is not AppointmentStatus.FAILED or payment.status in HAS_MONEY:
        raise WrongState
    actor, reason = actors.patient(appointment.patient_id), "tried again"
    if clear_the_slot(tx, slot, appointment.patient_id, now) is not None:
        raise WrongState("You already hold this time in another booking.")
    if _open_holds(tx, appointment.patient_id, now) >= settings().open_holds_per_patient:
        raise TooManyHolds
    appointment.hold_expires_at = _hold_until(now)
    status_moves.move_appointment(
        tx, appointment, AppointmentStatus.PENDING_PAYMENT, actor=actor, reason=reason, now=now
    )
    if payment.status is PaymentStatus.FAILED:
        status_moves.move_payment(tx, payment, PaymentStatus.PENDING, actor=actor, reason=reason, now=now)
    payment.failure = ""
    payment.checks, payment.next_check_at = 0, now + timedelta(minutes=1)
    payment.opened_at = payment.opened_at and now  # the ladder of questions begins anew with the hold
    tx.add(payment)
