"""`apply`: one fact from Razorpay, one transaction, one verdict, its effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, select

from booking_ui.config import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment, Payment, PaymentAttempt, Slot, pk
from booking_ui.db.session import write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import SlotTaken
from booking_ui.domain.payment import (
    AttemptStatus,
    OtherOrder,
    PaymentFact,
    PaymentStatus,
    Situation,
    Verdict,
    merged,
    verdict,
)
from booking_ui.services import audit, hold_ends, holds, moves, notifications, refunds

log = structlog.get_logger()


@dataclass(frozen=True)
class Case:
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
        return f"razorpay:{self.heard_from}"

    def move_payment(self, to: PaymentStatus, reason: str) -> None:
        moves.move_payment(self.tx, self.payment, to, actor=self.actor, reason=reason, now=self.now)

    def move_appointment(self, to: AppointmentStatus, reason: str) -> None:
        moves.move_appointment(self.tx, self.appointment, to, actor=self.actor, reason=reason, now=self.now)


def apply(*, fact: PaymentFact, heard_from: str, now: datetime) -> Verdict | None:
    """Make the booking follow a fact; returns the verdict, or None for an order that is not ours.

    Safe to call twice, at once, and in any order: the rows are locked before they are read, and an attempt only
    moves forward. Raises OtherOrder.
    """
    with write() as tx:
        case, found = _judge(tx, fact, heard_from, now)
        if case is None or found is None:
            return None
        say = log.debug if found is Verdict.IGNORE else log.info
        say(
            "fact.applied",
            order=fact.order_id,
            status=fact.status,
            verdict=found.value,
            heard_from=heard_from,
        )
        if effect := EFFECTS.get(found):
            effect(case)
        return found


def preview(*, fact: PaymentFact, now: datetime) -> Verdict | None:
    """What `apply` would do with this fact now; changes nothing."""
    try:
        with write() as tx:
            raise _Undo(_judge(tx, fact, "preview", now)[1])
    except _Undo as undone:
        return undone.found


class _Undo(Exception):
    """Rolls a preview back."""

    def __init__(self, found: Verdict | None) -> None:
        self.found = found


def _judge(
    tx: Session, fact: PaymentFact, heard_from: str, now: datetime
) -> tuple[Case | None, Verdict | None]:
    """Lock the booking, move the attempt, decide. (None, None) for an order that is not ours."""
    appointment_id = tx.exec(
        select(Payment.appointment_id).where(Payment.gateway_order_id == fact.order_id)
    ).first()
    if appointment_id is None or not fact.order_id:
        log.warning("fact.unknown_order", order=fact.order_id, payment=fact.payment_id)
        return None, None
    slot, appointment, payment = locks.booking(tx, appointment_id)
    attempt, before = _attempt(tx, payment, fact, heard_from, now)
    case = Case(tx, slot, appointment, payment, attempt, fact, heard_from, now)
    return case, verdict(_situation(case, before))


def _attempt(
    tx: Session, payment: Payment, fact: PaymentFact, heard_from: str, now: datetime
) -> tuple[PaymentAttempt, AttemptStatus | None]:
    """The attempt's row moved forward, and the status it had before (None when it is new). Raises OtherOrder."""
    known = select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == fact.payment_id)
    row = tx.exec(known).first()
    if row and row.payment_id != payment.id:
        raise OtherOrder
    before = row.status if row else None
    if row is None:
        row = PaymentAttempt(
            payment_id=pk(payment),
            gateway_payment_id=fact.payment_id,
            status=fact.status,
            amount_paise=fact.amount_paise,
            currency=fact.currency,
            heard_from=heard_from,
            created_at=fact.created_at or now,
            updated_at=now,
        )
    row.status = merged(before, _reported(fact, before))
    if row.status is not before:  # an attempt is described by what moved it, not by later repetitions
        _describe(row, fact)
        row.updated_at = now
    tx.add(row)
    return row, before


def _reported(fact: PaymentFact, before: AttemptStatus | None) -> AttemptStatus:
    """Money that was captured and refunded before we heard of it came in all the same; the refund is another fact."""
    unheard = before not in (AttemptStatus.CAPTURED, AttemptStatus.REFUNDED)
    refunded = fact.status is AttemptStatus.REFUNDED and fact.was_captured
    return AttemptStatus.CAPTURED if refunded and unheard else fact.status


def _describe(row: PaymentAttempt, fact: PaymentFact) -> None:
    row.amount_paise, row.currency = fact.amount_paise, fact.currency
    row.method, row.detail = fact.method or row.method, fact.detail or row.detail
    row.error_code, row.error_reason = fact.error_code, fact.error_reason
    row.error_description = fact.error_description
    row.fee_paise = fact.fee_paise if fact.fee_paise is not None else row.fee_paise


def _situation(c: Case, before: AttemptStatus | None) -> Situation:
    return Situation(
        attempt_before=before,
        attempt_after=c.attempt.status,
        exact=c.fact.amount_paise == c.payment.amount_paise and c.fact.currency == c.payment.currency,
        kept_payment_id=c.payment.gateway_payment_id or "",
        payment_id=c.fact.payment_id,
        appointment=c.appointment.status,
        payment=c.payment.status,
        slot_free_or_ours=_slot_free_or_ours(c),
        visit_ahead=c.slot.starts_at > c.now,
        stale=_older_than_the_hold(c),
    )


