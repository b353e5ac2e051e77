"""How a refund ends, what that means for its payment and its visit, and what stands in for one that failed."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from booking_ui.db.models import Appointment, Payment, PaymentAttempt, Refund
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import PaymentStatus, RefundStatus
from booking_ui.services import cases, moves, notifications


def finish(
    tx: Session, payment: Payment, refund: Refund, to: RefundStatus, *, actor: str, now: datetime
) -> None:
    """End a refund, and move its payment along, under the booking's locks."""
    moves.move_refund(
        tx, refund, to, appointment_id=payment.appointment_id, actor=actor, reason=refund.reason, now=now
    )
    if to is RefundStatus.PROCESSED:
        payment.refunded_paise += refund.amount_paise
        tx.add(payment)
        notifications.due(
            tx, appointment_id=payment.appointment_id, kind="refunded", key=str(refund.id), now=now
        )
    if refund.gateway_payment_id == (payment.gateway_payment_id or ""):
        _move_payment(tx, payment, refund, actor, now)


def _move_payment(tx: Session, payment: Payment, refund: Refund, actor: str, now: datetime) -> None:
    """Between a payment that is whole and one that went back lies a refund on its way, also one that failed before."""
    to = _after(tx, payment)
    through = PaymentStatus.REFUND_PENDING
    if payment.status in (to, PaymentStatus.REFUNDED):
        return
    for step in [to] if through in (payment.status, to) else [through, to]:
        moves.move_payment(tx, payment, step, actor=actor, reason=refund.reason, now=now)
    if to is PaymentStatus.REFUNDED:
        _ask_about_the_visit(tx, payment, now)


def _after(tx: Session, payment: Payment) -> PaymentStatus:
    """What its refunds make of a payment: the same whichever of them ended last. One that failed is as if never made."""
    found = tx.exec(
        select(Refund.status, func.sum(Refund.amount_paise))
        .where(
            Refund.payment_id == payment.id, Refund.gateway_payment_id == (payment.gateway_payment_id or "")
        )
        .group_by(col(Refund.status))
    ).all()
    paise = dict(found)
    returned = paise.get(RefundStatus.PROCESSED, 0)
    if returned >= payment.amount_paise:
        return PaymentStatus.REFUNDED
    if RefundStatus.PENDING in paise:
        return PaymentStatus.REFUND_PENDING
    return PaymentStatus.PARTIALLY_REFUNDED if returned else PaymentStatus.CAPTURED


def release(tx: Session, payment: Payment) -> None:
    """What goes back after all is not retained any more."""
    promised = tx.exec(
        select(func.coalesce(func.sum(Refund.amount_paise), 0)).where(
            Refund.payment_id == payment.id,
            Refund.status != RefundStatus.FAILED,
            Refund.gateway_payment_id == (payment.gateway_payment_id or ""),
        )
    ).one()
    payment.retained_paise = max(0, min(payment.retained_paise, payment.amount_paise - int(promised)))
    tx.add(payment)


def _ask_about_the_visit(tx: Session, payment: Payment, now: datetime) -> None:
    """All the money went back and the visit still stands: was that a cancellation or a courtesy? Only the desk knows."""
    visit = tx.get(Appointment, payment.appointment_id)
    if visit is not None and visit.status is AppointmentStatus.CONFIRMED:
        cases.note(
            tx, cases.REFUNDED_VISIT, visit.reference, f"{rupees(payment.amount_paise)} went back", now
        )


def left_of(tx: Session, attempt: PaymentAttempt) -> int:
    """Paise of this attempt that are neither refunded nor on their way."""
    promised = tx.exec(
        select(func.coalesce(func.sum(Refund.amount_paise), 0)).where(
            Refund.gateway_payment_id == attempt.gateway_payment_id, Refund.status != RefundStatus.FAILED
        )
    ).one()
    return attempt.amount_paise - int(promised)


def stand_in(tx: Session, attempt: PaymentAttempt, refund: Refund) -> None:
    """A refund made at Razorpay settles one that failed here: of its amount, or all once nothing is left to refund."""
    failed = [r for r in unsettled(tx, attempt.gateway_payment_id) if r.id != refund.id]
    same = [r for r in failed if r.amount_paise == refund.amount_paise]
    for one in failed if left_of(tx, attempt) == 0 else same[:1]:
        one.replaced_by_id = refund.id
        tx.add(one)


def unsettled(tx: Session, gateway_payment_id: str) -> list[Refund]:
    """Failed refunds of one Razorpay payment that nothing stands in for yet, oldest first."""
    failed = select(Refund).where(
        Refund.gateway_payment_id == gateway_payment_id,
        Refund.status == RefundStatus.FAILED,
        col(Refund.replaced_by_id).is_(None),
    )
    return list(tx.exec(failed.order_by(col(Refund.id))).all())
