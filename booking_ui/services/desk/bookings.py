"""The desk's lists of bookings: the filter, the SQL it becomes, and the rows with their labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words, orders
from booking_ui.db.clinic_words import Words
from booking_ui.db.models import Appointment, Dependent, Doctor, Payment, PaymentAttempt, Person, Refund, pk
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import instant_label, iso, today
from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.domain.money import method_label, rupees
from booking_ui.domain.paging import page_problems, paging
from booking_ui.domain.people.person import shown_name
from booking_ui.domain.period import AHEAD, Span, order_problems, span
from booking_ui.languages import _
from booking_ui.services.cases import attention
from booking_ui.services.desk import ledger
from booking_ui.services.views.desk import BookingPage, BookingRow, DoctorChoice

LONGEST_SEARCH = 100

ATTENTION = "attention"
"""The filter beside the statuses: bookings that need a person."""

SORTS: dict[str, sa.SQLColumnExpression[Any]] = {
    "starts_at": col(Appointment.starts_at),
    "booked": col(Appointment.created_at),
    "amount": col(Payment.amount_paise),
    "status": col(Appointment.status),
    "doctor": sa.func.lower(Doctor.name),
    "patient": sa.func.lower(Person.name),
}
URGENCY = "urgency"
"""The sort key beside them: the worst case first, bookings without one last."""

SOONEST_FIRST, LATEST_FIRST = "starts_at", "-starts_at"


@dataclass(frozen=True)
class BookingFilter:
    """A choice of bookings, their order and a page of them. The plain one has all of them, the newest visit first.

    `status` is an appointment's or ATTENTION. Days are the clinic's and both count; `period` is a key of AHEAD and
    stands for them. `q` is part of a reference, a name (the dependent's too), an email or a phone number, or a whole
    Razorpay id. `money` is a figure of the payouts: exactly the bookings it counts from `money_from` to `money_to`.
    `sort` is a key of SORTS or URGENCY, "-" before it for descending, or empty for the order that suits the days.
    """

    status: str = ""
    doctor_id: int | None = None
    date_from: date | None = None
    date_to: date | None = None
    period: str = ""
    q: str = ""
    money: str = ""
    money_from: date | None = None
    money_to: date | None = None
    sort: str = ""
    page: int = 1
    page_size: int = 25

    def __post_init__(self) -> None:
        object.__setattr__(self, "q", self.q.strip()[:LONGEST_SEARCH])

    @property
    def order(self) -> str:
        """The sort key in force: what comes next is read from its beginning, all days from the newest."""
        return self.sort or (SOONEST_FIRST if self.period else LATEST_FIRST)

    def days(self, now: datetime) -> tuple[date | None, date | None]:
        """The first and the last day that are shown; None is open."""
        if not self.period:
            return self.date_from, self.date_to
        _, ahead = AHEAD[self.period]
        found = ahead(today(now, settings().zone))
        return found.first, found.last

    def problems(self) -> list[FieldError]:
        """A sentence for each part of it that means nothing."""
        keys = (*SORTS, URGENCY)
        rules = (
            (self.status not in ("", *AppointmentStatus, ATTENTION), "status", _("Choose one of the listed statuses.")),
            (self.period not in ("", *AHEAD), "period", _("Choose one of {expected}.", expected=", ".join(AHEAD))),
            (self.money not in ("", *ledger.Figure), "money", _("Choose one of {expected}.", expected=", ".join(ledger.Figure))),
            (self.order.removeprefix("-") not in keys, "sort", _("Sort by one of {codes}.", codes=", ".join(keys))),
        )  # fmt: skip
        return [
            *(FieldError(field, sentence) for broken, field, sentence in rules if broken),
            *order_problems(self.date_from, self.date_to),
            *order_problems(self.money_from, self.money_to, field="moneyTo"),
            *page_problems(self.page, self.page_size),
        ]


def listed(wanted: BookingFilter, *, now: datetime) -> BookingPage:
    """One page of bookings; a page past the end is the last one.

    Raises:
        BadInput: the filter has something in it that means nothing.
    """
    if wrong := wanted.problems():
        raise BadInput(*wrong)
    joined = Joined(attention.most_urgent(now), _counted(wanted))
    days = span(*wanted.days(now), settings().zone)
    with read() as tx:
        tallies = _tallies(tx, wanted, days, joined)
        total, paise = _total(wanted.status, tallies)
        shown = paging(total, wanted.page, wanted.page_size)
        found = _narrowed(every(joined), wanted, days, joined).order_by(
            *_ordered_by(wanted.order, joined.cases)
        )
        cut = tx.exec(found.offset(shown.offset).limit(shown.size))
        words = clinic_words.words(tx)
        rows = [_with_part(row(words, *one), part, wanted.money) for *one, part in cut]
    return BookingPage(
        rows,
        shown,
        status_counts=[(one, tally.bookings) for one, tally in tallies.items()],
        attention_count=sum(tally.attention for tally in tallies.values()),
        figure_paise=paise if wanted.money else 0,
        figure_label=rupees(paise) if wanted.money else "",
    )


def doctor_choices() -> list[DoctorChoice]:
    """Every doctor by name, also those who no longer practise here: their bookings remain."""
    with read() as tx:
        found = tx.exec(select(col(Doctor.id), Doctor.name).order_by(SORTS["doctor"], col(Doctor.id)))
        return [DoctorChoice(str(doctor_id), name) for doctor_id, name in found]


@dataclass(frozen=True)
class Joined:
    """The subqueries joined to every booking: its worst case, and its part of the figure asked for."""

    cases: sa.Subquery
    counted: sa.Subquery | None = None

    @property
    def paise(self) -> sa.ColumnElement[int]:
        return self.counted.c.paise if self.counted is not None else sa.literal(0)


def every(joined: Joined) -> Any:
    """Every booking, one row each: the arguments of `row` after its words, and last its part of the figure in paise."""
    dependent = select(Dependent.name).where(col(Dependent.id) == col(Appointment.dependent_id))
    columns: Any = select(Appointment, Payment, Person, Doctor).add_columns(
        joined.cases.c.worst, dependent.scalar_subquery(), joined.paise
    )
    return _with_patient(_with_money(columns, joined)).join(
        Doctor, col(Doctor.id) == col(Appointment.doctor_id)
    )


def row(
    words: Words,
    appointment: Appointment,
    payment: Payment,
    patient: Person,
    doctor: Doctor,
    case: int | None,
    visitor: str | None,
) -> BookingRow:
    """The view of one booking; `case` is its worst case, `visitor` the dependent's name."""
    zone, erased = settings().zone, patient.erased_at is not None
    return BookingRow(
        id=pk(appointment),
        reference=appointment.reference,
        status=appointment.status,
        payment_status=payment.status,
        patient_name=shown_name(patient.name, erased=erased),
        patient_email=patient.email or "",
        patient_phone=patient.phone,
        doctor_id=appointment.doctor_id,
        doctor_name=doctor.name,
        speciality=words.said(doctor.speciality),
        starts_at=iso(appointment.starts_at),
        when_label=instant_label(appointment.starts_at, zone),
        booked_label=instant_label(appointment.created_at, zone),
        amount_paise=payment.amount_paise,
        amount_label=rupees(payment.amount_paise),
        method_label=method_label(payment.method, payment.method_detail),
        gateway_order_id=payment.gateway_order_id or "",
        gateway_payment_id=payment.gateway_payment_id or "",
        needs_attention=attention.sentence(case, payment),
        way_out=attention.way_out(case),
        payment_id=pk(payment),
        visitor_name=shown_name(visitor, erased=erased) if visitor else "",
    )


def _with_part(row: BookingRow, paise: int, money: str) -> BookingRow:
    return replace(row, figure_paise=int(paise), figure_label=rupees(int(paise))) if money else row


def _counted(wanted: BookingFilter) -> sa.Subquery | None:
    """Each booking's part of the figure asked for; None when none is."""
    if not wanted.money:
        return None
    within = span(wanted.money_from, wanted.money_to, settings().zone)
    return ledger.per_booking(ledger.Figure(wanted.money), within)


def _with_money(query: Any, joined: Joined) -> Any:
    bills = query.select_from(Appointment).join(Payment, col(Payment.appointment_id) == col(Appointment.id))
    if joined.counted is not None:
        bills = bills.join(joined.counted, joined.counted.c.appointment_id == col(Appointment.id))
    return bills.outerjoin(joined.cases, joined.cases.c.payment_id == col(Payment.id))


def _with_patient(query: Any) -> Any:
    return query.join(Person, col(Person.id) == col(Appointment.patient_id))


def _narrowed(query: Any, wanted: BookingFilter, days: Span, joined: Joined) -> Any:
    starts_at = col(Appointment.starts_at)
    if wanted.status == ATTENTION:
        query = query.where(joined.cases.c.worst.is_not(None))
    elif wanted.status:
        query = query.where(col(Appointment.status) == AppointmentStatus(wanted.status))
    if wanted.doctor_id is not None:
        query = query.where(col(Appointment.doctor_id) == wanted.doctor_id)
    if days.start:
        query = query.where(starts_at >= days.start)
    if days.end:
        query = query.where(starts_at < days.end)
    return query.where(_matches(wanted.q)) if wanted.q else query


def _matches(q: str) -> sa.ColumnElement[bool]:
    if q.startswith("order_"):
        return orders.named(q)
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


def _ordered_by(sort: str, cases: sa.Subquery) -> tuple[sa.ColumnElement[Any], ...]:
    key = {**SORTS, URGENCY: cases.c.worst}[sort.removeprefix("-")]
    number = col(Appointment.id)
    ordered = (key.desc(), number.desc()) if sort.startswith("-") else (key.asc(), number.asc())
    # SQLite and PostgreSQL disagree on where NULL stands: here it is always last.
    return (key.is_(None), *ordered) if URGENCY in sort else ordered


@dataclass(frozen=True)
class _Tally:
    """Of one status: bookings, how many of them need a person, and the figure's paise of both."""

    bookings: int = 0
    attention: int = 0
    paise: int = 0
    attention_paise: int = 0


def _tallies(tx: Session, wanted: BookingFilter, days: Span, joined: Joined) -> dict[str, _Tally]:
    """Every status under the other filters, in one query."""
    status, worst = col(Appointment.status), joined.cases.c.worst
    needy = sa.case((worst.is_not(None), joined.paise), else_=0)
    columns = sa.select(
        status, sa.func.count(), sa.func.count(worst), sa.func.sum(joined.paise), sa.func.sum(needy)
    )
    query = _with_money(columns, joined)
    if wanted.q:  # names are only needed to search them
        query = _with_patient(query)
    found = tx.execute(_narrowed(query, replace(wanted, status=""), days, joined).group_by(status))
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
