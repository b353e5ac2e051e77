"""The clinic's money over a period: figures, days, movements. Read-only; one query for each group of figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Doctor, Payment, PaymentAttempt
from booking_ui.db.quarters import quarter_of, start_of
from booking_ui.db.session import read
from booking_ui.domain.clock import day_label
from booking_ui.domain.errors import BadInput, FieldError, NotFound
from booking_ui.domain.money import rupees
from booking_ui.domain.period import LONGEST, Period, order_problems
from booking_ui.languages import _
from booking_ui.services.desk import ledger
from booking_ui.services.desk.ledger import Figure
from booking_ui.services.views.desk import DoctorPayouts, FigureView, MoneyLine, PayoutDay, PayoutsView

MOVEMENTS = (Figure.CAPTURED, Figure.REFUNDED, Figure.REFUND_DUE, Figure.DEDUCTED)
"""Figures of money that came or goes; the others only wait or never came."""

AT_ONCE = 31  # days whose movements are in memory together

Sums = dict[int, dict[Figure, tuple[int, int]]]


def summary(*, first: date, last: date, doctor_id: int | None = None) -> PayoutsView:
    """Every figure from `first` to `last`, both counted in the clinic's zone, in all and for each doctor.

    What each counts, and by which instant, is said in `ledger.EXPLAINED`; net = captured − refunded − refund due − deducted.

    Raises:
        BadInput: the days are the wrong way round, or more than LONGEST.
    """
    period = _period(first, last)
    with read() as tx:
        sums: Sums = defaultdict(dict)
        for figure in Figure:
            _add_sums(tx, sums, figure, period, doctor_id)
        doctors = tx.exec(
            select(Doctor)
            .where(col(Doctor.id).in_(sums.keys() if doctor_id is None else [doctor_id]))
            .order_by(sa.func.lower(Doctor.name), col(Doctor.id))
        ).all()
        fees, known = _fees(tx, period, doctor_id)
    return PayoutsView(
        first=first,
        last=last,
        period_label=period.label,
        figures=[_figure(figure, *_total(sums, figure)) for figure in Figure],
        doctors=[_of_doctor(one, sums) for one in doctors],
        fees_paise=fees,
        fees_label=rupees(fees),
        fees_known=known,
    )


def doctor(*, slug: str) -> tuple[int, str]:
    """A doctor's id and name, also of one who no longer practises here. Raises NotFound."""
    with read() as tx:
        found = tx.exec(select(Doctor.id, Doctor.name).where(Doctor.slug == slug)).one_or_none()
    if found is None:
        raise NotFound(_("There is no doctor at this address."))
    return found[0] or 0, found[1]


def daily(*, first: date, last: date, doctor_id: int | None = None) -> list[PayoutDay]:
    """Captured, refunded, due and deducted of every day of the period, oldest first; days without money are zero.

    Raises BadInput.
    """
    period = _period(first, last)
    zone = settings().zone
    days: dict[tuple[date, Figure], int] = defaultdict(int)
    with read() as tx:
        for figure in MOVEMENTS:
            found = ledger.entries(figure, period.span(zone))
            quarter = quarter_of(found.c.at)
            query = _of(sa.select(quarter, sa.func.sum(found.c.paise)), found, doctor_id).group_by(quarter)
            for number, paise in tx.execute(query):
                days[start_of(number).astimezone(zone).date(), figure] += int(paise)
    dates = [first + timedelta(days=n) for n in range(period.days)]
    return [_day(one, *(days[one, figure] for figure in MOVEMENTS)) for one in dates]


def lines(*, first: date, last: date, doctor_id: int | None = None) -> Iterator[MoneyLine]:
    """Every movement of the period, oldest first: what captured, refunded, refund due and deducted are made of.

    Read AT_ONCE days at a time while it is used up, in the thread that asks. Raises BadInput, at once.
    """
    return _lines(_period(first, last), doctor_id)


def _lines(period: Period, doctor_id: int | None) -> Iterator[MoneyLine]:
    with read() as tx:
        for part in period.parts(AT_ONCE):
            found = [
                (at, figure, *row)
                for figure in MOVEMENTS
                for at, *row in tx.execute(_lines_query(figure, part, doctor_id))
            ]
            found.sort(key=lambda row: (row[0], row[2], row[1]))
            yield from (_line(*row) for row in found)


