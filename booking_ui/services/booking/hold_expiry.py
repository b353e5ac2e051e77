"""How a hold ends without its money: its payment failed, its time was up, or it was given up."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from booking_ui.db import locks
from booking_ui.db.models import Appointment, Payment, PaymentAttempt, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.payment import PaymentStatus
from booking_ui.services.journal import audit, status_moves
from booking_ui.services.journal.batches import each
from booking_ui.services.mail import outbox


def expired(appointment: Appointment, now: datetime) -> bool:
    ends = appointment.hold_expires_at
    return appointment.status is AppointmentStatus.PENDING_PAYMENT and ends is not None and ends <= now


def is_held(appointment: Appointment, now: datetime) -> bool:
    return appointment.status is AppointmentStatus.PENDING_PAYMENT and not expired(appointment, now)


def fail(tx: Session, appointment: Appointment, *, reason: str, actor: str, now: datetime) -> None:
    """Give the slot up and close the bill; the caller holds the slot's lock. The order stays open at Razorpay."""
    locked = locks.appointment(tx, pk(appointment))
    payment = locks.payment_of(tx, pk(appointment))
    assert locked is not None  # it was just read
    assert payment is not None  # every appointment has its bill
    status_moves.move_appointment(tx, locked, AppointmentStatus.FAILED, actor=actor, reason=reason, now=now)
    if payment.status is PaymentStatus.PENDING:
        status_moves.move_payment(tx, payment, PaymentStatus.FAILED, actor=actor, reason=reason, now=now)


def run_out(tx: Session, appointment: Appointment, now: datetime) -> None:
    """End a hold whose time is up; the caller holds the slot's lock.

    What only a failed payment's grace kept open ends as that failure does without one: by its name, and its patient is
    told.
    """
    payment = _unpaid_after_all(tx, appointment)
    reason = audit.PAYMENT_FAILED if payment else audit.HOLD_EXPIRED
    fail(tx, appointment, reason=reason, actor=actors.SWEEP, now=now)
    if payment:
        attempt = select(PaymentAttempt.gateway_payment_id).where(PaymentAttempt.payment_id == payment.id)
        newest = attempt.order_by(col(PaymentAttempt.updated_at).desc(), col(PaymentAttempt.id).desc())
        outbox.due(
            tx,
            appointment_id=pk(appointment),
            kind="payment_failed",
            key=tx.exec(newest.limit(1)).one(),
            now=now,
        )


def _unpaid_after_all(tx: Session, appointment: Appointment) -> Payment | None:
    locks.appointment(tx, pk(appointment))
    payment = locks.payment_of(tx, pk(appointment))
    failed = payment is not None and payment.status is PaymentStatus.PENDING and payment.failure
    return payment if failed else None


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
        run_out(tx, appointment, now)
        return True
