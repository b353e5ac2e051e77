"""Money on its way back: reserved in a transaction, sent outside it, settled once.

The row, with its key and amount, exists before Razorpay is asked; a repeat sends the same key and the same amount,
so nothing is ever paid back twice, by whichever worker and whenever a process dies.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, select

from booking_ui.db import locks, queues
from booking_ui.db.models import Payment, PaymentAttempt, Refund, pk
from booking_ui.db.session import rehearse, write
from booking_ui.domain.errors import GatewayError, GatewayRejected, WrongState
from booking_ui.domain.payment import PaymentStatus, RefundFact, RefundOrigin, RefundStatus, Source
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode, of_refund
from booking_ui.gateways.razorpay import gateway
from booking_ui.languages import _
from booking_ui.services.cases import reconciliation_cases, unreadable
from booking_ui.services.journal import audit, changes, request_ids, stated, status_moves
from booking_ui.services.journal.audit import Action
from booking_ui.services.journal.batches import each, one_by_one
from booking_ui.services.refunds import dashboard_refunds, dispute_holds, mismatch, overdraft, retry
from booking_ui.services.refunds import outcome as refund_outcome
from booking_ui.services.refunds.retry import ASK_AGAIN

log = structlog.get_logger()

TOPIC = "refunds"  # announced when one is due at once
KEY_TRUSTED = timedelta(hours=1)  # how long Razorpay remembers an idempotency key is stated nowhere
OVERDRAWN = Remark(RemarkCode.OVERDRAWN)
NO_ANSWER = (401, 403)  # our keys were refused, nothing was said about this refund


def reserve(
    tx: Session,
    payment: Payment,
    refunds: list[Refund],
    *,
    gateway_payment_id: str,
    amount_paise: int,
    origin: RefundOrigin,
    actor: str,
    now: datetime,
    by_desk: bool = False,
    reason: str = "",
) -> Refund:
    """Promise `amount_paise` of an attempt back to the patient, under the booking's locks; the worker sends it at once.

    `refunds` are all those of the payment (`locks.refunds_of`); the new one is added to them. A payment made at the desk
    has no attempt: its refund waits for the desk (no next attempt), as does one `by_desk`. A refund of a disputed payment
    waits for the end of the dispute. A `reason` is a person's own.
    """
    refund = Refund(
        payment_id=pk(payment),
        gateway_payment_id=gateway_payment_id,
        amount_paise=amount_paise,
        status=RefundStatus.PENDING,
        origin=origin,
        reason=origin.cause.words,
        idempotency_key=f"rf-{pk(payment)}-{payment.gateway_order_id or 'desk'}-{len(refunds) + 1}",
        next_attempt_at=None if by_desk or not gateway_payment_id else now,
        created_at=now,
        updated_at=now,
        request_id=request_ids.current(),
    )
    dispute_id = dispute_holds.standing_in_the_way(tx, gateway_payment_id) if refund.next_attempt_at else None
    tx.add(refund)
    tx.flush()
    refunds.append(refund)
    if refund.next_attempt_at and dispute_id is None:
        changes.announce(tx, TOPIC)
    audit.note(
        tx,
        payment.appointment_id,
        Action.REFUND,
        actor=actor,
        after=RefundStatus.PENDING,
        reason=reason or origin.cause,
        facts=stated.refund(refund),
        now=now,
    )
    if dispute_id is not None:
        dispute_holds.hold(tx, payment, refund, dispute_id, actor=actor, now=now)
    of_visit = gateway_payment_id == (payment.gateway_payment_id or "")
    if of_visit and payment.retained_paise:
        refund_outcome.reduce_retained(tx, payment, refunds, actor=actor, now=now)
    # A refund made at Razorpay may be on its way already.
    if of_visit and payment.status is not PaymentStatus.REFUND_PENDING:
        status_moves.move_payment(
            tx, payment, PaymentStatus.REFUND_PENDING, actor=actor, reason=origin.cause, now=now
        )
    return refund


def redirect(tx: Session, payment: Payment, refund: Refund, *, actor: str, now: datetime) -> None:
    """Make a refund of the desk's mark one of the payment that the mark was about; the worker sends it if it is still due."""
    refund.gateway_payment_id = gateway_payment_id = payment.gateway_payment_id or ""
    if refund.status is RefundStatus.PENDING:
        refund.dispute_id = dispute_holds.standing_in_the_way(tx, gateway_payment_id)
        refund.next_attempt_at = now if refund.dispute_id is None else None
        changes.announce(tx, TOPIC)
    tx.add(refund)
    status_moves.state_refund(tx, refund, appointment_id=payment.appointment_id, actor=actor, now=now)


