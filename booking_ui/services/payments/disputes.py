"""Disputes: what Razorpay says of one is recorded once, forward only, in whatever order and however often it comes.

While a dispute is undecided, no refund of its payment leaves by itself (`refunds/dispute_holds.py`). What a lost one takes
counts as given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session, col, select

from booking_ui.db import locks
from booking_ui.db.models import Appointment, Dispute, Payment, PaymentAttempt, Refund, pk
from booking_ui.db.session import read, rehearse, write
from booking_ui.domain.dispute import UNDECIDED, DisputeFact, DisputeStatus, told
from booking_ui.domain.errors import GatewayError, GatewayRejected, GatewayUnreadable
from booking_ui.domain.gateway_news import Listing
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import Source
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode, of_dispute
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import audit, changes
from booking_ui.services.journal.audit import Action
from booking_ui.services.refunds import dispute_holds, outcome, send

log = structlog.get_logger()

ASKED_AT_MOST = 100  # disputes that a comparison asks about one by one


@dataclass(frozen=True)
class _Disputed:
    """One word on a dispute with the locked rows of its booking."""

    tx: Session
    appointment: Appointment
    payment: Payment
    refunds: list[Refund]
    fact: DisputeFact
    actor: str
    at: datetime  # by Razorpay's clock
    now: datetime


def record(*, fact: DisputeFact, source: Source, now: datetime, at: datetime | None = None) -> Outcome:
    """Make the dispute and its booking follow a fact; returns what was done.

    `at` is the instant of the word by Razorpay's clock; without it, it is an answer, and newer than all that is known.
    """
    with write() as tx:
        return _record(tx, fact, source, at, now)


def preview(*, fact: DisputeFact, now: datetime, at: datetime | None = None) -> Outcome:
    """The outcome that `record` would have with this fact now; changes nothing."""
    with rehearse() as tx:
        return _record(tx, fact, Source.PREVIEW, at, now)


def _record(tx: Session, fact: DisputeFact, source: Source, at: datetime | None, now: datetime) -> Outcome:
    paid = select(Payment.appointment_id).join(PaymentAttempt, col(PaymentAttempt.payment_id) == Payment.id)
    booking = tx.exec(paid.where(PaymentAttempt.gateway_payment_id == fact.payment_id)).first()
    if booking is None:
        return Outcome(OutcomeCode.UNKNOWN_DISPUTED)
    _, appointment, payment = locks.booking(tx, booking)
    refunds = locks.refunds_of(tx, pk(payment))
    row = _known(tx, fact.dispute_id)
    told_at = at or max(now, row.changed_at if row else now)
    d = _Disputed(tx, appointment, payment, refunds, fact, source.actor, told_at, now)
    if row is None:
        row = _opened(d)
    elif not _is_news(row, fact, told_at):
        return Outcome(OutcomeCode.NOTHING_NEW)
    else:
        _follow(d, row)
    log.info("dispute.applied", dispute=fact.dispute_id, status=fact.status, source=source)
    changes.announce_booking(tx, appointment)
    return of_dispute(row.status)


def _known(tx: Session, dispute_id: str) -> Dispute | None:
    """The row of a dispute as its last writer left it; the booking's locks guard it."""
    fresh = {"populate_existing": True}
    return tx.exec(
        select(Dispute).where(Dispute.gateway_dispute_id == dispute_id), execution_options=fresh
    ).first()


def _is_news(row: Dispute, fact: DisputeFact, at: datetime) -> bool:
    if fact.status is not row.status:
        return told(fact.status, at) > told(row.status, row.changed_at)
    if row.status is DisputeStatus.LOST:
        return fact.deducted_paise > row.deducted_paise
    return at >= row.changed_at and _says_more(row, fact)


def _says_more(row: Dispute, fact: DisputeFact) -> bool:
    """True for a new deadline, phase, reason, amount or deduction of a dispute in the same status."""
    words = (fact.phase or row.phase, fact.reason_code or row.reason_code, fact.respond_by or row.respond_by)
    sums = (fact.amount_paise, fact.deducted_paise)
    return (*words, *sums) != (
        row.phase,
        row.reason_code,
        row.respond_by,
        row.amount_paise,
        row.deducted_paise,
    )


def _opened(d: _Disputed) -> Dispute:
    row = Dispute(
        payment_id=pk(d.payment),
        gateway_dispute_id=d.fact.dispute_id,
        gateway_payment_id=d.fact.payment_id,
        amount_paise=d.fact.amount_paise,
        currency=d.fact.currency,
        status=d.fact.status,
        created_at=d.fact.created_at or d.at,
        changed_at=d.at,
        seen_at=d.now,
    )
    d.tx.add(row)
    d.tx.flush()
    _write(d, row, before="")
    if row.status in (*UNDECIDED, DisputeStatus.LOST):
        dispute_holds.hold_unsent(d.tx, d.payment, d.refunds, row, actor=d.actor, now=d.now)
    _take_effect(d, row)
    return row


def _follow(d: _Disputed, row: Dispute) -> None:
    before = row.status
    _write(d, row, before=before)
    _take_effect(d, row)


