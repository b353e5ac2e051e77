"""Effects: each carries out one verdict on a booking, under its locks, in the transaction that applies the fact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment, Payment, PaymentAttempt, Slot, pk
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.payment import (
    PaymentFact,
    PaymentFailure,
    PaymentStatus,
    RefundOrigin,
    Source,
    Verdict,
)
from booking_ui.services.booking import hold_expiry
from booking_ui.services.journal import audit, changes, status_moves
from booking_ui.services.journal.audit import Action
from booking_ui.services.mail import outbox
from booking_ui.services.refunds import send

log = structlog.get_logger()


@dataclass(frozen=True)
class BookingFact:
    """One fact with the locked rows of its booking."""

    tx: Session
    slot: Slot
    appointment: Appointment
    payment: Payment
    attempt: PaymentAttempt
    fact: PaymentFact
    source: Source
    now: datetime

    @property
    def actor(self) -> str:
        return self.source.actor

    def move_payment(self, to: PaymentStatus, cause: Cause) -> None:
        status_moves.move_payment(self.tx, self.payment, to, actor=self.actor, reason=cause, now=self.now)

    def move_appointment(self, to: AppointmentStatus, cause: Cause) -> None:
        status_moves.move_appointment(
            self.tx, self.appointment, to, actor=self.actor, reason=cause, now=self.now
        )


def _take_the_money(b: BookingFact, *, keep: bool) -> None:
    """Record captured money; `keep` makes this attempt the one that pays for the booking."""
    b.payment.captured_paise += b.fact.amount_paise
    if keep:
        b.payment.gateway_payment_id = b.fact.payment_id
        b.payment.method, b.payment.method_detail = b.fact.method, b.fact.detail
        b.payment.captured_at, b.payment.next_check_at = b.now, None
        b.payment.failure_kind, b.payment.failure = None, ""
        b.move_payment(PaymentStatus.CAPTURED, Cause.CAPTURED)
    b.tx.add(b.payment)


def _confirm(b: BookingFact) -> None:
    _take_the_money(b, keep=True)
    late = b.appointment.status is AppointmentStatus.FAILED
    b.move_appointment(AppointmentStatus.CONFIRMED, Cause.PAID_LATE if late else Cause.PAID)
    outbox.add_visit_mail(b.tx, appointment_id=pk(b.appointment), kind="confirmed", now=b.now)


def _adopt(b: BookingFact) -> None:
    """Keep the payment whose money the desk has counted already, by the id it gave as its reference."""
    b.payment.gateway_payment_id = b.fact.payment_id
    b.payment.method, b.payment.method_detail = b.fact.method, b.fact.detail
    b.tx.add(b.payment)
    audit.note(
        b.tx,
        pk(b.appointment),
        Action.ADOPTED,
        actor=b.actor,
        reason=Cause.ADOPTED,
        now=b.now,
    )


def _refund(b: BookingFact) -> None:
    """Give all of the money back at once: it came, and the slot is gone. The patient is told."""
    _take_the_money(b, keep=True)
    # The visit has begun, or its time was closed, before the hold was swept.
    if b.appointment.status is AppointmentStatus.PENDING_PAYMENT:
        b.move_appointment(AppointmentStatus.FAILED, Cause.PAID_TOO_LATE)
    _give_back(b, RefundOrigin.LATE_CAPTURE)
    outbox.add_visit_mail(b.tx, appointment_id=pk(b.appointment), kind="slot_lost", now=b.now)


def _refund_extra(b: BookingFact) -> None:
    _take_the_money(b, keep=False)
    _alarm(b, Cause.PAID_TWICE)
    _give_back(b, RefundOrigin.SECOND_CAPTURE)


def _refund_mismatch(b: BookingFact) -> None:
    _take_the_money(b, keep=False)
    _alarm(b, Cause.MISMATCH)
    _give_back(b, RefundOrigin.MISMATCH)
    if b.payment.status is PaymentStatus.AUTHORIZED:
        b.move_payment(PaymentStatus.FAILED, Cause.NOT_THE_BILL)


def _give_back(b: BookingFact, origin: RefundOrigin) -> None:
    send.reserve(
        b.tx,
        b.payment,
        locks.refunds_of(b.tx, pk(b.payment)),
        gateway_payment_id=b.fact.payment_id,
        amount_paise=b.fact.amount_paise,
        origin=origin,
        actor=b.actor,
        now=b.now,
    )


def _alarm(b: BookingFact, cause: Cause) -> None:
    log.error("payment.alarm", reason=cause.words, order=b.fact.order_id, payment=b.fact.payment_id)
    audit.note(
        b.tx,
        pk(b.appointment),
        Action.ALARM,
        actor=b.actor,
        reason=f"{cause.words}: {b.fact.payment_id}",
        now=b.now,
    )


def _authorize(b: BookingFact) -> None:
    if b.payment.status in (PaymentStatus.PENDING, PaymentStatus.FAILED):
        b.payment.next_check_at = b.now + timedelta(seconds=30)
        b.move_payment(PaymentStatus.AUTHORIZED, Cause.AUTHORIZED)


def _fail(b: BookingFact) -> None:
    """Free the slot at once, or after the grace in which the patient may try again on it."""
    b.payment.failure_kind = PaymentFailure.DECLINED
    b.payment.failure = (b.fact.error_description or b.fact.error_reason)[:200]
    b.tx.add(b.payment)
    grace = settings().payment_retry_grace_seconds
    if grace and b.appointment.hold_expires_at:
        ends = b.now + timedelta(seconds=grace)
        b.appointment.hold_expires_at = min(b.appointment.hold_expires_at, ends)
        b.tx.add(b.appointment)
        changes.announce_booking(b.tx, b.appointment)
        return
    hold_expiry.fail(b.tx, b.appointment, b.payment, cause=Cause.PAYMENT_FAILED, actor=b.actor, now=b.now)
    _mail_failure(b)


def _mail_failure(b: BookingFact) -> None:
    """Mail the patient once for each attempt, however many facts tell of it."""
    outbox.add_visit_mail(
        b.tx, appointment_id=pk(b.appointment), kind="payment_failed", key=b.fact.payment_id, now=b.now
    )


def _lapse(b: BookingFact) -> None:
    """Fail the bill whose authorization ended uncaptured, and the booking if it still waited for it."""
    b.payment.failure_kind, b.payment.failure = PaymentFailure.LAPSED, ""
    b.move_payment(PaymentStatus.FAILED, Cause.LAPSED)
    if b.appointment.status is AppointmentStatus.PENDING_PAYMENT:
        b.move_appointment(AppointmentStatus.FAILED, Cause.PAYMENT_FAILED)
        _mail_failure(b)


EFFECTS: dict[Verdict, Callable[[BookingFact], None]] = {
    Verdict.CONFIRM: _confirm,
    Verdict.REFUND: _refund,
    Verdict.ADOPT: _adopt,
    Verdict.REFUND_EXTRA: _refund_extra,
    Verdict.REFUND_MISMATCH: _refund_mismatch,
    Verdict.AUTHORIZE: _authorize,
    Verdict.LAPSE: _lapse,
    Verdict.FAIL: _fail,
}
