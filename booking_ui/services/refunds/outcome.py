"""The end of a refund, its consequences for payment and visit, and the refund that replaces a failed one.

`refunds` are all those of the payment, read once under its locks (`locks.refunds_of`); what is written here is seen in
them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from booking_ui.db.models import Appointment, Dispute, Payment, PaymentAttempt, Refund
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.dispute import DisputeStatus
from booking_ui.domain.payment import PaymentStatus, RefundFact, RefundOrigin, RefundStatus
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import status_moves
from booking_ui.services.mail import outbox


def finish(
    tx: Session,
    payment: Payment,
    refund: Refund,
    refunds: Sequence[Refund],
    to: RefundStatus,
    *,
    actor: str,
    now: datetime,
) -> None:
    """End a refund and move its payment along, under the booking's locks.

    A failed refund may go on after all, if its replacement failed too: then it replaces that one. If a replacement fails
    and Razorpay has paid the refund before it after all, that earlier refund counts.
    """
    was_failed, replaced = refund.status is RefundStatus.FAILED, refund.replaced_by_id is not None
    refund.replaced_by_id, refund.paid_after_all = None, False
    if to is not RefundStatus.FAILED:  # Razorpay or the desk went on with it
        refund.dispute_id = None
    status_moves.move_refund(tx, refund, to, appointment_id=payment.appointment_id, actor=actor, now=now)
    if was_failed and _of_visit(payment, refund):
        reduce_retained(tx, payment, refunds, actor=actor, now=now)
    if replaced:
        replace_failed(tx, _attempt(tx, refund), refund, refunds)
    if to is RefundStatus.FAILED:
        _count_paid_after_all(tx, payment, refund, refunds, actor, now)
        _cover_by_lost_dispute(tx, payment, refund, refunds, actor, now)
        _tell_of_failure(tx, payment, refund, now)
    if to is RefundStatus.PROCESSED:
        payment.refunded_paise += refund.amount_paise
        tx.add(payment)
        outbox.add_visit_message(
            tx, appointment_id=payment.appointment_id, kind="refunded", key=str(refund.id), now=now
        )
    by_bank = to is RefundStatus.FAILED and refund.dispute_id is not None
    cause = Cause.DISPUTE_LOST if by_bank else refund.origin.cause
    all_back = _of_visit(payment, refund) and move_by_money(
        tx, payment, refunds, cause=cause, actor=actor, now=now
    )
    # The desk that refunds a visit and lets it stand has decided already.
    if all_back and refund.origin is not RefundOrigin.DESK_REFUND:
        _open_case_about_visit(tx, payment, now)


def _tell_of_failure(tx: Session, payment: Payment, failed: Refund, now: datetime) -> None:
    """Tell the patient once of a refund that has to be sent again, unless the bank has taken the money back for them."""
    if failed.replaced_by_id is None and failed.dispute_id is None:
        outbox.add_visit_message(
            tx, appointment_id=payment.appointment_id, kind="refund_failed", key=str(failed.id), now=now
        )


def _of_visit(payment: Payment, refund: Refund) -> bool:
    """True for a refund of the money that pays for the visit, not of money that came on top."""
    return refund.gateway_payment_id == (payment.gateway_payment_id or "")


def _attempt(tx: Session, refund: Refund) -> PaymentAttempt:
    paid = select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == refund.gateway_payment_id)
    return tx.exec(paid).one()


def still_counts(attempt: PaymentAttempt, refund: Refund, refunds: Sequence[Refund]) -> bool:
    """False for a failed refund whose money goes back in another way."""
    if refund.status is not RefundStatus.FAILED:
        return True
    failed = _last_replacement(refund, refunds).status is RefundStatus.FAILED
    return failed and refund.amount_paise <= left_of(attempt, refunds)


def _last_replacement(refund: Refund, refunds: Sequence[Refund]) -> Refund:
    """The refund at the end of the chain of replacements; itself when it was never replaced."""
    by_id = {one.id: one for one in refunds}
    while refund.replaced_by_id is not None:
        refund = by_id[refund.replaced_by_id]
    return refund


def note_paid_after_all(tx: Session, refund: Refund, fact: RefundFact) -> None:
    """Remember that Razorpay paid a refund which our books have settled in another way."""
    if fact.status is RefundStatus.PROCESSED:
        refund.paid_after_all, refund.last_error = True, ""
    tx.add(refund)


def _count_paid_after_all(
    tx: Session, payment: Payment, failed: Refund, refunds: Sequence[Refund], actor: str, now: datetime
) -> None:
    """A replacement failed: count the refund before it that Razorpay paid after all."""
    for one in refunds:
        paid = one.status is RefundStatus.FAILED and one.paid_after_all
        if not paid or one.gateway_payment_id != failed.gateway_payment_id:
            continue
        if _last_replacement(one, refunds).id == failed.id and still_counts(_attempt(tx, one), one, refunds):
            reconciliation_cases.end(
                tx,
                CaseKind.REFUND_TWICE,
                one.gateway_refund_id or "",
                Remark(RemarkCode.REPLACEMENT_FAILED),
                now,
            )
            finish(tx, payment, one, refunds, RefundStatus.PROCESSED, actor=actor, now=now)


def _cover_by_lost_dispute(
    tx: Session, payment: Payment, failed: Refund, refunds: Sequence[Refund], actor: str, now: datetime
) -> None:
    """A refund failed that was on its way when a dispute was lost: what the dispute took counts in its place.

    Nobody has to send it again once all of it is covered.
    """
    attempt = tx.exec(
        select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == failed.gateway_payment_id)
    ).first()
    if attempt is None or failed.dispute_id is not None:
        return
    more = min(
        taken_in_disputes(tx, attempt.gateway_payment_id) - attempt.deducted_paise, left_of(attempt, refunds)
    )
    if more <= 0:
        return
    attempt.deducted_paise += more
    tx.add(attempt)
    if _of_visit(payment, failed):
        payment.deducted_paise = attempt.deducted_paise
        reduce_retained(tx, payment, refunds, actor=actor, now=now)
    if more >= failed.amount_paise:
        lost = _lost(attempt.gateway_payment_id, Dispute.id)
        failed.dispute_id = tx.exec(lost.order_by(col(Dispute.id).desc())).first()
        tx.add(failed)


def taken_in_disputes(tx: Session, gateway_payment_id: str) -> int:
    """Paise that Razorpay took for lost disputes of a payment, also on top of what was refunded."""
    return int(tx.exec(_lost(gateway_payment_id, func.coalesce(func.sum(Dispute.deducted_paise), 0))).one())


def _lost(gateway_payment_id: str, what: Any) -> Any:
    of_it = Dispute.gateway_payment_id == gateway_payment_id
    return select(what).where(of_it, Dispute.status == DisputeStatus.LOST)


def move_by_money(
    tx: Session, payment: Payment, refunds: Sequence[Refund], *, cause: Cause, actor: str, now: datetime
) -> bool:
    """Move the payment to the status its refunds and lost disputes give it, by way of refund_pending where the table
    asks for it. True when all of its money is back since this moment.
    """
    to = _status_after(payment, refunds)
    through = PaymentStatus.REFUND_PENDING
    if payment.status in (to, PaymentStatus.REFUNDED):
        return False
    for step in [to] if through in (payment.status, to) else [through, to]:
        status_moves.move_payment(tx, payment, step, actor=actor, reason=cause, now=now)
    return to is PaymentStatus.REFUNDED


def _status_after(payment: Payment, refunds: Sequence[Refund]) -> PaymentStatus:
    """The payment's status by its refunds, in whatever order they ended. A failed refund counts as never made."""
    of_visit = [one for one in refunds if _of_visit(payment, one)]
    returned = sum(one.amount_paise for one in of_visit if one.status is RefundStatus.PROCESSED)
    returned += payment.deducted_paise
    if returned >= payment.amount_paise:
        return PaymentStatus.REFUNDED
    if any(one.status is RefundStatus.PENDING for one in of_visit):
        return PaymentStatus.REFUND_PENDING
    return PaymentStatus.PARTIALLY_REFUNDED if returned else PaymentStatus.CAPTURED


