"""Messages whose reason has gone while they waited: each looks at its booking at the moment when it would leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from booking_ui.db import holds
from booking_ui.db.models import Appointment, Notification, Refund, pk
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.channel import Channel
from booking_ui.domain.clock import iso
from booking_ui.domain.payment import PaymentStatus
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.services.schedule import slots
from booking_ui.services.visits import refund_text
from booking_ui.services.visits.patient_view import Booking


def reason(tx: Session, row: Notification, booking: Booking, now: datetime) -> Remark | None:
    """The reason why this message must not be sent any more, else None.

    Kinds without a rule tell of what can't be undone: a cancelled visit, money that came too late, a refund that was made.
    """
    if row.kind not in _RULES:
        return None
    still_true, otherwise = _RULES[row.kind]
    return None if still_true(tx, row, booking, now) else Remark(otherwise)


def visit_message_key(appointment_id: int, kind: str, key: str) -> str:
    return f"{appointment_id}:{kind}:{key}"


def on_channel(key: str, channel: Channel) -> str:
    """The key of the row that carries a message on this channel: a mail's is the message's own."""
    return key if channel is Channel.MAIL else f"{key}@{channel.value}"


def on_every_channel(key: str) -> list[str]:
    return [on_channel(key, channel) for channel in Channel]


def without_channel(key: str) -> str:
    """The key of the message, whatever its channel."""
    return key.partition("@")[0]


def reminder_key(a: Appointment, kind: str = "reminder") -> str:
    return visit_message_key(pk(a), kind, iso(a.starts_at))


def refunds_told(row: Notification, refunds: list[Refund]) -> list[Refund]:
    """The refund that a message is about, whose id ends its key; all of them for a message about none."""
    _visit, _colon, about = without_channel(row.key).partition(":")
    kind, _colon, number = about.partition(":")
    told = kind in ("refunded", "refund_failed")
    return [one for one in refunds if told and str(one.id) == number] or refunds


def _stands(_tx: Session, _row: Notification, b: Booking, _now: datetime) -> bool:
    return b.appointment.status is AppointmentStatus.CONFIRMED


def _is_the_last_move(_tx: Session, row: Notification, b: Booking, _now: datetime) -> bool:
    a = b.appointment
    last = without_channel(row.key) == visit_message_key(pk(a), "rescheduled", str(a.moved))
    return last and a.status is AppointmentStatus.CONFIRMED


def _failed(_tx: Session, _row: Notification, b: Booking, _now: datetime) -> bool:
    return b.appointment.status is AppointmentStatus.FAILED and b.payment.status is PaymentStatus.FAILED


def _comes_at_that_time(_tx: Session, row: Notification, b: Booking, now: datetime) -> bool:
    a = b.appointment
    there = a.status is AppointmentStatus.CONFIRMED and now < a.starts_at
    return there and without_channel(row.key) == reminder_key(a, row.kind)


def _held_and_unpaid(_tx: Session, _row: Notification, b: Booking, now: datetime) -> bool:
    return holds.is_held(b.appointment, now) and b.payment.status is PaymentStatus.PENDING


def _closed(_tx: Session, _row: Notification, b: Booking, _now: datetime) -> bool:
    a = b.appointment
    return a.status is AppointmentStatus.FAILED and a.status_cause is Cause.DAY_CLOSED


def _still_owed(_tx: Session, row: Notification, b: Booking, _now: datetime) -> bool:
    return refund_text.owed_paise(refunds_told(row, b.refunds)) > 0


def _failed_and_free(tx: Session, row: Notification, b: Booking, now: datetime) -> bool:
    wanted = _failed(tx, row, b, now) and b.appointment.status_cause is not Cause.LET_GO
    return wanted and slots.is_free(tx, b.appointment.slot_id, now)


_Rule = Callable[[Session, Notification, Booking, datetime], bool]
_RULES: dict[str, tuple[_Rule, RemarkCode]] = {
    "confirmed": (_stands, RemarkCode.VISIT_OVER),
    "rescheduled": (_is_the_last_move, RemarkCode.MOVED_AGAIN),
    "payment_failed": (_failed, RemarkCode.PAID_SINCE),
    "reminder": (_comes_at_that_time, RemarkCode.BEGUN_SINCE),
    "reminder_soon": (_comes_at_that_time, RemarkCode.BEGUN_SINCE),
    "day_closed": (_closed, RemarkCode.HELD_AGAIN),
    "refund_failed": (_still_owed, RemarkCode.SENT_AGAIN),
    "hold_made": (_held_and_unpaid, RemarkCode.HOLD_OVER),
    "hold_ends": (_held_and_unpaid, RemarkCode.HOLD_OVER),
    "unpaid": (_failed_and_free, RemarkCode.TIME_TAKEN),
}