def send_due(*, now: datetime, limit: int = 20) -> int:
    """Send every refund whose time has come; returns how many were tried. Safe in several processes: keys dedupe."""

    def take() -> Refund | None:
        with write() as tx:
            return next(iter(locks.lease(tx, queues.REFUNDS, now=now, limit=1)), None)

    due = one_by_one(take, limit=limit, within=queues.REFUNDS.lease / 4)
    return len(each(due, lambda refund: _send_known(refund, now)))


def _send_known(refund: Refund, now: datetime) -> None:
    with request_ids.known_by(refund.request_id):
        _send(refund, now)


def _send(refund: Refund, now: datetime) -> None:
    """Ask Razorpay for one leased refund and record its answer; gateway trouble leaves it due for a later try."""
    if not dispute_holds.may_leave(pk(refund)):
        return
    try:
        fact = _asked(refund, now)
    except GatewayError as exc:
        refusal = exc if isinstance(exc, GatewayRejected) and exc.http_status not in NO_ANSWER else None
        if refusal and not refund.gateway_refund_id:
            _refused(refund, refusal, now)
            return
        log.info("refund.postponed", refund=refund.id, reason=exc.reason)
        unreadable.note_refund_answer(exc, payment_id=refund.gateway_payment_id, now=now)
        retry.postpone(pk(refund), exc.reason, now)
        if refusal:  # to show one that it has taken: that says nothing of what became of it
            retry.note_missing(pk(refund), exc.reason, now)
        return
    settle(fact=fact, now=now)
    log.info("refund.answered", refund=refund.id, gateway_refund=fact.refund_id, status=fact.status)


def _refused(refund: Refund, refusal: GatewayRejected, now: datetime) -> None:
    """Razorpay said no: for now, which is tried again for days, or for good, which is the desk's."""
    log.warning("refund.rejected", refund=refund.id, reason=refusal.reason)
    try:
        for_now = retry.is_temporary(refund, refusal, now)
    except GatewayError as exc:
        retry.postpone(pk(refund), exc.reason, now)
        return
    if for_now and retry.keep_waiting(pk(refund), refusal.reason, now):
        return
    retry.give_up(pk(refund), refusal.reason, now)
    take_over(refund.gateway_payment_id, now)


def _asked(refund: Refund, now: datetime) -> RefundFact:
    """Razorpay's word on this refund: the one it makes now, or the one it made when its answer was lost."""
    if refund.gateway_refund_id:
        return gateway().refund_by_id(refund.gateway_refund_id)
    if now - refund.created_at > KEY_TRUSTED and (made := _made_before(refund)):
        return made
    if overdraft.is_one(refund.gateway_payment_id, refund.amount_paise):
        if made := _made_before(refund):
            return made
        raise GatewayRejected(reason=OVERDRAWN)
    try:
        return gateway().refund(
            refund.gateway_payment_id, amount_paise=refund.amount_paise, key=refund.idempotency_key
        )
    except GatewayRejected:
        # "Already fully refunded" after a lost answer is our own refund.
        if made := _made_before(refund):
            return made
        raise


def _made_before(refund: Refund) -> RefundFact | None:
    """The refund that Razorpay made under our key although its answer never came."""
    made = gateway().refunds_of(refund.gateway_payment_id)
    return next((fact for fact in made if fact.key == refund.idempotency_key), None)


def refuse_overdraft(payment_id: str, amount_paise: int, now: datetime) -> None:
    """Refuse the desk a refund beyond what Razorpay still holds of a payment; called outside a transaction.

    What was given back at Razorpay's dashboard is recorded first, or is a case afterwards. Raises WrongState, also when
    Razorpay can't be asked.
    """
    try:
        overdrawn = overdraft.is_one(payment_id, amount_paise)
    except GatewayError as exc:
        raise WrongState(
            _(
                "Razorpay could not be asked how much of this payment has gone back. Try again in a few minutes."
            )
        ) from exc
    if overdrawn:
        take_over(payment_id, now)
        raise WrongState(
            _(
                "Nothing was sent: refunds at Razorpay and a lost dispute have taken so much of this payment that more would go back than was paid. Look at its case in Books. A failed refund that the patient has already is settled as given back by hand."
            )
        )


