"""What the desk sees: the bookings table, and everything about one booking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Doctor, Payment, PaymentAttempt, pk
from booking_ui.db.session import read
from booking_ui.domain import refund_policy
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import instant_label
from booking_ui.domain.errors import BadInput, FieldError, NotFound
from booking_ui.domain.money import rupees
from booking_ui.services.cases import attention as money_attention
from booking_ui.services.desk import booking_timeline, bookings_query, ledger, mark_payment
from booking_ui.services.desk.bookings_query import ATTENTION, SORTS, URGENCY, Beside, Filters
from booking_ui.services.views import AdminBooking, AdminPage, AdminRow, RefundChoice
from booking_ui.services.visits import patient_view, terms

LONGEST_PAGE = 100
LONGEST_SEARCH = 100


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
    filters = Filters(
        status, doctor_id, date_from, date_to, q.strip()[:LONGEST_SEARCH], money, money_from, money_to
    )
    _check(filters, page, page_size, sort)
    beside = Beside(money_attention.worst_cases(now), bookings_query.counted(filters))
    with read() as tx:
        tallies = _tallies(tx, filters, beside)
        total, paise = _total(status, tallies)
        pages = max(1, -(-total // page_size))
        page = min(page, pages)
        found = bookings_query.narrowed(bookings_query.base(beside), filters, beside).order_by(
            *bookings_query.ordered_by(sort, beside.cases)
        )
        listed = tx.exec(found.offset((page - 1) * page_size).limit(page_size))
        rows = [_with_part(bookings_query.row(*one), part, money) for *one, part in listed]
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
        beside = Beside(money_attention.worst_cases(now, payment_id), None)
        *one, _ = tx.exec(bookings_query.base(beside).where(col(Payment.id) == payment_id)).one()
        return _booking(tx, bookings_query.row(*one), now)


def _booking(tx: Session, row: AdminRow, now: datetime) -> AdminBooking:
    whole = patient_view.load(tx, col(Appointment.id) == row.id)[0]
    tried = select(PaymentAttempt).where(PaymentAttempt.payment_id == row.payment_id)
    attempts = tx.exec(tried.order_by(col(PaymentAttempt.id))).all()
    story = booking_timeline.told(
        tx,
        trail=whole.trail,
        attempts=attempts,
        refunds=whole.refunds,
        order_id=row.gateway_order_id,
        zone=settings().zone,
    )
    allowed = mark_payment.allowed(whole.appointment, whole.payment)
    return AdminBooking(
        row=row,
        appointment=patient_view.view(whole, now),
        attempts=[booking_timeline.attempt(one, whole.refunds) for one in attempts],
        refunds=[booking_timeline.refund(one) for one in sorted(whole.refunds, key=pk)],
        story=story,
        can_mark=bool(allowed),
        marks=allowed,
        can_conclude=row.status == AppointmentStatus.CONFIRMED and whole.appointment.starts_at <= now,
        mark_label=" · ".join(filter(None, [whole.payment.mark_reason, whole.payment.mark_reference])),
        cancel_choices=_cancel_choices(whole, now),
    )


def _cancel_choices(b: patient_view.Booking, now: datetime) -> list[RefundChoice]:
    """What the desk may give back for cancelling this visit, in exact rupees; what is the same stands once."""
    if b.appointment.status is not AppointmentStatus.CONFIRMED:
        return []
    kept = terms.kept_paise(b.payment, b.refunds)
    if not kept:
        return [RefundChoice("none", "Nothing: no money is kept")]
    quote = terms.cancel_quote(b.appointment, b.payment, b.refunds, now)
    ruled, rule = (quote.refund_paise, _rule(b, quote, now)) if quote else (0, "it is too late")
    every = (
        f"The full {rupees(kept)}" if kept == b.payment.amount_paise else f"All that is kept: {rupees(kept)}"
    )
    between = [RefundChoice("policy", f"By the rule: {rupees(ruled)} ({rule})")] if 0 < ruled < kept else []
    return [
        *between,
        RefundChoice("full", f"{every} (also what the rule gives)" if ruled == kept else every),
        RefundChoice("none", "Nothing" if ruled else f"Nothing (by the rule: {rule})"),
    ]


def _rule(b: patient_view.Booking, quote: refund_policy.Quote, now: datetime) -> str:
    """half of the fee, until Mon 23 Nov, 10:30 am."""
    bands = terms.bands(b.appointment)
    percent = refund_policy.percent_at(bands=bands, starts_at=b.appointment.starts_at, now=now) or 0
    part = {100: "all of the fee", 50: "half of the fee", 0: "nothing this close to the visit"}
    until = instant_label(quote.changes_at, settings().zone)
    return f"{part.get(percent, f'{percent} % of the fee')}, until {until}"


def doctor_choices() -> list[tuple[int, str]]:
    """(id, name) of every doctor by name, also of those who no longer practise here: their bookings remain."""
    with read() as tx:
        found = tx.exec(select(col(Doctor.id), Doctor.name).order_by(SORTS["doctor"], col(Doctor.id)))
        return [(doctor_id or 0, name) for doctor_id, name in found]


def _check(filters: Filters, page: int, page_size: int, sort: str) -> None:
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


def _with_part(row: AdminRow, paise: int, money: str) -> AdminRow:
    return replace(row, figure_paise=int(paise), figure_label=rupees(int(paise))) if money else row


@dataclass(frozen=True)
class _Tally:
    """Of one status: bookings, how many of them need a person, and the figure's paise of both."""

    bookings: int = 0
    attention: int = 0
    paise: int = 0
    attention_paise: int = 0


def _tallies(tx: Session, filters: Filters, beside: Beside) -> dict[str, _Tally]:
    """Every status under the other filters, in one query."""
    status, worst = col(Appointment.status), beside.cases.c.worst
    needy = sa.case((worst.is_not(None), beside.paise), else_=0)
    columns = sa.select(
        status, sa.func.count(), sa.func.count(worst), sa.func.sum(beside.paise), sa.func.sum(needy)
    )
    query = bookings_query.with_money(columns, beside)
    if filters.q:  # names are only needed to search them
        query = bookings_query.with_patient(query)
    found = tx.execute(bookings_query.narrowed(query, replace(filters, status=""), beside).group_by(status))
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