def _write(d: _Disputed, row: Dispute, *, before: str) -> None:
    fact = d.fact
    row.status, row.changed_at, row.amount_paise = fact.status, d.at, fact.amount_paise
    row.phase, row.reason_code = fact.phase or row.phase, fact.reason_code or row.reason_code
    row.respond_by = fact.respond_by or row.respond_by
    row.deducted_paise = _deducted(row, fact)
    d.tx.add(row)
    d.tx.flush()
    if before == row.status != DisputeStatus.LOST:
        return  # details alone; of a lost one it is what Razorpay took
    audit.note(
        d.tx,
        pk(d.appointment),
        Action.DISPUTE,
        actor=d.actor,
        before=before,
        after=row.status,
        reason=f"{rupees(row.amount_paise)}, {row.gateway_dispute_id}",
        now=d.now,
    )


def _deducted(row: Dispute, fact: DisputeFact) -> int:
    """Paise that Razorpay took for the dispute, by its latest word; of a lost one never less than before."""
    if row.status is DisputeStatus.LOST:
        return max(row.deducted_paise, fact.deducted_paise)
    return fact.deducted_paise


def _take_effect(d: _Disputed, row: Dispute) -> None:
    if row.status in UNDECIDED:
        reconciliation_cases.open_within(
            d.tx, CaseKind.DISPUTED, row.gateway_dispute_id, _detail(d, row), d.now
        )
        return
    how = {
        DisputeStatus.WON: RemarkCode.DISPUTE_WON,
        DisputeStatus.CLOSED: RemarkCode.DISPUTE_CLOSED,
        DisputeStatus.LOST: RemarkCode.DISPUTE_LOST,
    }[row.status]
    reconciliation_cases.end(d.tx, CaseKind.DISPUTED, row.gateway_dispute_id, Remark(how), d.now)
    if row.status is DisputeStatus.LOST:
        _lose(d, row)
    # Also after a lost one: what it did not take goes back now, unless it is not known yet how much it took.
    dispute_holds.end_waits(d.tx, d.payment, d.refunds, row.gateway_payment_id, actor=d.actor, now=d.now)


def _lose(d: _Disputed, row: Dispute) -> None:
    # Also what the desk wanted sent before the bank had decided: the decision takes its place.
    dispute_holds.hold_unsent(d.tx, d.payment, d.refunds, row, actor=d.actor, now=d.now)
    covered = dispute_holds.count_deduction(d.tx, d.payment, d.refunds, row, actor=d.actor, now=d.now)
    reconciliation_cases.open_within(
        d.tx, CaseKind.DISPUTE_LOST, row.gateway_dispute_id, _detail(d, row), d.now
    )
    _send_rest(d.tx, d.payment, d.refunds, covered, actor=d.actor, now=d.now)