def take_over(payment_id: str, now: datetime) -> None:
    """Record what was given back at Razorpay's dashboard: it may be why our refund was refused."""
    with suppress(GatewayError):
        for fact in gateway().refunds_of(payment_id):
            settle(fact=fact, now=now)


def settle(*, fact: RefundFact, now: datetime, source: Source = Source.REFUND) -> Outcome:
    """Record what Razorpay says about a refund, ours or not; returns what was done."""
    with write() as tx:
        return settle_within(tx, fact, source, now)


def preview(*, fact: RefundFact, now: datetime) -> Outcome:
    """The outcome that `settle` would have with this fact now; changes nothing."""
    with rehearse() as tx:
        return settle_within(tx, fact, Source.PREVIEW, now)


def settle_within(tx: Session, fact: RefundFact, source: Source, now: datetime) -> Outcome:
    """`settle` within the caller's transaction."""
    attempt = tx.exec(
        select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == fact.payment_id)
    ).first()
    if attempt is None:
        return Outcome(OutcomeCode.UNKNOWN_PAYMENT)
    payment = _lock_booking(tx, attempt)
    refunds = locks.refunds_of(tx, pk(payment))
    refund = _matching(refunds, fact)
    key = refund.idempotency_key if refund else ""
    # Asked once, without a lock: nearly always nothing about this refund waits for the desk, and nothing can end.
    waiting = reconciliation_cases.any_open(tx, fact.refund_id, fact.payment_id, key)
    if waiting:
        unreadable.end_refund_cases(tx, fact, now)
    if refund is None:
        return dashboard_refunds.record(tx, payment, attempt, refunds, fact, source, now)
    if waiting:
        mismatch.end_resolved(tx, refund, fact, source=source, now=now)
    mismatch.note_differences(tx, payment, refund, fact, now)
    if _stale(refund, fact, source):
        return Outcome(OutcomeCode.NOTHING_NEW)
    new = _take_names(refund, fact, now)
    counts = fact.status is refund.status or refund_outcome.still_counts(attempt, refund, refunds)
    if new and (fact.status is refund.status or not counts):  # else the move states it
        status_moves.state_refund(
            tx, refund, appointment_id=payment.appointment_id, actor=source.actor, now=now
        )
    if not counts:
        refund_outcome.note_paid_after_all(tx, refund, fact)
        return mismatch.note_second_refund(tx, payment, fact, source=source, now=now)
    if waiting:
        retry.end_waiting(tx, refund, Remark(RemarkCode.TAKEN), now)
    refund.dispute_id = None  # Razorpay has taken it: nothing waits any more
    # Accepted is not sent: while it is pending, ask again now and then.
    refund.next_attempt_at = now + ASK_AGAIN if fact.status is RefundStatus.PENDING else None
    tx.add(refund)
    if refund.status is fact.status:
        return Outcome(OutcomeCode.NOTHING_NEW)
    refund_outcome.finish(tx, payment, refund, refunds, fact.status, actor=source.actor, now=now)
    return of_refund(fact.status)


def _take_names(refund: Refund, fact: RefundFact, now: datetime) -> bool:
    """Give a refund Razorpay's id and instant; True when one of them is new."""
    new = refund.gateway_refund_id != fact.refund_id or refund.refunded_at is None
    if new:
        refund.gateway_refund_id, refund.refunded_at = fact.refund_id, fact.made_at(now)
    return new


def _stale(refund: Refund, fact: RefundFact, source: Source) -> bool:
    """True for a fact older than the end we know of: refund.created may arrive after refund.failed."""
    ended = refund.status is RefundStatus.FAILED and refund.gateway_refund_id == fact.refund_id
    early = fact.status is RefundStatus.PENDING and source is not Source.QUESTION
    return refund.status is RefundStatus.PROCESSED or (ended and early)


def _lock_booking(tx: Session, attempt: PaymentAttempt) -> Payment:
    appointment_id = tx.exec(select(Payment.appointment_id).where(Payment.id == attempt.payment_id)).one()
    return locks.booking(tx, appointment_id)[2]


def _matching(refunds: Sequence[Refund], fact: RefundFact) -> Refund | None:
    """Our row for Razorpay's refund: by its id, by our key, never by amount alone."""
    by_id = [r for r in refunds if r.gateway_refund_id == fact.refund_id]
    # A second refund under a key that made one already is no repetition: money went twice.
    free = [r for r in refunds if r.gateway_refund_id is None]
    by_key = [r for r in free if fact.key and r.idempotency_key == fact.key]
    return next(iter(by_id or by_key), None)
