"""When a hold is over is said twice, for a row and in SQL: both must say the same of every status and instant."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from sqlmodel import select

from booking_ui.db import holds
from booking_ui.db.models import Appointment
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import LIVE, AppointmentStatus
from booking_ui.services.schedule.availability import Time
from tests.support.cast import NOW, Cast
from tests.support.schedule import occupy

ENDS = [NOW + timedelta(seconds=seconds) for seconds in (-3600, -1, 0, 1, 3600)]
CASES = [
    *product(AppointmentStatus, ENDS),
    *((status, None) for status in AppointmentStatus if status is not AppointmentStatus.PENDING_PAYMENT),
]


def test_a_row_and_sql_agree_at_every_status_and_instant(cast: Cast) -> None:
    appointment_id = occupy(cast.slots[0], cast.asha)
    for status, ends in CASES:
        with write() as tx:
            row = tx.get_one(Appointment, appointment_id)
            row.status, row.hold_expires_at = status, ends
        with read() as tx:
            sql = select(holds.held(NOW), holds.expired(NOW), holds.occupying(NOW))
            held, expired, occupying = map(bool, tx.exec(sql.where(Appointment.id == appointment_id)).one())
        waits, lasts = status is AppointmentStatus.PENDING_PAYMENT, ends is not None and ends > NOW
        assert (held, expired, occupying) == (
            waits and lasts,
            waits and not lasts,
            status in LIVE and not expired,
        )
        assert (holds.is_held(row, NOW), holds.has_expired(row, NOW)) == (held, expired), (status, ends)


def test_a_time_kept_in_memory_ends_with_its_hold() -> None:
    for ends in ENDS:
        assert (Time(1, NOW, booked=False, held_until=ends).status(NOW) == "held") == holds.lasts(ends, NOW)
