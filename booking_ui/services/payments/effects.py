"""What each verdict does to a booking: under its locks, in the transaction that heard the fact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Payment, PaymentAttempt, Slot, pk
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.payment import PaymentFact, PaymentStatus, Verdict
from booking_ui.services.booking import hold_expiry
from booking_ui.services.journal import audit, status_moves
from booking_ui.services.journal.audit import Action
from booking_ui.services.mail import outbox
from booking_ui.services.refunds import send

log = structlog.get_logger()


@dataclass(frozen=True)
class Hearing:
    """One fact with the locked rows it is about."""

    tx: Session
    slot: Slot
    appointment: Appointment
    payment: Payment
    attempt: PaymentAttempt
    fact: PaymentFact
    heard_from: str
    now: datetime

    @property
    def actor(self) -> str:
        return actors.razorpay(self.heard_from)

    def move_payment(self, to: PaymentStatus, reason: str) -> None:
        status_moves.move_payment(self.tx, self.payment, to, actor=self.actor, reason=reason, now=self.now)

    def move_appointment(self, to: AppointmentStatus, reason: str) -> None:
        status_moves.move_appointment(
            self.tx, self.appointment, to, actor=self.actor, reason=reason, now=self.now
        )


def _take_the_money(c: Hearing, *, keep: bool) -> None:
    """Record captured money; `keep` makes this attempt the one that pays for the booking."""
    c.payment.captured_paise += c.fact.amount_paise
    if keep:
        c.payment.gateway_payment_id = c.fact.payment_id
        c.payment.method, c.payment.method_detail = c.fact.method, c.fact.detail
        c.payment.captured_at, c.payment.next_check_at, c.payment.failure = c.now, None, ""
        c.move_payment(PaymentStatus.CAPTURED, "money captured")
    c.tx.add(c.payment)


def _confirm(c: Hearing) -> None:
    _take_the_money(c, keep=True)
    late = c.appointment.status is AppointmentStatus.FAILED
    c.move_appointment(AppointmentStatus.CONFIRMED, "late payment, slot still free" if late else "paid")
    outbox.due(c.tx, appointment_id=pk(c.appointment), kind="confirmed", now=c.now)


def _adopt(c: Hearing) -> None:
    """The desk counted this money already, by its id: it becomes the payment that pays for the visit."""
    c.payment.gateway_payment_id = c.fact.payment_id
    c.payment.method, c.payment.method_detail = c.fact.method, c.fact.detail
    c.tx.add(c.payment)
    audit.note(
        c.tx,
        pk(c.appointment),
        Action.ADOPTED,
        actor=c.actor,
        reason="the payment that the desk had marked",
        now=c.now,
    )


def _refund(c: Hearing) -> None:
    """The money came, the slot is gone: all of it goes back at once and the patient is told."""
    _take_the_money(c, keep=True)
    # The visit has begun, or its time was closed, before the hold was swept.
    if c.appointment.status is AppointmentStatus.PENDING_PAYMENT:
        c.move_appointment(AppointmentStatus.FAILED, "paid too late")
    _give_back(c, "paid too late")
    outbox.due(c.tx, appointment_id=pk(c.appointment), kind="slot_lost", now=c.now)


def _refund_extra(c: Hearing) -> None:
    _take_the_money(c, keep=False)
    _alarm(c, "paid twice")
    _give_back(c, "paid twice")


def _refund_mismatch(c: Hearing) -> None:
    _take_the_money(c, keep=False)
    _alarm(c, "amount or currency differs")
    _give_back(c, "amount or currency differs")
    if c.payment.status is PaymentStatus.AUTHORIZED:
        c.move_payment(PaymentStatus.FAILED, "what the bank agreed to was not the bill")


def _give_back(c: Hearing, reason: str) -> None:
    send.reserve(
        c.tx,
        c.payment,
        gateway_payment_id=c.fact.payment_id,
        amount_paise=c.fact.amount_paise,
        reason=reason,
        actor=c.actor,
        now=c.now,
    )


def _alarm(c: Hearing, reason: str) -> None:
    log.error("payment.alarm", reason=reason, order=c.fact.order_id, payment=c.fact.payment_id)
    audit.note(
        c.tx,
        pk(c.appointment),
        Action.ALARM,
        actor=c.actor,
        reason=f"{reason}: {c.fact.payment_id}",
        now=c.now,
    )


def _authorize(c: Hearing) -> None:
    if c.payment.status in (PaymentStatus.PENDING, PaymentStatus.FAILED):
        c.payment.next_check_at = c.now + timedelta(seconds=30)
        c.move_payment(PaymentStatus.AUTHORIZED, "authorized by the bank")


def _fail(c: Hearing) -> None:
    """The attempt failed: the slot goes free at once, or after the grace that lets the patient retry on it."""
    c.payment.failure = (c.fact.error_description or c.fact.error_reason or audit.PAYMENT_FAILED)[:200]
    c.tx.add(c.payment)
    grace = settings().payment_retry_grace_seconds
    if grace and c.appointment.hold_expires_at:
        ends = c.now + timedelta(seconds=grace)
        c.appointment.hold_expires_at = min(c.appointment.hold_expires_at, ends)
        c.tx.add(c.appointment)
        status_moves.announce(c.tx, c.appointment)
        return
    hold_expiry.fail(c.tx, c.appointment, c.payment, reason=audit.PAYMENT_FAILED, actor=c.actor, now=c.now)
    _tell_of_the_failure(c)


def _tell_of_the_failure(c: Hearing) -> None:
    """Once for each attempt, however often it is heard of."""
    outbox.due(
        c.tx, appointment_id=pk(c.appointment), kind="payment_failed", key=c.fact.payment_id, now=c.now
    )


def _lapse(c: Hearing) -> None:
    """The bank let go of what it had promised; a booking that still waited for it fails, and its patient is told."""
    c.payment.failure = "the bank's promise was not taken up in time"
    c.move_payment(PaymentStatus.FAILED, "authorization lapsed")
    if c.appointment.status is AppointmentStatus.PENDING_PAYMENT:
        c.move_appointment(AppointmentStatus.FAILED, audit.PAYMENT_FAILED)
        _tell_of_the_failure(c)


EFFECTS: dict[Verdict, Callable[[Hearing], None]] = {
    Verdict.CONFIRM: _confirm,
    Verdict.REFUND: _refund,
    Verdict.ADOPT: _adopt,
    Verdict.REFUND_EXTRA: _refund_extra,
    Verdict.REFUND_MISMATCH: _refund_mismatch,
    Verdict.AUTHORIZE: _authorize,
    Verdict.LAPSE: _lapse,
    Verdict.FAIL: _fail,
}
