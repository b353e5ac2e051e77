"""Mails that are due: a row beside its reason, sent once, after the commit."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from booking_ui.config import settings
from booking_ui.db.models import Appointment, DeliveryStatus, Notification
from booking_ui.db.session import read, write
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundStatus
from booking_ui.gateways import mail
from booking_ui.services import calendars, stories
from booking_ui.services.views import AppointmentView

log = structlog.get_logger()

LEASE = timedelta(seconds=120)
RETRY = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)

SUBJECTS = {
    "confirmed": "Confirmed: {doctor}, {when}{for_whom}",
    "rescheduled": "Moved: {doctor}, now {when}{for_whom}",
    "payment_failed": "Your payment didn't go through",
    "cancelled": "Cancelled: {doctor}, {when}{for_whom}",
    "slot_lost": "Your time was gone when the money arrived: it is on its way back",
    "refunded": "Your refund was sent",
}
BODIES = {
    "confirmed": "{patient}, {whose} visit to {doctor} is confirmed for {when} at {place}.\n\nPaid: {amount}.",
    "rescheduled": "{patient}, {whose} visit to {doctor} was moved from {before} to {when} at {place}.\n\n"
    "Your payment of {amount} stays as it is. {rule}",
    "payment_failed": "{patient}, your payment for {doctor}, {when}{for_whom}, didn't go through and the time was "
    "freed.\nIf you still want it, try again: {link}",
    "cancelled": "{patient}, {whose} visit to {doctor} on {when} is cancelled. {refund}",
    "slot_lost": "{patient}, your payment of {amount} reached us after {when} with {doctor}{for_whom} was taken by "
    "somebody else. We are sending all of it back; banks may need 5 to 7 days.\nPick another time: {link}",
    "refunded": "{patient}, your refund for {doctor}, {when}{for_whom}, was sent: {refund} Banks may need 5 to 7 days.",
}
CALENDAR = {"confirmed": "REQUEST", "rescheduled": "REQUEST", "cancelled": "CANCEL"}
"""What the entry in a mail of this kind asks the reader's calendar to do."""


def due(tx: Session, *, appointment_id: int, kind: str, now: datetime, key: str = "") -> None:
    """Make a mail due in the caller's transaction; the same kind and key for a booking is due only once."""
    unique = f"{appointment_id}:{kind}:{key}"
    if tx.exec(select(Notification.id).where(Notification.key == unique)).first() is None:
        tx.add(
            Notification(
                key=unique,
                appointment_id=appointment_id,
                kind=kind,
                status=DeliveryStatus.WAITING,
                next_attempt_at=now,
                created_at=now,
            )
        )


def deliver_due(*, now: datetime, limit: int = 20) -> int:
    """Send the mails whose time has come; returns how many were tried."""
    with write() as tx:
        waiting = tx.exec(
            select(Notification)
            .where(Notification.status == DeliveryStatus.WAITING, col(Notification.next_attempt_at) <= now)
            .order_by(col(Notification.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        for row in waiting:
            row.next_attempt_at = now + LEASE
            row.attempts += 1
            tx.add(row)
        ids = [row.id for row in waiting if row.id is not None]
    for notification_id in ids:
        _deliver(notification_id, now)
    return len(ids)


def _deliver(notification_id: int, now: datetime) -> None:
    message = _compose(notification_id, now)
    error = ""
    try:
        mail.send(message)
    except mail.MailError as exc:
        error = str(exc)[:300]
        log.warning("mail.postponed", notification=notification_id, reason=error)
    with write() as tx:
        row = tx.get(Notification, notification_id)
        assert row is not None  # notifications are never deleted while they wait
        _record(row, error, now)
        tx.add(row)


def _record(row: Notification, error: str, now: datetime) -> None:
    row.last_error = error
    if not error:
        row.status, row.sent_at, row.next_attempt_at = DeliveryStatus.DONE, now, None
    elif row.attempts > len(RETRY):
        row.status, row.next_attempt_at = DeliveryStatus.PARKED, None
    else:
        row.next_attempt_at = now + RETRY[row.attempts - 1]


def _compose(notification_id: int, now: datetime) -> mail.Message:
    with read() as tx:
        row = tx.get(Notification, notification_id)
        assert row is not None  # notifications are never deleted while they wait
        found = stories.load(tx, Appointment.id == row.appointment_id)[0]
    visit = stories.view(found, now)
    words, method = _words(found, visit), CALENDAR.get(row.kind, "")
    body = (
        BODIES[row.kind].format(**words) + f"\n\nYour booking: {words['link']}\n{settings().merchant_name}\n"
    )
    entry = calendars.entry(visit, now=now, method=method, attendee=found.patient.email)
    return mail.Message(
        to=found.patient.email,
        subject=SUBJECTS[row.kind].format(**words),
        body=body,
        key=row.key,
        reference=visit.reference,
        calendar=entry if method else b"",
        calendar_method=method,
    )


def _words(found: stories.Booking, visit: AppointmentView) -> dict[str, str]:
    return {
        "patient": found.patient.name,
        "whose": f"{visit.patient_name}'s" if visit.dependent_id else "your",
        "for_whom": calendars.for_whom(visit),
        "doctor": visit.doctor_name,
        "when": visit.when_label,
        "before": visit.moved_from,
        "place": f"{visit.address}, {visit.city}",
        "amount": rupees(found.payment.amount_paise),
        "refund": _refund_words(found),
        "rule": visit.refund_rule,
        "link": f"{settings().base_url}/appointment/{visit.reference}/",
    }


def _refund_words(found: stories.Booking) -> str:
    total = sum(r.amount_paise for r in found.refunds if r.status is not RefundStatus.FAILED)
    if not total:
        return "Nothing comes back." if found.payment.retained_paise else "Nothing was paid."
    part = f" of {rupees(found.payment.amount_paise)}" if total < found.payment.amount_paise else ""
    return f"{rupees(total)}{part} goes back to where it was paid from."