def reduce_retained(
    tx: Session, payment: Payment, refunds: Sequence[Refund], *, actor: str, now: datetime
) -> None:
    """Lower the retained part of a payment by what its refunds give back beyond the rest."""
    gone = payment.deducted_paise + _promised(payment.gateway_payment_id or "", refunds)
    left = payment.amount_paise - gone
    status_moves.retain(tx, payment, max(0, min(payment.retained_paise, left)), actor=actor, now=now)


def _promised(gateway_payment_id: str, refunds: Sequence[Refund]) -> int:
    """Paise of one Razorpay payment that are refunded or on their way."""
    of_it = (one for one in refunds if one.gateway_payment_id == gateway_payment_id)
    return sum(one.amount_paise for one in of_it if one.status is not RefundStatus.FAILED)


def _open_case_about_visit(tx: Session, payment: Payment, now: datetime) -> None:
    """Open a case when all the money went back and the visit stands: only the desk knows if it was a courtesy."""
    visit = tx.get(Appointment, payment.appointment_id)
    if visit is not None and visit.status is AppointmentStatus.CONFIRMED:
        reconciliation_cases.open_within(
            tx,
            CaseKind.REFUNDED_VISIT,
            visit.reference,
            Remark(RemarkCode.WENT_BACK, amount=Paise(payment.amount_paise)),
            now,
        )


def left_of(attempt: PaymentAttempt, refunds: Sequence[Refund]) -> int:
    """Paise of this attempt that are neither refunded, nor on their way, nor taken back in a dispute."""
    gone = attempt.deducted_paise + _promised(attempt.gateway_payment_id, refunds)
    return attempt.amount_paise - gone


def replace_failed(tx: Session, attempt: PaymentAttempt, refund: Refund, refunds: Sequence[Refund]) -> None:
    """Let a refund made at Razorpay replace the failed ones that it settles.

    It settles one of its own amount; once nothing of the attempt is left to refund, it settles all.
    """
    failed = [one for one in unreplaced(attempt.gateway_payment_id, refunds) if one.id != refund.id]
    same = [one for one in failed if one.amount_paise == refund.amount_paise]
    for one in failed if left_of(attempt, refunds) == 0 else same[:1]:
        one.replaced_by_id = refund.id
        tx.add(one)


def unreplaced(gateway_payment_id: str, refunds: Sequence[Refund]) -> list[Refund]:
    """Failed refunds of one Razorpay payment that still have to go back, oldest first."""
    return [
        one
        for one in refunds
        if one.gateway_payment_id == gateway_payment_id
        and one.status is RefundStatus.FAILED
        and one.replaced_by_id is None
        and one.dispute_id is None
    ]
