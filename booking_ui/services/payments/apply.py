"""`apply`: one fact from Razorpay, one transaction, one verdict, its effects.

First everything that the verdict depends on is read under the booking's locks (`Situation`); then one function for each
verdict carries it out (`EFFECTS`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, select

from booking_ui.config.settings import settings
from booking_ui.db import holds, locks
from booking_ui.db.models import Appointment, Payment, PaymentAttempt, RetiredOrder, Slot, pk
from booking_ui.db.orders import bill_of
from booking_ui.db.session import rehearse, write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.errors import GatewayUnavailable, SlotTaken
from booking_ui.domain.payment import (
    AttemptStatus,
    OtherOrder,
    PaymentFact,
    PaymentFailure,
    PaymentStatus,
    RefundFact,
    RefundOrigin,
    RefundStatus,
    Situation,
    Source,
    Verdict,
    merged,
    verdict,
)
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.booking import claim, hold_expiry
from booking_ui.services.cases import other_amounts
from booking_ui.services.journal import audit, changes, status_moves
from booking_ui.services.journal.audit import Action
from booking_ui.services.mail import outbox
from booking_ui.services.payments import marked
from booking_ui.services.refunds import send
from booking_ui.services.visits import terms

TOOK_MONEY = (
    Verdict.CONFIRM,
    Verdict.REFUND,
    Verdict.RETURNED,
    Verdict.REFUND_EXTRA,
    Verdict.REFUND_MISMATCH,
)

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
    refunds: Sequence[RefundFact] = ()

    def move_payment(self, to: PaymentStatus, cause: Cause) -> None:
        status_moves.move_payment(
            self.tx, self.payment, to, actor=self.source.actor, reason=cause, now=self.now
        )

    def move_appointment(self, to: AppointmentStatus, cause: Cause) -> None:
        status_moves.move_appointment(
            self.tx, self.appointment, to, actor=self.source.actor, reason=cause, now=self.now
        )


def apply(
    *, fact: PaymentFact, source: Source, now: datetime, refunds: Sequence[RefundFact] = ()
) -> Verdict | None:
    """Make the booking follow a fact; returns the verdict, or None for an order that is not ours.

    Safe to call twice, at once, and in any order: the rows are locked before they are read, and an attempt only
    moves forward. Money that went back before we knew of it is recorded in one transaction with its refunds: those that
    are handed in, or Razorpay's list.

    Raises:
        OtherOrder: the payment is known as one of another order.
        GatewayError: the refunds are needed and can't be had; nothing has changed, and the fact must come again.
    """
    try:
        return _apply(fact, refunds, source, now)
    except _RefundsMissingError:
        return _apply(fact, _listed(fact), source, now)


class _RefundsMissingError(Exception):
    """The refunds at hand do not make up the sum that went back."""


def _listed(fact: PaymentFact) -> Sequence[RefundFact]:
    """Razorpay's list of the payment's refunds, once it is whole. Raises GatewayError."""
    found = gateway().refunds_of(fact.payment_id)
    if not _make_up(found, fact):
        raise GatewayUnavailable(reason="refunds are not listed yet")
    return found


def _make_up(refunds: Iterable[RefundFact], fact: PaymentFact) -> bool:
    gone = sum(one.amount_paise for one in refunds if one.status is not RefundStatus.FAILED)
    return gone >= fact.amount_refunded_paise


def _apply(fact: PaymentFact, refunds: Sequence[RefundFact], source: Source, now: datetime) -> Verdict | None:
    with write() as tx:
        at_booking, found = _judge(tx, fact, source, now, refunds)
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
        if found in TOOK_MONEY:
            marked.note_false_mark(
                tx, appointment=at_booking.appointment, payment_id=fact.payment_id, now=now
            )
        return found


def preview(*, fact: PaymentFact, now: datetime) -> Verdict | None:
    """The verdict that `apply` would reach on this fact now; changes nothing."""
    with rehearse() as tx:
        return _judge(tx, fact, Source.PREVIEW, now)[1]


def _judge(
    tx: Session, fact: PaymentFact, source: Source, now: datetime, refunds: Sequence[RefundFact] = ()
) -> tuple[BookingFact | None, Verdict | None]:
    """Lock the booking, move the attempt, decide. (None, None) for an order that is not ours."""
    bill = bill_of(tx, fact.order_id) or marked.bill_marked_by(tx, fact.payment_id)
    if bill is None:
        log.warning("fact.unknown_order", order=fact.order_id, payment=fact.payment_id)
        return None, None
    slot, appointment, payment = locks.booking(tx, bill.appointment_id)
    attempt, before = _attempt(tx, payment, fact, source, now)
    at_booking = BookingFact(tx, slot, appointment, payment, attempt, fact, source, now, refunds)
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
    if row.fee_paise is None:  # Razorpay may tell it later than the capture
        row.fee_paise = fact.fee_paise
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
        marked_payment_id=b.payment.marked_payment_id or "",
        payment_id=b.fact.payment_id,
        appointment=b.appointment.status,
        payment=b.payment.status,
        slot_free_or_ours=_slot_free_or_ours(b),
        visit_ahead=b.slot.starts_at > b.now,
        hold_over=holds.has_expired(b.appointment, b.now),
        given_up=b.appointment.status_cause is Cause.LET_GO,
        cancellable_in_full=terms.in_full(b.appointment, b.now),
        returned_in_full=b.fact.was_captured and b.fact.amount_refunded_paise >= b.fact.amount_paise,
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
        # Nobody else has it, but the doctor may be away since.
        running = not b.slot.withdrawn or holds.is_held(b.appointment, b.now)
        return running and not hold_expiry.will_not_take_place(b.tx, b.slot)
    if b.slot.withdrawn:
        return False
    try:
        return claim.clear_slot(b.tx, b.slot, b.appointment.patient_id, b.now) is None
    except SlotTaken:
        return False


def _older_than_the_hold(b: BookingFact) -> bool:
    """True for an attempt made before the present hold began: its failure says nothing about it."""
    # Razorpay's instants are whole seconds.
    if b.appointment.held_at is None or b.fact.created_at is None:
        return False
    return b.fact.created_at < b.appointment.held_at.replace(microsecond=0)


def _take_the_money(b: BookingFact, *, keep: bool) -> None:
    """Record captured money; `keep` makes this attempt the one that pays for the booking."""
    b.payment.captured_paise += b.fact.amount_paise
    if keep:
        b.payment.gateway_payment_id = b.fact.payment_id
        b.payment.method, b.payment.method_detail = b.fact.method, b.fact.detail
        b.payment.captured_at = min(b.fact.created_at or b.now, b.now)
        b.payment.recorded_at, b.payment.next_check_at = b.now, None
        b.payment.failure_kind, b.payment.failure = None, ""
        b.move_payment(PaymentStatus.CAPTURED, Cause.CAPTURED)
    b.tx.add(b.payment)


def _confirm(b: BookingFact) -> None:
    _take_the_money(b, keep=True)
    late = not holds.is_held(b.appointment, b.now)
    b.move_appointment(AppointmentStatus.CONFIRMED, Cause.PAID_LATE if late else Cause.PAID)
    outbox.add_visit_message(b.tx, appointment_id=pk(b.appointment), kind="confirmed", now=b.now)


def _record_returned(b: BookingFact) -> None:
    """Record money that Razorpay had given back before we knew of it: nothing is confirmed, and nobody is told that it was.

    Its refunds belong to it, or our books would hold money that is gone. Raises _RefundsMissingError.
    """
    if not _make_up(b.refunds, b.fact):
        raise _RefundsMissingError
    _take_the_money(b, keep=True)
    if b.appointment.status is AppointmentStatus.PENDING_PAYMENT:
        b.move_appointment(AppointmentStatus.FAILED, Cause.PAID_AND_RETURNED)
    for one in b.refunds:
        send.settle_within(b.tx, one, b.source, b.now)


def _adopt(b: BookingFact) -> None:
    marked.adopt(b.tx, b.payment, b.attempt, actor=b.source.actor, now=b.now)


def _ask_the_desk(b: BookingFact) -> None:
    _alarm(b, Cause.MARKED_AND_PAID)
    marked.ask_the_desk(b.tx, b.appointment, b.attempt, b.now)


def _refund(b: BookingFact) -> None:
    """Give all of the money back at once: it came, and the slot is gone. The patient is told."""
    _take_the_money(b, keep=True)
    # Its hold is over, its visit has begun or its time was closed, and no sweep has been here since.
    if b.appointment.status is AppointmentStatus.PENDING_PAYMENT:
        b.move_appointment(AppointmentStatus.FAILED, Cause.PAID_TOO_LATE)
    _give_back(b, RefundOrigin.LATE_CAPTURE)
    outbox.add_visit_message(b.tx, appointment_id=pk(b.appointment), kind="slot_lost", now=b.now)


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
    _retire_order(b)
    detail = Remark(
        RemarkCode.OTHER_AMOUNT_FOR,
        amount=Paise(b.fact.amount_paise),
        fee=Paise(b.payment.amount_paise),
        reference=b.appointment.reference,
    )
    other_amounts.note(b.tx, payment_id=b.fact.payment_id, detail=detail, now=b.now)


def _retire_order(b: BookingFact) -> None:
    """Let the next payment have an order of its own: one that took money, of whatever amount, takes no more."""
    if b.payment.gateway_order_id == b.fact.order_id:
        order = RetiredOrder(payment_id=pk(b.payment), gateway_order_id=b.fact.order_id, retired_at=b.now)
        b.payment.gateway_order_id = None
        b.tx.add_all([order, b.payment])


def _give_back(b: BookingFact, origin: RefundOrigin) -> None:
    send.reserve(
        b.tx,
        b.payment,
        locks.refunds_of(b.tx, pk(b.payment)),
        gateway_payment_id=b.fact.payment_id,
        amount_paise=b.fact.amount_paise,
        origin=origin,
        actor=b.source.actor,
        now=b.now,
    )


def _alarm(b: BookingFact, cause: Cause) -> None:
    log.error("payment.alarm", reason=cause.words, order=b.fact.order_id, payment=b.fact.payment_id)
    audit.note(
        b.tx,
        pk(b.appointment),
        Action.ALARM,
        actor=b.source.actor,
        reason=Remark(RemarkCode.ABOUT_PAYMENT, cause=cause, payment=b.fact.payment_id),
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
    hold_expiry.fail(
        b.tx, b.appointment, b.payment, cause=Cause.PAYMENT_FAILED, actor=b.source.actor, now=b.now
    )
    _mail_failure(b)


def _mail_failure(b: BookingFact) -> None:
    """Mail the patient once for each attempt, however many facts tell of it."""
    outbox.add_visit_message(
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
    Verdict.RETURNED: _record_returned,
    Verdict.ADOPT: _adopt,
    Verdict.DECIDE: _ask_the_desk,
    Verdict.REFUND_EXTRA: _refund_extra,
    Verdict.REFUND_MISMATCH: _refund_mismatch,
    Verdict.AUTHORIZE: _authorize,
    Verdict.LAPSE: _lapse,
    Verdict.FAIL: _fail,
}