def _send_rest(
    tx: Session,
    payment: Payment,
    refunds: list[Refund],
    covered: list[tuple[Refund, int]],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Reserve what lost disputes left of the refunds that they ended."""
    for ended, paise in covered:
        rest = send.reserve(
            tx,
            payment,
            refunds,
            gateway_payment_id=ended.gateway_payment_id,
            amount_paise=paise,
            origin=ended.origin,
            actor=actor,
            now=now,
        )
        ended.replaced_by_id = rest.id
        tx.add(ended)


def count_for_visit(
    tx: Session, payment: Payment, attempt: PaymentAttempt, *, actor: str, now: datetime
) -> None:
    """Count what lost disputes took of a payment once it turns out to be the one that pays for the visit.

    Called under the booking's locks. Refunds of the visit that are still due end as far as that covers them.
    """
    paid = attempt.gateway_payment_id
    lost = select(Dispute).where(Dispute.gateway_payment_id == paid, Dispute.status == DisputeStatus.LOST)
    newest = tx.exec(lost.order_by(col(Dispute.id).desc()).limit(1)).first()
    if newest is None:
        return
    refunds = locks.refunds_of(tx, pk(payment))
    attempt.deducted_paise = payment.deducted_paise = 0  # counted anew, beside the refunds of the visit
    dispute_holds.hold_unsent(tx, payment, refunds, newest, actor=actor, now=now)
    covered = dispute_holds.count_deduction(tx, payment, refunds, newest, actor=actor, now=now)
    _send_rest(tx, payment, refunds, covered, actor=actor, now=now)
    dispute_holds.end_waits(tx, payment, refunds, paid, actor=actor, now=now)


def _detail(d: _Disputed, row: Dispute) -> Remark:
    """₹500 of booking ABCD2345, chargeback, goods not received; answer by Mon 23 Nov, 10:30 am."""
    why = [one.replace("_", " ") for one in (row.phase, row.reason_code) if one]
    of = {"amount": Paise(row.amount_paise), "reference": d.appointment.reference}
    what = (
        Remark(RemarkCode.OF_BOOKING_WHY, **of, why=", ".join(why))
        if why
        else Remark(RemarkCode.OF_BOOKING, **of)
    )
    if row.status is DisputeStatus.LOST:
        return _lost(d, row, what)
    return Remark(RemarkCode.ANSWER_BY, what=what, time=row.respond_by) if row.respond_by else what


def _lost(d: _Disputed, row: Dispute, what: Remark) -> Remark:
    taken = (
        Remark(RemarkCode.DEDUCTED, what=what, amount=Paise(row.deducted_paise))
        if row.deducted_paise
        else Remark(RemarkCode.NOT_DEDUCTED, what=what)
    )
    twice = _gone_twice(d, row)
    return Remark(RemarkCode.REFUNDED_TOO, what=taken, amount=Paise(twice)) if twice else taken


def _gone_twice(d: _Disputed, row: Dispute) -> int:
    """Paise of the payment that were refunded, or are on their way, and that a lost dispute took as well."""
    paid = select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == row.gateway_payment_id)
    attempt = d.tx.exec(paid).one()
    return outcome.taken_in_disputes(d.tx, attempt.gateway_payment_id) - attempt.deducted_paise


def compare(*, since: datetime, until: datetime, now: datetime) -> int:
    """Ask Razorpay for the disputes opened since, and for ours that are not over; returns how many moved.

    A message that was lost is made up for. One that can't be read or breaks is a case and keeps no other waiting. Never
    raises: an account to which Razorpay does not show disputes is compared all the same.
    """
    listed = _listed(since, until)
    for entry in listed.unreadable:
        _not_compared(entry.entity_id or reconciliation_cases.ACCOUNT, entry.why, now)
    named = {fact.dispute_id for fact in listed.facts} | {entry.entity_id for entry in listed.unreadable}
    asked = _asked([one for one in _unfinished() if one not in named], now)
    moved = sum([_compared(fact, now) for fact in [*listed.facts, *asked]])
    # A refund made at the dashboard stood beside ours while that one waited. Once a lost dispute has ended ours, the
    # same money is gone twice, however old the refund is.
    for payment_id in _lost_since(since):
        send.take_over(payment_id, now)
    return moved


def _listed(since: datetime, until: datetime) -> Listing[DisputeFact]:
    try:
        return gateway().disputes_between(since, until)
    except GatewayError as exc:
        log.warning("disputes.not_listed", reason=exc.reason)
        return Listing([], [])


def _asked(dispute_ids: list[str], now: datetime) -> list[DisputeFact]:
    """Razorpay's word on each of them, as far as it answers."""
    told_of = []
    for one in dispute_ids:
        try:
            told_of.append(gateway().dispute(one))
        except GatewayUnreadable as exc:
            _not_compared(one, exc.reason, now)
        except GatewayRejected as exc:
            log.warning("dispute.not_shown", dispute=one, reason=exc.reason)
        except GatewayError as exc:  # it is away: the next comparison asks for the others too
            log.warning("disputes.not_asked", reason=exc.reason)
            break
    return told_of


def _compared(fact: DisputeFact, now: datetime) -> bool:
    """True when the fact moved our dispute."""
    try:
        code = record(fact=fact, source=Source.COMPARISON, now=now).code
    except Exception as exc:
        log.exception("dispute.broken", dispute=fact.dispute_id)
        _not_compared(fact.dispute_id, type(exc).__name__, now)
        return False
    with read() as tx:
        over = fact.dispute_id in reconciliation_cases.open_subjects(tx, CaseKind.NOT_COMPARED)
    if over:
        with write() as tx:
            reconciliation_cases.end(
                tx, CaseKind.NOT_COMPARED, fact.dispute_id, Remark(RemarkCode.COMPARED), now
            )
    return code not in (OutcomeCode.NOTHING_NEW, OutcomeCode.UNKNOWN_DISPUTED)


def _not_compared(subject: str, why: str, now: datetime) -> None:
    reconciliation_cases.open_case(
        kind=CaseKind.NOT_COMPARED,
        subject=subject,
        detail=Remark(RemarkCode.DISPUTE_NOT_COMPARED, why=why),
        now=now,
    )


def _lost_since(since: datetime) -> list[str]:
    """Ids of the payments of which a dispute was lost since then, the latest first; at most ASKED_AT_MOST."""
    lost = select(Dispute.gateway_payment_id).where(
        Dispute.status == DisputeStatus.LOST, col(Dispute.changed_at) >= since
    )
    with read() as tx:
        return list(tx.exec(lost.order_by(col(Dispute.changed_at).desc()).limit(ASKED_AT_MOST)).all())


def _unfinished() -> list[str]:
    """Ids of disputes that are undecided, or lost without a word on what Razorpay took; the soonest deadline first.

    At most ASKED_AT_MOST, so that no comparison lasts for hours.
    """
    not_taken = (col(Dispute.status) == DisputeStatus.LOST) & (col(Dispute.deducted_paise) == 0)
    found = select(Dispute.gateway_dispute_id).where(col(Dispute.status).in_(UNDECIDED) | not_taken)
    with read() as tx:
        return list(
            tx.exec(found.order_by(col(Dispute.respond_by), col(Dispute.id)).limit(ASKED_AT_MOST)).all()
        )
