"""How a refund ends, what that means for its payment and its visit, and what stands in for one that failed."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from booking_ui.db.models import Appointment, Payment, PaymentAttempt, Refund
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import PaymentStatus, RefundFact, RefundStatus
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.journal import status_moves
from booking_ui.services.mail import outbox


def finish(
    tx: Session, payment: Payment, refund: Refund, to: RefundStatus, *, actor: str, now: datetime
) -> None:
    """End a refund, and move its payment along, under the booking's locks.

    A failed one that goes on after all takes the place of what stood in for it and failed too; when what stood in for one
    fails and Razorpay has paid that one after all, it is that one which gave the money back.
    """
    after_all, replaced = refund.status is RefundStatus.FAILED, refund.replaced_by_id is not None
    refund.replaced_by_id, refund.paid_after_all = None, False
    status_moves.move_refund(tx, refund, to, appointment_id=payment.appointment_id, actor=actor, now=now)
    if after_all and _of_visit(payment, refund):
        release(tx, payment)
    if replaced:
        stand_in(tx, _attempt(tx, refund), refund)
    if to is RefundStatus.FAILED:
        _count_what_was_paid(tx, payment, refund, actor, now)
    if to is RefundStatus.PROCESSED:
        payment.refunded_paise += refund.amount_paise
        tx.add(payment)
        outbox.add_visit_mail(
            tx, appointment_id=payment.appointment_id, kind="refunded", key=str(refund.id), now=now
        )
    if _of_visit(payment, refund):
        _move_payment(tx, payment, refund, actor, now)


def _of_visit(payment: Payment, refund: Refund) -> bool:
    """Whether it gives back the money that pays for the visit, and not money that came on top of it."""
    return refund.gateway_payment_id == (payment.gateway_payment_id or "")


def _attempt(tx: Session, refund: Refund) -> PaymentAttempt:
    paid = select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == refund.gateway_payment_id)
    return tx.exec(paid).one()


def due(tx: Session, attempt: PaymentAttempt, refund: Refund) -> bool:
    """Whether this refund still is what gives its money back; one that failed is not once something stands in for it."""
    if refund.status is not RefundStatus.FAILED:
        return True
    return _came_of(tx, refund).status is RefundStatus.FAILED and refund.amount_paise <= left_of(tx, attempt)


def _came_of(tx: Session, refund: Refund) -> Refund:
    """What stands in for a refund in the end: itself when nothing does."""
    while refund.replaced_by_id is not None:
        refund = tx.exec(select(Refund).where(Refund.id == refund.replaced_by_id)).one()
    return refund


def paid_after_all(tx: Session, refund: Refund, fact: RefundFact) -> None:
    """Remember what Razorpay says of a refund that our books settled in another way."""
    if fact.status is RefundStatus.PROCESSED:
        refund.paid_after_all, refund.last_error = True, ""
    tx.add(refund)


def _count_what_was_paid(tx: Session, payment: Payment, failed: Refund, actor: str, now: datetime) -> None:
    """The stand-in failed: a refund before it that Razorpay paid after all went back once, and counts."""
    paid = select(Refund).where(
        Refund.gateway_payment_id == failed.gateway_payment_id,
        Refund.status == RefundStatus.FAILED,
        col(Refund.paid_after_all),
    )
    for one in tx.exec(paid.order_by(col(Refund.id))).all():
        if _came_of(tx, one).id == failed.id and due(tx, _attempt(tx, one), one):
            reconciliation_cases.end(
                tx,
                reconciliation_cases.REFUND_TWICE,
                one.gateway_refund_id or "",
                "What stood in for it failed.",
                now,
            )
            finish(tx, payment, one, RefundStatus.PROCESSED, actor=actor, now=now)


def _move_payment(tx: Session, payment: Payment, refund: Refund, actor: str, now: datetime) -> None:
    """Between a payment that is whole and one that went back lies a refund on its way, also one that failed before."""
    to = _after(tx, payment)
    through = PaymentStatus.REFUND_PENDING
    if payment.status in (to, PaymentStatus.REFUNDED):
        return
    for step in [to] if through in (payment.status, to) else [through, to]:
        status_moves.move_payment(tx, payment, step, actor=actor, reason=refund.origin.cause, now=now)
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
        reconciliation_cases.note(
            tx,
            reconciliation_cases.REFUNDED_VISIT,
            visit.reference,
            f"{rupees(payment.amount_paise)} went back",
            now,
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
