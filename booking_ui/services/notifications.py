"""Mails that are due: a row beside its reason, sent once, after the commit."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from booking_ui.config import settings
from booking_ui.db.models import Appointment, DeliveryStatus, Doctor, Notification, Payment, Person, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.clock import instant_label
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundStatus
from booking_ui.gateways import mail
from booking_ui.services import account_mails

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
    "confirmed": "Confirmed: {doctor}, {when}",
    "payment_failed": "Your payment didn't go through",
    "cancelled": "Cancelled: {doctor}, {when}",
    "slot_lost": "Your time was gone when the money arrived: it is on its way back",
    "refunded": "Your refund was sent",
}
BODIES = {
    "confirmed": "{patient}, your visit to {doctor} is confirmed for {when} at {place}.\n\nPaid: {amount}.",
    "payment_failed": "{patient}, your payment for {doctor}, {when}, didn't go through and the time was freed.\n"
    "If you still want it, try again: {link}",
    "cancelled": "{patient}, your visit to {doctor} on {when} is cancelled. {refund}",
    "slot_lost": "{patient}, your payment of {amount} reached us after {when} with {doctor} was taken by somebody "
    "else. We are sending all of it back; banks may need 5 to 7 days.\nPick another time: {link}",
    "refunded": "{patient}, your refund for {doctor}, {when}, was sent: {refund} Banks may need 5 to 7 days.",
}


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


def due_to(
    tx: Session, *, person_id: int | None, code_id: int | None, kind: str, key: str, now: datetime
) -> None:
    """Make a mail about an account due; without a person the row is written all the same, and sent to nobody."""
    tx.add(
        Notification(
            key=f"{kind}:{key}",
            person_id=person_id,
            one_time_code_id=code_id,
            kind=kind,
            status=DeliveryStatus.WAITING if person_id else DeliveryStatus.IGNORED,
            next_attempt_at=now if person_id else None,
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
        if message:
            mail.send(message)
    except mail.MailError as exc:
        error = str(exc)[:300]
        log.warning("mail.postponed", notification=notification_id, reason=error)
    with write() as tx:
        row = tx.get(Notification, notification_id)
        assert row is not None  # notifications are never deleted while they wait
        if message:
            _record(row, error, now)
        else:
            row.status, row.next_attempt_at = DeliveryStatus.IGNORED, None
        tx.add(row)


def _record(row: Notification, error: str, now: datetime) -> None:
    row.last_error = error
    if not error:
        row.status, row.sent_at, row.next_attempt_at = DeliveryStatus.DONE, now, None
    elif row.attempts > len(RETRY):
        row.status, row.next_attempt_at = DeliveryStatus.PARKED, None
    else:
        row.next_attempt_at = now + RETRY[row.attempts - 1]


def _compose(notification_id: int, now: datetime) -> mail.Message | None:
    """The mail as it should read now; None when its time has passed."""
    with read() as tx:
        row = tx.get(Notification, notification_id)
        assert row is not None  # notifications are never deleted while they wait
        if row.appointment_id is None:
            return account_mails.compose(tx, row, now)
        appointment, doctor, person, payment = tx.exec(
            select(Appointment, Doctor, Person, Payment)
            .where(Appointment.id == row.appointment_id)
            .join(Doctor, col(Doctor.id) == Appointment.doctor_id)
            .join(Person, col(Person.id) == Appointment.patient_id)
            .join(Payment, col(Payment.appointment_id) == Appointment.id)
        ).one()
        words = {
            "patient": person.name,
            "doctor": doctor.name,
            "when": instant_label(appointment.starts_at, settings().zone),
            "place": f"{doctor.address}, {doctor.city}",
            "amount": rupees(payment.amount_paise),
            "refund": _refund_words(tx, payment),
            "link": f"{settings().base_url}/appointment/{appointment.reference}/",
        }
    body = (
        BODIES[row.kind].format(**words) + f"\n\nYour booking: {words['link']}\n{settings().merchant_name}\n"
    )
    return mail.Message(
        to=person.email,
        subject=SUBJECTS[row.kind].format(**words),
        body=body,
        key=row.key,
        reference=appointment.reference,
    )


def _refund_words(tx: Session, payment: Payment) -> str:
    total = sum(
        r.amount_paise
        for r in tx.exec(select(Refund).where(Refund.payment_id == payment.id)).all()
        if r.status is not RefundStatus.FAILED
    )
    return f"{rupees(total)} goes back to where it was paid from." if total else "Nothing was paid."
