"""Which bookings the desk's lists show: filters, what is joined to each, the order, and one row in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Dependent, Doctor, Payment, PaymentAttempt, Person, Refund, pk
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import instant_label, iso
from booking_ui.domain.money import rupees
from booking_ui.domain.people.person import spaced_phone
from booking_ui.domain.period import span
from booking_ui.services.cases import attention
from booking_ui.services.desk import ledger
from booking_ui.services.views import AdminRow
from booking_ui.services.visits import patient_view

ATTENTION = "attention"
"""The filter beside the statuses: bookings whose money needs a person."""

SORTS: dict[str, sa.SQLColumnExpression[Any]] = {
    "starts_at": col(Appointment.starts_at),
    "booked": col(Appointment.created_at),
    "amount": col(Payment.amount_paise),
    "status": col(Appointment.status),
    "doctor": sa.func.lower(Doctor.name),
    "patient": sa.func.lower(Person.name),
}
URGENCY = "urgency"
"""The sort key beside them: the worst money case first, bookings without one last."""


@dataclass(frozen=True)
class Filters:
    status: str
    doctor_id: int | None
    date_from: date | None
    date_to: date | None
    q: str
    money: str = ""
    money_from: date | None = None
    money_to: date | None = None


@dataclass(frozen=True)
class Beside:
    """What is joined to every booking: its worst money case, and its part of the figure asked for."""

    cases: sa.Subquery
    counted: sa.Subquery | None

    @property
    def paise(self) -> sa.ColumnElement[int]:
        return self.counted.c.paise if self.counted is not None else sa.literal(0)


def base(beside: Beside) -> Any:
    """Every booking with its bill, patient, doctor, dependent's name, worst money case and part of the figure; one row each."""
    dependent = select(Dependent.name).where(col(Dependent.id) == col(Appointment.dependent_id))
    columns: Any = select(Appointment, Payment, Person, Doctor).add_columns(
        beside.cases.c.worst, dependent.scalar_subquery(), beside.paise
    )
    return with_patient(with_money(columns, beside)).join(
        Doctor, col(Doctor.id) == col(Appointment.doctor_id)
    )


def counted(filters: Filters) -> sa.Subquery | None:
    """What each booking adds to the figure asked for; None when none is."""
    if not filters.money:
        return None
    within = span(filters.money_from, filters.money_to, settings().zone)
    return ledger.per_booking(ledger.Figure(filters.money), within)


def with_money(query: Any, beside: Beside) -> Any:
    bills = query.select_from(Appointment).join(Payment, col(Payment.appointment_id) == col(Appointment.id))
    if beside.counted is not None:
        bills = bills.join(beside.counted, beside.counted.c.appointment_id == col(Appointment.id))
    return bills.outerjoin(beside.cases, beside.cases.c.payment_id == col(Payment.id))


def with_patient(query: Any) -> Any:
    return query.join(Person, col(Person.id) == col(Appointment.patient_id))


def narrowed(query: Any, filters: Filters, beside: Beside) -> Any:
    days = span(filters.date_from, filters.date_to, settings().zone)
    starts_at = col(Appointment.starts_at)
    if filters.status == ATTENTION:
        query = query.where(beside.cases.c.worst.is_not(None))
    elif filters.status:
        query = query.where(col(Appointment.status) == AppointmentStatus(filters.status))
    if filters.doctor_id is not None:
        query = query.where(col(Appointment.doctor_id) == filters.doctor_id)
    if days.start:
        query = query.where(starts_at >= days.start)
    if days.end:
        query = query.where(starts_at < days.end)
    return query.where(_matches(filters.q)) if filters.q else query


def _matches(q: str) -> sa.ColumnElement[bool]:
    if q.startswith("order_"):
        return col(Payment.gateway_order_id) == q
    if q.startswith("pay_"):
        tried = select(PaymentAttempt.payment_id).where(PaymentAttempt.gateway_payment_id == q)
        return sa.or_(col(Payment.gateway_payment_id) == q, col(Payment.id).in_(tried))
    if q.startswith("rfnd_"):
        return col(Payment.id).in_(select(Refund.payment_id).where(Refund.gateway_refund_id == q))
    words = (col(Appointment.reference), col(Person.name), col(Person.email))
    family = select(Dependent.id).where(col(Dependent.name).icontains(q, autoescape=True))
    digits = "".join(c for c in q if c.isdigit())
    phone = (
        [col(Person.phone).contains(digits)] if len(digits) >= 4 and not q.strip("+ -()0123456789") else []
    )
    mentioned = (word.icontains(q, autoescape=True) for word in words)
    return sa.or_(*mentioned, *phone, col(Appointment.dependent_id).in_(family))


def ordered_by(sort: str, cases: sa.Subquery) -> tuple[sa.ColumnElement[Any], ...]:
    key = {**SORTS, URGENCY: cases.c.worst}[sort.removeprefix("-")]
    number = col(Appointment.id)
    ordered = (key.desc(), number.desc()) if sort.startswith("-") else (key.asc(), number.asc())
    # SQLite and PostgreSQL disagree on where NULL stands: here it is always last.
    return (key.is_(None), *ordered) if URGENCY in sort else ordered


def row(
    appointment: Appointment,
    payment: Payment,
    patient: Person,
    doctor: Doctor,
    case: int | None,
    visitor: str | None,
) -> AdminRow:
    zone = settings().zone
    return AdminRow(
        id=pk(appointment),
        reference=appointment.reference,
        status=appointment.status,
        payment_status=payment.status,
        patient_name=patient.name,
        patient_email=patient.email,
        patient_phone=patient.phone,
        doctor_id=appointment.doctor_id,
        doctor_name=doctor.name,
        speciality=doctor.speciality,
        starts_at=iso(appointment.starts_at),
        when_label=instant_label(appointment.starts_at, zone),
        booked_label=instant_label(appointment.created_at, zone),
        amount_paise=payment.amount_paise,
        amount_label=rupees(payment.amount_paise),
        method_label=patient_view.method_label(payment),
        gateway_order_id=payment.gateway_order_id or "",
        gateway_payment_id=payment.gateway_payment_id or "",
        needs_attention=attention.sentence(case, payment),
        phone_label=spaced_phone(patient.phone),
        way_out=attention.way_out(case),
        payment_id=pk(payment),
        visitor_name=visitor or "",
    )
