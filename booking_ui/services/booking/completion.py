"""Conclude a visit: the desk says how it ended, or, some hours after its end, it counts as completed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.errors import NotFound, WrongState
from booking_ui.languages import _
from booking_ui.services.journal import status_moves
from booking_ui.services.journal.batches import each
from booking_ui.services.views import Principal


def conclude(*, admin: Principal, appointment_id: int, status: AppointmentStatus, now: datetime) -> None:
    """Record that a visit took place (completed) or that the patient did not come (no_show).

    Raises NotFound, WrongState.
    """
    with write() as tx:
        if tx.get(Appointment, appointment_id) is None:
            raise NotFound
        _slot, appointment, _payment = locks.booking(tx, appointment_id)
        done = status in (AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW)
        if not done or appointment.status is not AppointmentStatus.CONFIRMED or appointment.starts_at > now:
            raise WrongState(_("Only a confirmed visit that has begun can be concluded."))
        status_moves.move_appointment(
            tx, appointment, status, actor=actors.signed_in(admin), reason=Cause.CONCLUDED, now=now
        )


def conclude_due(*, now: datetime, limit: int = 200) -> int:
    """Complete confirmed visits that ended COMPLETE_AFTER_HOURS ago; returns how many. Safe in several processes."""
    with read() as tx:
        due = tx.exec(
            select(Appointment.id)
            .where(
                col(Appointment.status) == AppointmentStatus.CONFIRMED,
                col(Appointment.ends_at) <= _latest(now),
            )
            .order_by(col(Appointment.ends_at))
            .limit(limit)
        ).all()
    return sum(each(filter(None, due), lambda appointment_id: _complete(appointment_id, now)))


def _latest(now: datetime) -> datetime:
    return now - timedelta(hours=settings().complete_after_hours)


def _complete(appointment_id: int, now: datetime) -> bool:
    with write() as tx:
        _slot, appointment, _payment = locks.booking(tx, appointment_id)
        # Concluded by the desk, cancelled or moved to a later time since it was listed.
        if appointment.status is not AppointmentStatus.CONFIRMED or appointment.ends_at > _latest(now):
            return False
        status_moves.move_appointment(
            tx,
            appointment,
            AppointmentStatus.COMPLETED,
            actor=actors.CONCLUSIONS,
            reason=Cause.TAKEN_FOR_GRANTED,
            now=now,
        )
        return True