def _slot_free_or_ours(c: Case) -> bool:
    if c.appointment.status is AppointmentStatus.PENDING_PAYMENT:
        return not c.slot.withdrawn or hold_ends.is_held(c.appointment, c.now)  # nobody else has it
    if c.slot.withdrawn:
        return False
    try:
        return holds.clear_the_slot(c.tx, c.slot, c.appointment.patient_id, c.now) is None
    except SlotTaken:
        return False


def _older_than_the_hold(c: Case) -> bool:
    """A failure from before the present hold says nothing about it. Razorpay's instants are whole seconds."""
    if c.appointment.hold_expires_at is None or c.fact.created_at is None:
        return False
    began = c.appointment.hold_expires_at - timedelta(minutes=settings().payment_timeout_minutes)
    return c.fact.created_at < began.replace(microsecond=0)


def _take_the_money(c: Case, *, keep: bool) -> None:
    """Record captured money; `keep` makes this attempt the one that pays for the booking."""
    c.payment.captured_paise += c.fact.amount_paise
    if keep:
        c.payment.gateway_payment_id = c.fact.payment_id
        c.payment.method, c.payment.method_detail = c.fact.method, c.fact.detail
        c.payment.captured_at, c.payment.next_check_at, c.payment.failure = c.now, None, ""
        c.move_payment(PaymentStatus.CAPTURED, "money captured")
    c.tx.add(c.payment)


def _confirm(c: Case) -> None:
    _take_the_money(c, keep=True)
    late = c.appointment.status is AppointmentStatus.FAILED
    c.move_appointment(AppointmentStatus.CONFIRMED, "late payment, slot still free" if late else "paid")
    notifications.due(c.tx, appointment_id=pk(c.appointment), kind="confirmed", now=c.now)


def _refund(c: Case) -> None:
    """The money came, the slot is gone: all of it goes back at once and the patient is told."""
    _take_the_money(c, keep=True)
    if (
        c.appointment.status is AppointmentStatus.PENDING_PAYMENT
    ):  # the visit has begun while the hold was open
        c.move_appointment(AppointmentStatus.FAILED, "paid after the visit began")
    _give_back(c, "paid too late")
    notifications.due(c.tx, appointment_id=pk(c.appointment), kind="slot_lost", now=c.now)


def _refund_extra(c: Case) -> None:
    _take_the_money(c, keep=False)
    _alarm(c, "paid twice")
    _give_back(c, "paid twice")


def _refund_mismatch(c: Case) -> None:
    _take_the_money(c, keep=False)
    _alarm(c, "amount or currency differs")
    _give_back(c, "amount or currency differs")
    if c.payment.status is PaymentStatus.AUTHORIZED:
        c.move_payment(PaymentStatus.FAILED, "what the bank agreed to was not the bill")


def _give_back(c: Case, reason: str) -> None:
    refunds.reserve(
        c.tx,
        c.payment,
        gateway_payment_id=c.fact.payment_id,
        amount_paise=c.fact.amount_paise,
        reason=reason,
        actor=c.actor,
        now=c.now,
    )


def _alarm(c: Case, reason: str) -> None:
    log.error("payment.alarm", reason=reason, order=c.fact.order_id, payment=c.fact.payment_id)
    audit.record(
        c.tx,
        subject=moves.subject(pk(c.appointment)),
        actor=c.actor,
        action="alarm",
        reason=f"{reason}: {c.fact.payment_id}",
        now=c.now,
    )


def _authorize(c: Case) -> None:
    if c.payment.status in (PaymentStatus.PENDING, PaymentStatus.FAILED):
        c.payment.next_check_at = c.now + timedelta(seconds=30)
        c.move_payment(PaymentStatus.AUTHORIZED, "authorized by the bank")


def _fail(c: Case) -> None:
    """The attempt failed: the slot goes free at once, or after the grace that lets the patient retry on it."""
    c.payment.failure = (c.fact.error_description or c.fact.error_reason or audit.PAYMENT_FAILED)[:200]
    c.tx.add(c.payment)
    grace = settings().payment_retry_grace_seconds
    if grace and c.appointment.hold_expires_at:
        ends = c.now + timedelta(seconds=grace)
        c.appointment.hold_expires_at = min(c.appointment.hold_expires_at, ends)
        c.tx.add(c.appointment)
        moves.tell(c.tx, c.appointment)
        return
    hold_ends.fail(c.tx, c.appointment, reason=audit.PAYMENT_FAILED, actor=c.actor, now=c.now)
    _tell_of_the_failure(c)


def _tell_of_the_failure(c: Case) -> None:
    """Once for each attempt, however often it is heard of."""
    notifications.due(
        c.tx, appointment_id=pk(c.appointment), kind="payment_failed", key=c.fact.payment_id, now=c.now
    )


def _lapse(c: Case) -> None:
    """The bank let go of what it had promised; a booking that still waited for it fails, and its patient is told."""
    c.payment.failure = "the bank's promise was not taken up in time"
    c.move_payment(PaymentStatus.FAILED, "authorization lapsed")
    if c.appointment.status is AppointmentStatus.PENDING_PAYMENT:
        c.move_appointment(AppointmentStatus.FAILED, audit.PAYMENT_FAILED)
        _tell_of_the_failure(c)


EFFECTS: dict[Verdict, Callable[[Case], None]] = {
    Verdict.CONFIRM: _confirm,
    Verdict.REFUND: _refund,
    Verdict.REFUND_EXTRA: _refund_extra,
    Verdict.REFUND_MISMATCH: _refund_mismatch,
    Verdict.AUTHORIZE: _authorize,
    Verdict.LAPSE: _lapse,
    Verdict.FAIL: _fail,
}
