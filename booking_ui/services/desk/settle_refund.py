"""Settling a refund that failed for good: the desk sends exactly that one again, or has given it back by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlmodel import Session, select

from booking_ui.db import locks
from booking_ui.db.models import Payment, PaymentAttempt, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.errors import BadInput, GatewayError, NotFound, WrongState
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundStatus, Source
from booking_ui.domain.reason import reason_problems, reference_problems
from booking_ui.gateways.razorpay import gateway
from booking_ui.languages import _
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.refunds import dispute_holds, outcome, send
from booking_ui.services.views import Principal

Way = Literal["again", "by_hand"]
SMALLEST = 100  # paise; Razorpay refunds no less


def settle(
    *, admin: Principal, refund_id: int, way: Way, reason: str, now: datetime, reference: str = ""
) -> str:
    """Replace a failed refund by one that the worker sends, or that the desk has given back; returns its sum as a label.

    If the payment was refunded in part since, the sum is what is left. The failed refund stays as it ended; to settle it
    a second time is refused. A refund that Razorpay has made after all, or is making, is not sent again, nor one whose
    money went back in other ways.

    Raises NotFound, BadInput, WrongState.
    """
    if wrong := [*reason_problems(reason), *reference_problems(reference)]:
        raise BadInput(*wrong)
    with read() as tx:
        known = tx.get(Refund, refund_id)
        bill = tx.get(Payment, known.payment_id) if known else None
    if known is None or bill is None:
        raise NotFound
    if way == "again" and _is_open(known):
        _refuse_if_gone(known, now)
    actor = actors.signed_in(admin)
    with write() as tx:
        _slot, _appointment, payment = locks.booking(tx, bill.appointment_id)
        refunds = locks.refunds_of(tx, pk(payment))
        failed = next(one for one in refunds if one.id == refund_id)
        if not _is_open(failed):
            raise WrongState(_("This refund needs nothing any more."))
        if way == "again":
            dispute_holds.refuse_disputed(tx, failed.gateway_payment_id)
        made = _replace(tx, payment, failed, refunds, actor=actor, now=now, by_desk=way == "by_hand")
        why = f"{reason.strip()} ({reference.strip()})" if reference.strip() else reason.strip()
        _record(tx, payment, way, actor, why, now)
        if way == "by_hand":
            outcome.finish(tx, payment, made, refunds, RefundStatus.PROCESSED, actor=actor, now=now)
    return rupees(made.amount_paise)


def _is_open(refund: Refund) -> bool:
    """True for a failed refund that no other and no lost dispute stands in for."""
    return refund.status is RefundStatus.FAILED and not refund.replaced_by_id and not refund.dispute_id


def _refuse_if_gone(failed: Refund, now: datetime) -> None:
    """Raises WrongState for a refund whose money Razorpay has given back, or when Razorpay can't be asked."""
    if failed.gateway_refund_id:
        _refuse_if_made(failed, now)
    with read() as tx:
        refunds = tx.exec(select(Refund).where(Refund.payment_id == failed.payment_id)).all()
        due = _due(tx, failed, refunds)
    if due >= SMALLEST:
        send.refuse_overdraft(failed.gateway_payment_id, due, now)


def _refuse_if_made(failed: Refund, now: datetime) -> None:
    """Ask Razorpay about a refund that it had taken, and apply its answer: the failure may be older than that.

    Raises WrongState when it is not to be sent again, or Razorpay can't be asked.
    """
    try:
        made = gateway().refunds_of(failed.gateway_payment_id)
    except GatewayError as exc:
        raise WrongState(
            _(
                "Razorpay could not be asked whether it has made this refund after all. Try again in a few minutes."
            )
        ) from exc
    for fact in made:
        if fact.refund_id == failed.gateway_refund_id and fact.status is not RefundStatus.FAILED:
            send.settle(fact=fact, now=now, source=Source.QUESTION)
            raise WrongState(_("Razorpay has made this refund after all, so it was not sent again."))


def _replace(
    tx: Session,
    payment: Payment,
    failed: Refund,
    refunds: list[Refund],
    *,
    actor: str,
    now: datetime,
    by_desk: bool,
) -> Refund:
    amount = _due(tx, failed, refunds)
    if amount < SMALLEST:
        raise WrongState(_("All of that payment is back or on its way already."))
    made = send.reserve(
        tx,
        payment,
        refunds,
        gateway_payment_id=failed.gateway_payment_id,
        amount_paise=amount,
        origin=failed.origin,
        actor=actor,
        now=now,
        by_desk=by_desk,
    )
    failed.replaced_by_id = made.id
    tx.add(failed)
    return made


def _due(tx: Session, failed: Refund, refunds: Sequence[Refund]) -> int:
    """Paise of a failed refund that are neither back nor on their way, by our books."""
    attempt = tx.exec(
        select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == failed.gateway_payment_id)
    ).one()
    return min(failed.amount_paise, outcome.left_of(attempt, refunds))


def _record(tx: Session, payment: Payment, way: Way, actor: str, why: str, now: datetime) -> None:
    audit.note(
        tx,
        payment.appointment_id,
        Action.SETTLED,
        actor=actor,
        before=RefundStatus.FAILED,
        after=way,
        reason=why,
        now=now,
    )
