"""What the desk sees: the bookings table, and everything about one booking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.config import settings
from booking_ui.db.models import Appointment, Dependent, Doctor, Payment, PaymentAttempt, Person, Refund, pk
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import instant_label, iso
from booking_ui.domain.errors import BadInput, FieldError, NotFound
from booking_ui.domain.money import rupees
from booking_ui.domain.period import span
from booking_ui.services import desk_story, ledger, marks, money_cases, stories, terms
from booking_ui.services.views import AdminBooking, AdminPage, AdminRow, RefundChoice

ATTENTION = "attention"
"""The filter beside the statuses: bookings whose money needs a person."""

LONGEST_PAGE = 100
LONGEST_SEARCH = 100

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
class _Filters:
    status: str
    doctor_id: int | None
    date_from: date | None
    date_to: date | None
    q: str
    money: str = ""
    money_from: date | None = None
    money_to: date | None = None


@dataclass(frozen=True)
class _Beside:
    """What is joined to every booking: its worst money case, and its part of the figure asked for."""

    cases: sa.Subquery
    counted: sa.Subquery | None

    @property
    def paise(self) -> sa.ColumnElement[int]:
        return self.counted.c.paise if self.counted is not None else sa.literal(0)


def bookings(
    *,
    now: datetime,
    status: str = "",
    doctor_id: int | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    q: str = "",
    money: str = "",
    money_from: date | None = None,
    money_to: date | None = None,
    page: int = 1,
    page_size: int = 25,
    sort: str = "-starts_at",
) -> AdminPage:
    """One page of bookings under the filters; a page past the end is the last one.

    `status` is an appointment's or "attention"; both dates count, in the clinic's zone; `q` is part of a reference, name (the dependent's too),
    e-mail or phone, or a whole Razorpay id; `sort` is a key of SORTS or "urgency", "-" before it for descending.
    `money` is a figure of the payouts and leaves exactly the bookings it counts from `money_from` to `money_to`.

    Raises:
        BadInput: an unknown status or sort key, dates the wrong way round, a page or page size out of range.
    """
    filters = _Filters(
        status, doctor_id, date_from, date_to, q.strip()[:LONGEST_SEARCH], money, money_from, money_to
    )
    _check(filters, page, page_size, sort)
    beside = _Beside(money_cases.worst_cases(now), _counted(filters))
    with read() as tx:
        tallies = _tallies(tx, filters, beside)
        total, paise = _total(status, tallies)
        pages = max(1, -(-total // page_size))
        page = min(page, pages)
        found = _narrowed(_base(beside), filters, beside).order_by(*_order(sort, beside.cases))
        listed = tx.exec(found.offset((page - 1) * page_size).limit(page_size))
        rows = [_with_part(_row(*one), part, money) for *one, part in listed]
    return AdminPage(
        rows,
        total,
        page,
        pages,
        status_counts=[(one, tally.bookings) for one, tally in tallies.items()],
        attention_count=sum(tally.attention for tally in tallies.values()),
        figure_paise=paise if money else 0,
        figure_label=rupees(paise) if money else "",
    )


def booking(*, now: datetime, reference: str) -> AdminBooking:
    """Everything about one booking. Raises NotFound."""
    with read() as tx:
        bill = select(Payment.id).join(Appointment).where(Appointment.reference == reference)
        payment_id = tx.exec(bill).one_or_none()
        if payment_id is None:
            raise NotFound
        beside = _Beside(money_cases.worst_cases(now, payment_id), None)
        *one, _ = tx.exec(_base(beside).where(col(Payment.id) == payment_id)).one()
        return _booking(tx, _row(*one), now)


def _booking(tx: Session, row: AdminRow, now: datetime) -> AdminBooking:
    whole = stories.load(tx, col(Appointment.id) == row.id)[0]
    tried = select(PaymentAttempt).where(PaymentAttempt.payment_id == row.payment_id)
    attempts = tx.exec(tried.order_by(col(PaymentAttempt.id))).all()
    story = desk_story.told(
        tx, trail=whole.trail, attempts=attempts, order_id=row.gateway_order_id, zone=settings().zone
    )
    allowed = marks.allowed(whole.appointment, whole.payment)
    return AdminBooking(
        row=row,
        appointment=stories.view(whole, now),
        attempts=[desk_story.attempt(one) for one in attempts],
        refunds=[desk_story.refund(one) for one in sorted(whole.refunds, key=pk)],
        story=story,
        can_mark=bool(allowed),
        marks=allowed,
        can_conclude=row.status == AppointmentStatus.CONFIRMED and whole.appointment.starts_at <= now,
        mark_label=" · ".join(filter(None, [whole.payment.mark_reason, whole.payment.mark_reference])),
        cancel_choices=_cancel_choices(whole, now),
    )


def _cancel_choices(b: stories.Booking, now: datetime) -> list[RefundChoice]:
    """What the desk may give back for cancelling this visit, in exact rupees."""
    if b.appointment.status is not AppointmentStatus.CONFIRMED:
        return []
    kept = terms.kept_paise(b.payment, b.refunds)
    quote = terms.cancel_quote(b.appointment, b.payment, b.refunds, now)
    ruled = rupees(quote.refund_paise) if quote else "nothing, it is too late"
    return [
        RefundChoice("policy", f"By the rule: {ruled}"),
        RefundChoice("full", f"All of it: {rupees(kept)}"),
        RefundChoice("none", "Nothing"),
    ]


def doctor_choices() -> list[tuple[int, str]]:
    """(id, name) of every doctor by name, also of those who no longer practise here: their bookings remain."""
    with read() as tx:
        found = tx.exec(select(col(Doctor.id), Doctor.name).order_by(SORTS["doctor"], col(Doctor.id)))
        return [(doctor_id or 0, name) for doctor_id, name in found]


def _check(filters: _Filters, page: int, page_size: int, sort: str) -> None:
    wrong: list[FieldError] = []
    if filters.status and filters.status not in (*AppointmentStatus, ATTENTION):
        wrong.append(FieldError("status", "Choose one of the listed statuses."))
    if filters.date_from and filters.date_to and filters.date_from > filters.date_to:
        wrong.append(FieldError("dateTo", "The last day must not be before the first."))
    if filters.money and filters.money not in list(ledger.Figure):
        wrong.append(FieldError("money", f"Choose one of {', '.join(ledger.Figure)}."))
    if filters.money_from and filters.money_to and filters.money_from > filters.money_to:
        wrong.append(FieldError("moneyTo", "The last day must not be before the first."))
    if sort.removeprefix("-") not in (*SORTS, URGENCY):
        wrong.append(FieldError("sort", f"Sort by one of {', '.join((*SORTS, URGENCY))}."))
    if page < 1:
        wrong.append(FieldError("page", "Pages begin at 1."))
    if not 1 <= page_size <= LONGEST_PAGE:
        wrong.append(FieldError("pageSize", f"A page has 1 to {LONGEST_PAGE} bookings."))
    if wrong:
        raise BadInput(*wrong)


def _base(beside: _Beside) -> Any:
    """Every booking with its bill, patient, doctor, dependent's name, worst money case and part of the figure; one row each."""
    dependent = select(Dependent.name).where(col(Dependent.id) == col(Appointment.dependent_id))
    columns: Any = select(Appointment, Payment, Person, Doctor).add_columns(
        beside.cases.c.worst, dependent.scalar_subquery(), beside.paise
    )
    return _with_patient(_with_money(columns, beside)).join(
        Doctor, col(Doctor.id) == col(Appointment.doctor_id)
    )


def _counted(filters: _Filters) -> sa.Subquery | None:
    if not filters.money:
        return None
    within = span(filters.money_from, filters.money_to, settings().zone)
    return ledger.per_booking(ledger.Figure(filters.money), within)


def _with_money(query: Any, beside: _Beside) -> Any:
    bills = query.select_from(Appointment).join(Payment, col(Payment.appointment_id) == col(Appointment.id))
    if beside.counted is not None:
        bills = bills.join(beside.counted, beside.counted.c.appointment_id == col(Appointment.id))
    return bills.outerjoin(beside.cases, beside.cases.c.payment_id == col(Payment.id))


def _with_patient(query: Any) -> Any:
    return query.join(Person, col(Person.id) == col(Appointment.patient_id))


def _with_part(row: AdminRow, paise: int, money: str) -> AdminRow:
    return replace(row, figure_paise=int(paise), figure_label=rupees(int(paise))) if money else row


@dataclass(frozen=True)
class _Tally:
    """Of one status: bookings, how many of them need a person, and the figure's paise of both."""

    bookings: int = 0
    attention: int = 0
    paise: int = 0
    attention_paise: int = 0


def _tallies(tx: Session, filters: _Filters, beside: _Beside) -> dict[str, _Tally]:
    """Every status under the other filters, in one query."""
    status, worst = col(Appointment.status), beside.cases.c.worst
    needy = sa.case((worst.is_not(None), beside.paise), else_=0)
    columns = sa.select(
        status, sa.func.count(), sa.func.count(worst), sa.func.sum(beside.paise), sa.func.sum(needy)
    )
    query = _with_money(columns, beside)
    if filters.q:  # names are only needed to search them
        query = _with_patient(query)
    found = tx.execute(_narrowed(query, replace(filters, status=""), beside).group_by(status))
    return {str(s): _Tally() for s in AppointmentStatus} | {
        str(s): _Tally(*map(int, numbers)) for s, *numbers in found
    }


def _total(status: str, tallies: dict[str, _Tally]) -> tuple[int, int]:
    """Bookings and paise under the status filter too."""
    if status == ATTENTION:
        every = tallies.values()
        return sum(one.attention for one in every), sum(one.attention_paise for one in every)
    wanted = [tallies[status]] if status else list(tallies.values())
    return sum(one.bookings for one in wanted), sum(one.paise for one in wanted)


def _narrowed(query: Any, filters: _Filters, beside: _Beside) -> Any:
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


def _order(sort: str, cases: sa.Subquery) -> tuple[sa.ColumnElement[Any], ...]:
    key = {**SORTS, URGENCY: cases.c.worst}[sort.removeprefix("-")]
    number = col(Appointment.id)
    ordered = (key.desc(), number.desc()) if sort.startswith("-") else (key.asc(), number.asc())
    # SQLite and PostgreSQL disagree on where NULL stands: here it is always last.
    return (key.is_(None), *ordered) if URGENCY in sort else ordered


def _row(
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
        method_label=stories.method_label(payment),
        gateway_order_id=payment.gateway_order_id or "",
        gateway_payment_id=payment.gateway_payment_id or "",
        needs_attention=money_cases.sentence(case, payment),
        payment_id=pk(payment),
        visitor_name=visitor or "",
    )
