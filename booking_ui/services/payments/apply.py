"""`apply`: one fact from Razorpay, one transaction, one verdict, its effects."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, select

from booking_ui.config.settings import settings
from booking_ui.db import holds, locks
from booking_ui.db.models import Payment, PaymentAttempt, pk
from booking_ui.db.session import write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import SlotTaken
from booking_ui.domain.payment import (
    DESK,
    AttemptStatus,
    OtherOrder,
    PaymentFact,
    Situation,
    Source,
    Verdict,
    merged,
    verdict,
)
from booking_ui.services.booking import claim
from booking_ui.services.payments.effects import EFFECTS, BookingFact

log = structlog.get_logger()


def apply(*, fact: PaymentFact, source: Source, now: datetime) -> Verdict | None:
    """Make the booking follow a fact; returns the verdict, or None for an order that is not ours.

    Safe to call twice, at once, and in any order: the rows are locked before they are read, and an attempt only
    moves forward. Raises OtherOrder.
    """
    with write() as tx:
        at_booking, found = _judge(tx, fact, source, now)
        if at_booking is None or found is None:
            return None
        say = log.debug if found is Verdict.IGNORE else log.info
        say(
            "fact.applied",
            order=fact.order_id,
            status=fact.status,
            verdict=found.value,
            source=source,
        )
        if effect := EFFECTS.get(found):
            effect(at_booking)
        return found


def preview(*, fact: PaymentFact, now: datetime) -> Verdict | None:
    """The verdict that `apply` would reach on this fact now; changes nothing."""
    try:
        with write() as tx:
            raise _Undo(_judge(tx, fact, Source.PREVIEW, now)[1])
    except _Undo as undone:
        return undone.found


class _Undo(Exception):
    """Rolls a preview back."""

    def __init__(self, found: Verdict | None) -> None:
        self.found = found


def _judge(
    tx: Session, fact: PaymentFact, source: Source, now: datetime
) -> tuple[BookingFact | None, Verdict | None]:
    """Lock the booking, move the attempt, decide. (None, None) for an order that is not ours."""
    appointment_id = tx.exec(
        select(Payment.appointment_id).where(Payment.gateway_order_id == fact.order_id)
    ).first()
    if appointment_id is None or not fact.order_id:
        log.warning("fact.unknown_order", order=fact.order_id, payment=fact.payment_id)
        return None, None
    slot, appointment, payment = locks.booking(tx, appointment_id)
    attempt, before = _attempt(tx, payment, fact, source, now)
    at_booking = BookingFact(tx, slot, appointment, payment, attempt, fact, source, now)
    return at_booking, verdict(_situation(at_booking, before))


def _attempt(
    tx: Session, payment: Payment, fact: PaymentFact, source: Source, now: datetime
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
            source=source,
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
    """The status to go by. Money captured and refunded before its first fact counts as captured: the refund is another fact."""
    not_taken = before not in (AttemptStatus.CAPTURED, AttemptStatus.REFUNDED)
    refunded = fact.status is AttemptStatus.REFUNDED and fact.was_captured
    return AttemptStatus.CAPTURED if refunded and not_taken else fact.status


def _describe(row: PaymentAttempt, fact: PaymentFact) -> None:
    row.amount_paise, row.currency = fact.amount_paise, fact.currency
    row.method, row.detail = fact.method or row.method, fact.detail or row.detail
    row.error_code, row.error_reason = fact.error_code, fact.error_reason
    row.error_description = fact.error_description
    row.fee_paise = fact.fee_paise if fact.fee_paise is not None else row.fee_paise


def _situation(b: BookingFact, before: AttemptStatus | None) -> Situation:
    return Situation(
        attempt_before=before,
        attempt_after=b.attempt.status,
        exact=b.fact.amount_paise == b.payment.amount_paise and b.fact.currency == b.payment.currency,
        kept_payment_id=b.payment.gateway_payment_id or "",
        marked_payment_id=b.payment.mark_reference if b.payment.method == DESK else "",
        payment_id=b.fact.payment_id,
        appointment=b.appointment.status,
        payment=b.payment.status,
        slot_free_or_ours=_slot_free_or_ours(b),
        visit_ahead=b.slot.starts_at > b.now,
        stale=_older_than_the_hold(b),
        another_authorized=_another_authorized(b),
    )


def _another_authorized(b: BookingFact) -> bool:
    """True when an attempt lapsed and the bank still stands by another one of the same bill."""
    if b.attempt.status is not AttemptStatus.REFUNDED:
        return False
    others = select(PaymentAttempt.id).where(
        PaymentAttempt.payment_id == b.payment.id,
        PaymentAttempt.gateway_payment_id != b.fact.payment_id,
        PaymentAttempt.status == AttemptStatus.AUTHORIZED,
    )
    return b.tx.exec(others.limit(1)).first() is not None


def _slot_free_or_ours(b: BookingFact) -> bool:
    if b.appointment.status is AppointmentStatus.PENDING_PAYMENT:
        return not b.slot.withdrawn or holds.is_held(b.appointment, b.now)  # nobody else has it
    if b.slot.withdrawn:
        return False
    try:
        return claim.clear_slot(b.tx, b.slot, b.appointment.patient_id, b.now) is None
    except SlotTaken:
        return False


def _older_than_the_hold(b: BookingFact) -> bool:
    """True for an attempt made before the present hold began: its failure says nothing about it."""
    # Razorpay's instants are whole seconds.
    if b.appointment.hold_expires_at is None or b.fact.created_at is None:
        return False
    began = b.appointment.hold_expires_at - timedelta(minutes=settings().payment_timeout_minutes)
    return b.fact.created_at < began.replace(microsecond=0)
