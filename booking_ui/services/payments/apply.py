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
    Verdict,
    merged,
    verdict,
)
from booking_ui.services.booking import claim
from booking_ui.services.payments.effects import EFFECTS, Hearing

log = structlog.get_logger()


def apply(*, fact: PaymentFact, heard_from: str, now: datetime) -> Verdict | None:
    """Make the booking follow a fact; returns the verdict, or None for an order that is not ours.

    Safe to call twice, at once, and in any order: the rows are locked before they are read, and an attempt only
    moves forward. Raises OtherOrder.
    """
    with write() as tx:
        heard, found = _judge(tx, fact, heard_from, now)
        if heard is None or found is None:
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
            effect(heard)
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
) -> tuple[Hearing | None, Verdict | None]:
    """Lock the booking, move the attempt, decide. (None, None) for an order that is not ours."""
    appointment_id = tx.exec(
        select(Payment.appointment_id).where(Payment.gateway_order_id == fact.order_id)
    ).first()
    if appointment_id is None or not fact.order_id:
        log.warning("fact.unknown_order", order=fact.order_id, payment=fact.payment_id)
        return None, None
    slot, appointment, payment = locks.booking(tx, appointment_id)
    attempt, before = _attempt(tx, payment, fact, heard_from, now)
    heard = Hearing(tx, slot, appointment, payment, attempt, fact, heard_from, now)
    return heard, verdict(_situation(heard, before))


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


def _situation(c: Hearing, before: AttemptStatus | None) -> Situation:
    return Situation(
        attempt_before=before,
        attempt_after=c.attempt.status,
        exact=c.fact.amount_paise == c.payment.amount_paise and c.fact.currency == c.payment.currency,
        kept_payment_id=c.payment.gateway_payment_id or "",
        marked_payment_id=c.payment.mark_reference if c.payment.method == DESK else "",
        payment_id=c.fact.payment_id,
        appointment=c.appointment.status,
        payment=c.payment.status,
        slot_free_or_ours=_slot_free_or_ours(c),
        visit_ahead=c.slot.starts_at > c.now,
        stale=_older_than_the_hold(c),
        another_authorized=_another_authorized(c),
    )


def _another_authorized(c: Hearing) -> bool:
    """Whether the bank still stands by another attempt of this bill, when it let go of this one."""
    if c.attempt.status is not AttemptStatus.REFUNDED:
        return False
    others = select(PaymentAttempt.id).where(
        PaymentAttempt.payment_id == c.payment.id,
        PaymentAttempt.gateway_payment_id != c.fact.payment_id,
        PaymentAttempt.status == AttemptStatus.AUTHORIZED,
    )
    return c.tx.exec(others.limit(1)).first() is not None


def _slot_free_or_ours(c: Hearing) -> bool:
    if c.appointment.status is AppointmentStatus.PENDING_PAYMENT:
        return not c.slot.withdrawn or holds.is_held(c.appointment, c.now)  # nobody else has it
    if c.slot.withdrawn:
        return False
    try:
        return claim.clear_slot(c.tx, c.slot, c.appointment.patient_id, c.now) is None
    except SlotTaken:
        return False


def _older_than_the_hold(c: Hearing) -> bool:
    """A failure from before the present hold says nothing about it. Razorpay's instants are whole seconds."""
    if c.appointment.hold_expires_at is None or c.fact.created_at is None:
        return False
    began = c.appointment.hold_expires_at - timedelta(minutes=settings().payment_timeout_minutes)
    return c.fact.created_at < began.replace(microsecond=0)
