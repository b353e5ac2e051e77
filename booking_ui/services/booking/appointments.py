"""A patient's own bookings, to look at: one of them, a list, a page of the list."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from booking_ui.db import holds
from booking_ui.db.models import Appointment, Payment
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import NotFound
from booking_ui.domain.paging import Page, paging
from booking_ui.domain.payment import PaymentStatus
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import patient_view


def find(
    *, patient_id: int, now: datetime, appointment_id: int | None = None, reference: str = ""
) -> AppointmentView:
    """One booking, by its id or its reference. Raises NotFound, also for another patient's: do not reveal that it exists."""
    wanted = (
        Appointment.id == appointment_id if appointment_id is not None else Appointment.reference == reference
    )
    with read() as tx:
        found = patient_view.load(tx, wanted, Appointment.patient_id == patient_id)
    if not found:
        raise NotFound
    return patient_view.view(found[0], now)


def held(*, patient_id: int, now: datetime) -> list[AppointmentView]:
    """The bookings whose slots the patient holds and has not paid, in the order in which the holds end."""
    with read() as tx:
        found = patient_view.load(tx, Appointment.patient_id == patient_id, holds.held(now))
    soonest = sorted(found, key=lambda booking: booking.appointment.hold_expires_at or now)
    return [patient_view.view(booking, now) for booking in soonest]


def listed(
    *, patient_id: int, now: datetime, when: str = "", status: str = "", limit: int = 200
) -> list[AppointmentView]:
    """`limit` bookings at most: upcoming soonest first, past (and everything over) newest first."""
    with read() as tx:
        found = patient_view.load(
            tx, *_where(patient_id, when, status, now), newest_first=when != "upcoming", limit=limit
        )
    return [patient_view.view(b, now) for b in found]


def page(
    *, patient_id: int, now: datetime, when: str = "", status: str = "", number: int = 1, page_size: int = 100
) -> Page[AppointmentView]:
    """One page of what `listed` lists, in that order; a page past the end is the last one."""
    where = _where(patient_id, when, status, now)
    count = sa.select(sa.func.count()).select_from(Appointment).join(Payment)
    with read() as tx:
        total = tx.execute(count.where(*where)).scalar_one()
        shown = paging(total, number, page_size)
        found = patient_view.load(
            tx, *where, newest_first=when != "upcoming", limit=shown.size, offset=shown.offset
        )
    return Page([patient_view.view(b, now) for b in found], shown)


def _where(patient_id: int, when: str, status: str, now: datetime) -> list[sa.ColumnElement[bool]]:
    where = [col(Appointment.patient_id) == patient_id]
    if status:
        where.append(col(Appointment.status) == status)
    if when:
        where.append(_ahead(now) if when == "upcoming" else ~_ahead(now))
    return where


def _ahead(now: datetime) -> sa.ColumnElement[bool]:
    """Visits to come: confirmed, held now, or waiting for the bank."""
    status = col(Appointment.status)
    open_ones = (AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.FAILED)
    asked = status.in_(open_ones) & (col(Payment.status) == PaymentStatus.AUTHORIZED)
    waits = sa.or_(status == AppointmentStatus.CONFIRMED, holds.held(now), asked)
    return sa.and_(col(Appointment.starts_at) > now, waits)
