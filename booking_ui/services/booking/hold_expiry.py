"""The end of a hold without its money: its payment failed, its time was up, or it was given up."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from booking_ui.db import holds, locks
from booking_ui.db.models import Appointment, Payment, PaymentAttempt, Slot, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.clock import iso
from booking_ui.domain.errors import HoldExpired, WrongState
from booking_ui.domain.payment import HAS_MONEY, PaymentStatus
from booking_ui.languages import _
from booking_ui.services.booking import appointments
from booking_ui.services.journal import audit, changes, status_moves
from booking_ui.services.journal.audit import Action
from booking_ui.services.journal.batches import each
from booking_ui.services.mail import outbox
from booking_ui.services.schedule import slots
from booking_ui.services.views import AppointmentView


def let_go(*, patient_id: int, appointment_id: int, now: datetime) -> AppointmentView:
    """Give up a hold, or a booking that failed already. Money that arrives later goes back. Raises NotFound, WrongState."""
    with write() as tx:
        _, appointment, payment = locks.own_booking(tx, patient_id, appointment_id)
        actor = actors.patient(patient_id)
        if appointment.status is AppointmentStatus.PENDING_PAYMENT:
            fail(tx, appointment, payment, cause=Cause.LET_GO, actor=actor, now=now)
        elif appointment.status is AppointmentStatus.FAILED:
            _let_go_failed(tx, appointment, payment, actor, now)
        else:
            raise WrongState
    return appointments.find(patient_id=patient_id, appointment_id=appointment_id, now=now)


def _let_go_failed(
    tx: Session, appointment: Appointment, payment: Payment, actor: str, now: datetime
) -> None:
    """Record once that the patient gives a failed booking up: its slot is free, but late money would confirm it."""
    if appointment.status_cause is Cause.LET_GO or payment.status in HAS_MONEY:
        return
    appointment.status_cause, appointment.updated_at = Cause.LET_GO, now
    tx.add(appointment)
    audit.note(tx, pk(appointment), Action.LET_GO, actor=actor, now=now)
    changes.announce_booking(tx, appointment)


def lock_held(tx: Session, patient_id: int, appointment_id: int, now: datetime) -> Appointment:
    """The patient's booking, locked, while it waits for its payment. Raises NotFound, HoldExpired, WrongState."""
    _slot, appointment, _payment = locks.own_booking(tx, patient_id, appointment_id)
    if holds.has_expired(appointment, now):
        raise HoldExpired
    if not holds.is_held(appointment, now):
        raise WrongState(_("That can only be changed before the visit is paid."))
    return appointment


def fail(
    tx: Session, appointment: Appointment, payment: Payment, *, cause: Cause, actor: str, now: datetime
) -> None:
    """Give the slot up and close the bill, under the booking's locks. The order stays open at Razorpay."""
    status_moves.move_appointment(
        tx, appointment, AppointmentStatus.FAILED, actor=actor, reason=cause, now=now
    )
    if payment.status is PaymentStatus.PENDING:
        status_moves.move_payment(tx, payment, PaymentStatus.FAILED, actor=actor, reason=cause, now=now)


def run_out(tx: Session, appointment: Appointment, payment: Payment, now: datetime) -> None:
    """End a hold whose time is up, under the booking's locks.

    A hold that only a failed payment's grace kept open ends as that failure does without a grace: by its name, and with
    its mail to the patient.
    """
    failed = payment.status is PaymentStatus.PENDING and payment.failure_kind
    cause = Cause.PAYMENT_FAILED if failed else Cause.HOLD_EXPIRED
    fail(tx, appointment, payment, cause=cause, actor=actors.SWEEP, now=now)
    if failed:
        attempt = select(PaymentAttempt.gateway_payment_id).where(PaymentAttempt.payment_id == payment.id)
        newest = attempt.order_by(col(PaymentAttempt.updated_at).desc(), col(PaymentAttempt.id).desc())
        outbox.add_visit_message(
            tx,
            appointment_id=pk(appointment),
            kind="payment_failed",
            key=tx.exec(newest.limit(1)).one(),
            now=now,
        )


def expire_due(*, now: datetime, limit: int = 200) -> int:
    """Free the slots of holds whose time is up, or whose doctor will not be there; returns how many.

    Reading already treats the first as free, and money already treats both as over.
    """
    due = select(Appointment.id).where(holds.expired(now)).order_by(col(Appointment.hold_expires_at))
    closed = select(Appointment.id).join(Slot, col(Slot.id) == Appointment.slot_id)
    closed = closed.where(holds.held(now), col(Slot.withdrawn).is_(True))
    with read() as tx:
        found = [*tx.exec(due.limit(limit)).all(), *tx.exec(closed.limit(limit)).all()]
    return sum(each(filter(None, found), lambda appointment_id: _expire(appointment_id, now)))


def _expire(appointment_id: int, now: datetime) -> bool:
    with write() as tx:
        slot, appointment, payment = locks.booking(tx, appointment_id)
        if holds.has_expired(appointment, now):
            run_out(tx, appointment, payment, now)
        elif holds.is_held(appointment, now) and will_not_take_place(tx, slot):
            fail(tx, appointment, payment, cause=Cause.DAY_CLOSED, actor=actors.SWEEP, now=now)
            # A time that is tried again and closed again is told of again.
            held = iso(appointment.held_at) if appointment.held_at else ""
            outbox.add_visit_message(tx, appointment_id=appointment_id, kind="day_closed", key=held, now=now)
        else:  # paid or tried again since it was listed
            return False
        return True


def will_not_take_place(tx: Session, slot: Slot) -> bool:
    """True when nobody can be seen in this slot: the desk closed the day, changed the hours, or the doctor left."""
    return slot.withdrawn and bool(slots.without_doctor(tx, [slot]))