def _period(first: date, last: date) -> Period:
    period = Period(first, last)
    if wrong := order_problems(period.first, period.last):
        raise BadInput(*wrong)
    if period.days > LONGEST:
        raise BadInput(FieldError("dateTo", _("Choose at most {most} days.", most=LONGEST)))
    return period


def _of(query: Any, found: sa.Subquery, doctor_id: int | None) -> Any:
    """The entries with their visits, of one doctor or of all."""
    joined = query.select_from(found).join(Appointment, col(Appointment.id) == found.c.appointment_id)
    return joined if doctor_id is None else joined.where(col(Appointment.doctor_id) == doctor_id)


def _with_bill(query: Any) -> Any:
    return query.join(Payment, col(Payment.appointment_id) == col(Appointment.id))


def _add_sums(tx: Session, sums: Sums, figure: Figure, period: Period, doctor_id: int | None) -> None:
    found = ledger.entries(figure, period.span(settings().zone))
    of = col(Appointment.doctor_id)
    counted = sa.func.count(sa.distinct(found.c.appointment_id))
    query = _of(sa.select(of, counted, sa.func.sum(found.c.paise)), found, doctor_id).group_by(of)
    for number, bookings, paise in tx.execute(query):
        sums[number][figure] = (bookings, int(paise))


def _total(sums: Sums, figure: Figure) -> tuple[int, int]:
    mine = [one.get(figure, (0, 0)) for one in sums.values()]
    return sum(bookings for bookings, _ in mine), sum(paise for _, paise in mine)


def _figure(figure: Figure, bookings: int, paise: int) -> FigureView:
    return FigureView(figure.value, bookings, paise, rupees(paise))


def _of_doctor(one: Doctor, sums: Sums) -> DoctorPayouts:
    mine = sums.get(one.id or 0, {})
    figures = [_figure(figure, *mine.get(figure, (0, 0))) for figure in Figure]
    return DoctorPayouts(one.id or 0, one.slug, one.name, figures)


def _fees(tx: Session, period: Period, doctor_id: int | None) -> tuple[int, int]:
    """(paise, payments) of the fees that Razorpay named for the payments kept in the period."""
    found = ledger.entries(Figure.CAPTURED, period.span(settings().zone))
    fee = col(PaymentAttempt.fee_paise)
    kept = (
        _with_bill(
            _of(sa.select(sa.func.coalesce(sa.func.sum(fee), 0), sa.func.count(fee)), found, doctor_id)
        )
        .join(PaymentAttempt, col(PaymentAttempt.gateway_payment_id) == col(Payment.gateway_payment_id))
        .where(found.c.at == col(Payment.captured_at))
    )
    paise, known = tx.execute(kept).one()
    return int(paise), int(known)


def _day(day: date, captured: int, refunded: int, due: int, deducted: int) -> PayoutDay:
    net = captured - refunded - due - deducted
    return PayoutDay(
        day=day.isoformat(),
        day_label=day_label(day),
        captured_paise=captured,
        captured_label=rupees(captured),
        refunded_paise=refunded,
        refunded_label=rupees(refunded),
        due_paise=due,
        due_label=rupees(due),
        deducted_paise=deducted,
        deducted_label=rupees(deducted),
        net_paise=net,
        net_label=rupees(net),
    )


def _lines_query(figure: Figure, period: Period, doctor_id: int | None) -> Any:
    found = ledger.entries(figure, period.span(settings().zone))
    columns = sa.select(
        found.c.at,
        col(Appointment.reference),
        col(Doctor.name),
        col(Appointment.starts_at),
        found.c.paise,
        col(Payment.currency),
        col(Payment.method),
        col(Payment.gateway_order_id),
        col(Payment.gateway_payment_id),
    )
    return _with_bill(_of(columns, found, doctor_id)).join(
        Doctor, col(Doctor.id) == col(Appointment.doctor_id)
    )


def _line(
    at: datetime,
    figure: Figure,
    reference: str,
    doctor_name: str,
    starts_at: datetime,
    paise: int,
    currency: str,
    method: str,
    order_id: str | None,
    payment_id: str | None,
) -> MoneyLine:
    zone = settings().zone
    local = at.astimezone(zone)
    return MoneyLine(
        day=local.date().isoformat(),
        time=local.time().isoformat("minutes"),
        figure=figure.value,
        reference=reference,
        doctor_name=doctor_name,
        visit_day=starts_at.astimezone(zone).date().isoformat(),
        paise=paise,
        currency=currency,
        method=method,
        gateway_order_id=order_id or "",
        gateway_payment_id=payment_id or "",
    )
