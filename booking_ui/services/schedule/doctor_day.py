"""A doctor's own day: the visits with their times, patients, reasons, and whether each is paid. Read-only."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db import holds
from booking_ui.db.models import Appointment, Dependent, Doctor, Payment, Person
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import clock_label, day_label, long_day_label, today
from booking_ui.domain.errors import NotFound
from booking_ui.domain.payment import HAS_MONEY
from booking_ui.domain.people.person import shown_name
from booking_ui.domain.period import span
from booking_ui.languages import _
from booking_ui.services.views import DoctorDayView, DoctorDayVisit

TAKE_PLACE = (AppointmentStatus.CONFIRMED, AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW)


def visits_of_day(*, doctor_id: int, now: datetime, day: date | None = None) -> DoctorDayView:
    """The doctor's visits of a day in the clinic's zone, by default today; a held slot counts as unpaid. Raises NotFound."""
    zone = settings().zone
    shown = day or today(now, zone)
    days = span(shown, shown, zone)
    with read() as tx:
        doctor = tx.get(Doctor, doctor_id)
        if doctor is None:
            raise NotFound(_("This account belongs to no doctor yet. Ask the front desk to connect it."))
        within = (
            col(Appointment.doctor_id) == doctor_id,
            col(Appointment.starts_at) >= days.start,
            col(Appointment.starts_at) < days.end,
        )
        comer = sa.func.coalesce(col(Dependent.name), col(Person.name))
        rows = tx.exec(
            select(Appointment, Payment, comer, col(Person.erased_at))
            .join(Payment, col(Payment.appointment_id) == col(Appointment.id))
            .join(Person, col(Person.id) == col(Appointment.patient_id))
            .outerjoin(Dependent, col(Dependent.id) == col(Appointment.dependent_id))
            .where(*within, _expected(now))
            .order_by(col(Appointment.starts_at), col(Appointment.id))
        ).all()
        off = col(Appointment.status) == AppointmentStatus.CANCELLED
        cancelled = tx.exec(select(func.count()).select_from(Appointment).where(*within, off)).one()
        ahead = None if rows else _next_day(tx, doctor_id, days.end, now)
    visits = [
        _visit_view(visit, bill, shown_name(name, erased=erased is not None), now)
        for visit, bill, name, erased in rows
    ]
    return DoctorDayView(
        day=shown.isoformat(),
        day_label=long_day_label(shown),
        is_today=shown == today(now, zone),
        previous=(shown - timedelta(days=1)).isoformat(),
        next=(shown + timedelta(days=1)).isoformat(),
        next_with_visits=ahead.isoformat() if ahead else "",
        next_with_visits_label=day_label(ahead) if ahead else "",
        doctor_name=doctor.name,
        visits=visits,
        expected=sum(v.status in ("confirmed", "pending_payment") for v in visits),
        done=sum(v.status == "completed" for v in visits),
        missed=sum(v.status == "no_show" for v in visits),
        unpaid=sum(not v.paid for v in visits),
        cancelled=cancelled,
    )


def _expected(now: datetime) -> sa.ColumnElement[bool]:
    """The SQL condition on Appointment: it takes or took place, or its slot is held at `now`; not failed or cancelled."""
    return sa.or_(col(Appointment.status).in_(TAKE_PLACE), holds.held(now))


def _next_day(tx: Session, doctor_id: int, after: datetime | None, now: datetime) -> date | None:
    first = tx.exec(
        select(func.min(Appointment.starts_at)).where(
            Appointment.doctor_id == doctor_id, col(Appointment.starts_at) >= after, _expected(now)
        )
    ).one()
    return first.astimezone(settings().zone).date() if first else None


def _visit_view(visit: Appointment, bill: Payment, patient_name: str, now: datetime) -> DoctorDayVisit:
    zone = settings().zone
    return DoctorDayVisit(
        reference=visit.reference,
        time_label=clock_label(visit.starts_at, zone),
        until_label=clock_label(visit.ends_at, zone),
        patient_name=patient_name,
        reason=visit.reason,
        status=visit.status.value,
        paid=bill.status in HAS_MONEY,
        over=visit.ends_at <= now,
    )
