"""Messages that a clock makes due: a visit that comes near, and a time that waits for its payment."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db import holds, locks
from booking_ui.db.models import Appointment, Notification, Payment, Person, pk
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import LIVE, AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.clock import iso
from booking_ui.domain.payment import PaymentStatus
from booking_ui.services.journal.batches import each
from booking_ui.services.mail import kinds, outbox, outdated, receivers
from booking_ui.services.payments import orders
from booking_ui.services.schedule import slots
from booking_ui.services.upkeep import absences, delivery
from booking_ui.services.visits import patient_view

log = structlog.get_logger()

# Messages that name the time of a visit: a patient who got one within the window needs no reminder.
NAMING_THE_TIME = ("confirmed", "rescheduled")
SOON = timedelta(hours=2)  # before the visit, for telephones
UNPAID_AFTER = timedelta(hours=1)  # after a failed payment, and no later than a day after it
UNPAID_UNTIL = timedelta(days=1)
ASK_AGAIN = timedelta(seconds=30)  # after Razorpay could not be asked


# ── The visit tomorrow ────────────────────────────────────────────────────────────────────────────────────────────


def remind(*, now: datetime, limit: int = 200) -> int:
    """Make the reminders of coming visits due, each once for each time of a visit; returns their number.

    The first is REMINDER_HOURS before; a telephone gets a second one two hours before. A visit whose doctor will be away
    gets none: the desk is to call its patient.
    """
    first = timedelta(hours=settings().reminder_hours)
    if not first:
        return 0
    wanted = [(one, "reminder") for one in _to_remind(now, "reminder", first)]
    if first > SOON:
        wanted += [(one, "reminder_soon") for one in _to_remind(now, "reminder_soon", SOON)]
    return sum(each(wanted[:limit], lambda one: _due(*one, now)))


def _to_remind(now: datetime, kind: str, window: timedelta) -> list[Appointment]:
    """Visits within `window` whose patients this kind of reminder reaches, and who were not told of the time within it."""
    with read() as tx:
        found = tx.exec(
            select(Appointment, Person)
            .join(Person, col(Person.id) == col(Appointment.patient_id))
            .where(
                Appointment.status == AppointmentStatus.CONFIRMED,
                col(Appointment.starts_at) > now,
                col(Appointment.starts_at) <= now + window,
            )
            .order_by(col(Appointment.starts_at))
        ).all()
        coming = [one for one, patient in found if _is_reached(patient, kind)]
        done, named, away = _reminded(tx, coming, kind), _last_told(tx, coming), absences.references(tx, now)
    return [
        one
        for one in coming
        if outdated.reminder_key(one, kind) not in done
        and one.reference not in away
        and named.get(pk(one), one.created_at) < one.starts_at - window
    ]


def _is_reached(patient: Person, kind: str) -> bool:
    """False for a second reminder that no telephone would get; of the first one a row is kept in any case."""
    return kind == "reminder" or any(kinds.goes_by(kind, one) for one in receivers.wanted(patient))


def _reminded(tx: Session, coming: Iterable[Appointment], kind: str) -> set[str]:
    """The keys of these reminders that were made due, on whatever channel."""
    keys = [key for one in coming for key in outdated.on_every_channel(outdated.reminder_key(one, kind))]
    known = tx.exec(select(Notification.key).where(col(Notification.key).in_(keys))).all()
    return {outdated.without_channel(key) for key in known}


def _last_told(tx: Session, coming: Iterable[Appointment]) -> dict[int, datetime]:
    """Per appointment, the instant when its time was last told to the patient."""
    ids = [pk(one) for one in coming]
    mailed = select(Notification.appointment_id, func.max(Notification.created_at)).where(
        col(Notification.appointment_id).in_(ids), col(Notification.kind).in_(NAMING_THE_TIME)
    )
    found = tx.exec(mailed.group_by(col(Notification.appointment_id))).all()
    return {appointment_id: at for appointment_id, at in found if appointment_id is not None}


def _due(seen: Appointment, kind: str, now: datetime) -> bool:
    with suppress(IntegrityError), write() as tx:  # another worker was first
        row = locks.appointment(tx, pk(seen))
        if row and row.status is AppointmentStatus.CONFIRMED and row.starts_at == seen.starts_at:
            outbox.add_visit_message(tx, appointment_id=pk(row), kind=kind, key=iso(row.starts_at), now=now)
            return True
    return False


# ── The payment that is missing ───────────────────────────────────────────────────────────────────────────────────


def remind_unpaid(*, now: datetime, limit: int = 20) -> int:
    """Make reminders of unpaid times due and send them; returns the number that was looked at.

    Razorpay is asked before each one: money found there is applied instead. While it can't be asked nothing is sent.
    """
    for one in [*_holds_that_end(now), *_failed_and_free(now)][:limit]:
        _make_due(one, now)
    unpaid = col(Notification.kind).in_(delivery.ASK_FIRST)
    ids = delivery.lease_due(unpaid, now=now, limit=limit)
    return len(each(ids, lambda notification_id: _ask_then_send(notification_id, now)))


def _holds_that_end(now: datetime) -> list[Appointment]:
    """Holds in their last third, five minutes at most, whose payment is still open."""
    last = min(timedelta(minutes=5), timedelta(minutes=settings().payment_timeout_minutes) / 3)
    with read() as tx:
        return list(
            tx.exec(
                select(Appointment)
                .join(Payment, col(Payment.appointment_id) == Appointment.id)
                .where(
                    holds.held(now),
                    holds.expired(now + last),
                    Payment.status == PaymentStatus.PENDING,
                    ~_has("hold_ends"),
                )
            ).all()
        )


def _failed_and_free(now: datetime) -> list[Appointment]:
    """Bookings whose payment failed an hour ago, whose time nobody took, and which the patient did not replace."""
    with read() as tx:
        found = tx.exec(
            select(Appointment)
            .join(Payment, col(Payment.appointment_id) == Appointment.id)
            .where(
                Appointment.status == AppointmentStatus.FAILED,
                Appointment.status_cause == Cause.PAYMENT_FAILED,
                Payment.status == PaymentStatus.FAILED,
                col(Appointment.starts_at) > now,
                col(Appointment.updated_at) <= now - UNPAID_AFTER,
                col(Appointment.updated_at) > now - UNPAID_UNTIL,
                ~_has("unpaid"),
            )
        ).all()
        return [one for one in found if slots.is_free(tx, one.slot_id, now) and not _replaced(tx, one)]


def _has(kind: str) -> sa.ColumnElement[bool]:
    """Once a booking, however often it is tried again."""
    return sa.exists().where(
        col(Notification.appointment_id) == Appointment.id, col(Notification.kind) == kind
    )


def _replaced(tx: Session, failed: Appointment) -> bool:
    """True when the patient has booked this doctor at another time since."""
    mine = select(Appointment.id).where(
        Appointment.patient_id == failed.patient_id,
        Appointment.doctor_id == failed.doctor_id,
        col(Appointment.status).in_(LIVE),
        col(Appointment.starts_at) > failed.updated_at,
    )
    return tx.exec(mine).first() is not None


def _make_due(one: Appointment, now: datetime) -> None:
    kind = "hold_ends" if one.status is AppointmentStatus.PENDING_PAYMENT else "unpaid"
    with suppress(IntegrityError), write() as tx:  # another worker was first
        outbox.add_visit_message(tx, appointment_id=pk(one), kind=kind, now=now)


def _ask_then_send(notification_id: int, now: datetime) -> None:
    """Ask about the order first: no reminder goes out for a booking that is paid, over or taken by now."""
    with read() as tx:
        row = tx.get_one(Notification, notification_id)
        booking = patient_view.load(tx, Appointment.id == row.appointment_id)[0]
    order_id = booking.payment.gateway_order_id
    if order_id and not orders.ask(order_id=order_id, now=now):
        log.info("reminder.waits_for_gateway", notification=notification_id)
        delivery.postpone(notification_id, now + ASK_AGAIN)
        return
    delivery.deliver(notification_id, now)
