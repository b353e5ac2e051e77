"""Refunds of disputed payments: they wait for the bank, which may give the money back itself.

`refunds` are all those of the payment, read once under its locks (`locks.refunds_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from booking_ui.db.models import Dispute, Payment, PaymentAttempt, Refund, pk
from booking_ui.db.session import read
from booking_ui.domain.causes import Cause
from booking_ui.domain.dispute import UNDECIDED, DisputeStatus
from booking_ui.domain.errors import WrongState
from booking_ui.domain.payment import RefundStatus
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.languages import _
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import audit, changes
from booking_ui.services.journal.audit import Action
from booking_ui.services.refunds import outcome

TOPIC = "refunds"  # announced when one is due at once
SMALLEST_PAISE = 100  # Razorpay refunds no less


def standing_in_the_way(tx: Session, gateway_payment_id: str) -> int | None:
    """The id of the newest dispute that keeps refunds of this Razorpay payment waiting; None when there is none.

    A lost one does until Razorpay says how much it took: the same money must not go back twice.
    """
    of_it = select(Dispute.id).where(Dispute.gateway_payment_id == gateway_payment_id)
    undecided = col(Dispute.status).in_(UNDECIDED)
    not_taken = (col(Dispute.status) == DisputeStatus.LOST) & (col(Dispute.deducted_paise) == 0)
    return tx.exec(of_it.where(undecided | not_taken).order_by(col(Dispute.id).desc()).limit(1)).first()


def hold(
    tx: Session, payment: Payment, refund: Refund, dispute_id: int, *, actor: str, now: datetime
) -> None:
    """Let a pending refund wait for the end of a dispute. It waits for nothing else meanwhile."""
    refund.dispute_id, refund.next_attempt_at = dispute_id, None
    tx.add(refund)
    why = Remark(RemarkCode.WAITS_FOR_DISPUTE)
    reconciliation_cases.end(tx, CaseKind.REFUND_WAITS, refund.idempotency_key, why, now)
    _note(tx, payment, "held", actor, now)


def hold_unsent(
    tx: Session,
    payment: Payment,
    refunds: Sequence[Refund],
    dispute: Dispute,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Let every refund wait that Razorpay has not taken yet and would be sent by itself."""
    for one in refunds:
        due = one.status is RefundStatus.PENDING and one.next_attempt_at is not None
        if one.gateway_payment_id == dispute.gateway_payment_id and due and not one.gateway_refund_id:
            hold(tx, payment, one, pk(dispute), actor=actor, now=now)


def release(tx: Session, payment: Payment, refund: Refund, *, actor: str, now: datetime) -> None:
    """Send a refund that has waited for a dispute."""
    refund.dispute_id, refund.next_attempt_at = None, now
    tx.add(refund)
    _note(tx, payment, "released", actor, now)
    changes.announce(tx, TOPIC)


def is_waiting(refund: Refund) -> bool:
    """True while a refund waits for the end of a dispute."""
    return refund.status is RefundStatus.PENDING and refund.dispute_id is not None


def any_waiting(appointment_id: int) -> bool:
    """True while a refund of this booking waits for the end of a dispute."""
    waiting = (col(Refund.status) == RefundStatus.PENDING) & col(Refund.dispute_id).is_not(None)
    with read() as tx:
        found = select(Refund.id).join(Payment).where(Payment.appointment_id == appointment_id, waiting)
        return tx.exec(found.limit(1)).first() is not None


def may_leave(refund_id: int) -> bool:
    """False when a dispute has stopped or ended a refund since a worker took it in hand.

    A dispute that is opened after this look, while Razorpay is being asked, comes too late: the refund is recorded as
    sent, and a deduction on top of it is a case.
    """
    with read() as tx:
        fresh = tx.get(Refund, refund_id)
    return fresh is not None and fresh.status is RefundStatus.PENDING and fresh.dispute_id is None


def refuse_disputed(tx: Session, gateway_payment_id: str) -> None:
    """Raises WrongState while a dispute keeps refunds of this Razorpay payment waiting."""
    if standing_in_the_way(tx, gateway_payment_id) is not None:
        raise WrongState(
            _(
                "The patient's bank disputes this payment and may return the money itself. Wait until it has decided."
            )
        )


def end_waits(
    tx: Session,
    payment: Payment,
    refunds: Sequence[Refund],
    gateway_payment_id: str,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Send the refunds of a payment that no dispute stands in the way of any more."""
    other = standing_in_the_way(tx, gateway_payment_id)
    for one in refunds:
        if one.gateway_payment_id != gateway_payment_id or not is_waiting(one):
            continue
        if other is None:
            release(tx, payment, one, actor=actor, now=now)
        else:
            one.dispute_id = other
            tx.add(one)


def count_deduction(
    tx: Session,
    payment: Payment,
    refunds: list[Refund],
    dispute: Dispute,
    *,
    actor: str,
    now: datetime,
) -> list[tuple[Refund, int]]:
    """Count what a lost dispute took as given back: the refunds that wait are ended as far as it covers them.

    Returns the ended ones that it covers in part only, each with the paise that are still to go back.
    """
    attempt = tx.exec(
        select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == dispute.gateway_payment_id)
    ).one()
    of_it = [one for one in refunds if one.gateway_payment_id == attempt.gateway_payment_id]
    waiting = [one for one in of_it if is_waiting(one)]
    going = sum(one.amount_paise for one in of_it if one.status is not RefundStatus.FAILED)
    going -= sum(one.amount_paise for one in waiting)
    counted = min(outcome.taken_in_disputes(tx, attempt.gateway_payment_id), attempt.amount_paise - going)
    more, attempt.deducted_paise = counted - attempt.deducted_paise, counted
    tx.add(attempt)
    if attempt.gateway_payment_id == (payment.gateway_payment_id or ""):
        payment.deducted_paise = counted
        tx.add(payment)
    rest = []
    for one in waiting:
        covered = min(more, one.amount_paise)
        more -= covered
        if covered == 0:
            continue
        one.dispute_id = pk(dispute)
        outcome.finish(tx, payment, one, refunds, RefundStatus.FAILED, actor=actor, now=now)
        if one.amount_paise - covered >= SMALLEST_PAISE:
            rest.append((one, one.amount_paise - covered))
    for one in outcome.unreplaced(
        attempt.gateway_payment_id, refunds
    ):  # the desk need not settle it any more
        if one.amount_paise <= more:
            more -= one.amount_paise
            one.dispute_id = pk(dispute)
            tx.add(one)
    if attempt.gateway_payment_id == (payment.gateway_payment_id or ""):
        outcome.reduce_retained(tx, payment, refunds, actor=actor, now=now)
        outcome.move_by_money(tx, payment, refunds, cause=Cause.DISPUTE_LOST, actor=actor, now=now)
    return rest


def _note(tx: Session, payment: Payment, what: str, actor: str, now: datetime) -> None:
    audit.note(tx, payment.appointment_id, Action.REFUND_WAIT, actor=actor, after=what, now=now)
    changes.announce(tx, f"appointment:{payment.appointment_id}")
