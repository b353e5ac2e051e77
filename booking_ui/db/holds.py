"""A hold's end, for a row at hand and for SQL. A hold that has ended counts as over at once, swept or not."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from booking_ui.db.models import Appointment
from booking_ui.domain.appointment import LIVE, AppointmentStatus

Instant = datetime | sa.BindParameter[datetime]


def lasts(until: datetime | None, now: datetime) -> bool:
    """True before the instant at which a hold ends; at the instant itself it is over."""
    return until is not None and until > now


def is_held(row: Appointment, now: datetime) -> bool:
    return row.status is AppointmentStatus.PENDING_PAYMENT and lasts(row.hold_expires_at, now)


def has_expired(row: Appointment, now: datetime) -> bool:
    return row.status is AppointmentStatus.PENDING_PAYMENT and not lasts(row.hold_expires_at, now)


# ── The same in SQL, on Appointment ───────────────────────────────────────────────────────────────────────────────

_waits = col(Appointment.status) == AppointmentStatus.PENDING_PAYMENT
_ends = col(Appointment.hold_expires_at)


def held(now: Instant) -> sa.ColumnElement[bool]:
    return sa.and_(_waits, _ends > now)


def expired(now: Instant) -> sa.ColumnElement[bool]:
    return sa.and_(_waits, _ends <= now)


def occupying(now: Instant) -> sa.ColumnElement[bool]:
    """Appointments that keep others from their slot: live, and no hold that has ended."""
    return sa.and_(col(Appointment.status).in_(sorted(LIVE)), sa.or_(~_waits, _ends > now))
