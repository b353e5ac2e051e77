"""Promise 9: for each payment, Razorpay's own list and our books tell of the same money.

Razorpay's lists lag and our books move on while they are read, so a difference counts once a look at that very payment,
which never lags, finds it too. A difference that a person has explained, by closing a case about it, counts no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from booking_ui.db.models import Dispute, Payment, PaymentAttempt, ReconciliationCase, Refund
from booking_ui.db.session import read
from booking_ui.domain.dispute import DisputeFact
from booking_ui.domain.errors import GatewayRejected, GatewayUnreadable
from booking_ui.domain.gateway_news import Listing
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind

NUMBER = 9
PROMISE = (
    "For each payment, captured minus refunded is the same at Razorpay and here, and disputes are marked"
)
NO_DISPUTES = Remark(RemarkCode.NO_DISPUTES)
TAKEN = (AttemptStatus.CAPTURED, AttemptStatus.REFUNDED)
EXPLAINING = (
    CaseKind.BOOKS_DIFFER,
    CaseKind.UNKNOWN_ORDER,
    CaseKind.AMOUNT_DIFFERS,
    CaseKind.PAYMENT_MISSING,
    CaseKind.REFUND_MISSING,
    CaseKind.REFUND_TWICE,
    CaseKind.REFUND_AMOUNT,
    CaseKind.REFUND_UNDONE,
)
"""Kinds of case about one payment or refund whose closing by a person explains its difference."""
IN_FLIGHT = timedelta(minutes=10)  # by then we have heard of a payment, or asked


@dataclass(frozen=True)
class Difference:
    """A fault about a payment, a refund or a dispute (`subject`) of a payment."""

    subject: str
    payment_id: str
    fault: Remark


@dataclass(frozen=True)
class Equation:
    """The comparison of everything between two instants. `explained` differences are not among `differences`."""

    checked: int
    differences: list[Difference]
    examined: frozenset[str] = frozenset()  # ids of payments, refunds and disputes
    explained: int = 0
    note: str = ""  # what could not be asked, for people


@dataclass(frozen=True)
class _Ours:
    """One payment in our books. `took_money` is false for one that the bank has not captured, or that lapsed."""

    attempt: PaymentAttempt | None
    refunds: list[Refund] = field(default_factory=list)
    took_money: bool = False
    counted_twice: bool = False


@dataclass(frozen=True)
class Lists:
    """Razorpay's lists of a window."""

    since: datetime
    until: datetime
    payments: Listing[PaymentFact]
    refunds: Listing[RefundFact]


def fetched(*, since: datetime, until: datetime) -> Lists:
    """Raises GatewayError."""
    asked = gateway()
    return Lists(since, until, asked.payments_between(since, until), asked.refunds_between(since, until))


def compare(lists: Lists, *, now: datetime) -> Equation:
    """Every payment that either side tells of within the window; nothing is changed.

    Raises GatewayError when a payment can't be looked at again.
    """
    told = {fact.payment_id: fact for fact in lists.payments.facts if _captured(fact)}
    unread = {entry.entity_id for entry in lists.payments.unreadable}
    with read() as tx:
        ids = (told.keys() | {fact.payment_id for fact in lists.refunds.facts} | _moved(tx, lists)) - unread
        ours = {one: _known(tx, one) for one in sorted(ids)}
    doubtful = [
        one for one in ours if one not in told or _differences(one, told[one], None, ours[one], now)
    ] + [one for one in _with_strange_refunds(lists.refunds.facts, ours) if one in told]
    found = [d for one in dict.fromkeys(doubtful) for d in _second_look(one, now)]
    disputed, looked_at, note = _disputes(lists)
    refunds = {r.gateway_refund_id or "" for one in ours.values() for r in one.refunds}
    examined = ours.keys() | refunds | {fact.refund_id for fact in lists.refunds.facts} | looked_at
    left = _unexplained(found + disputed)
    return Equation(len(ours), left, frozenset(examined), len(found + disputed) - len(left), note)


def _captured(fact: PaymentFact) -> bool:
    return fact.status is AttemptStatus.CAPTURED or (
        fact.status is AttemptStatus.REFUNDED and fact.was_captured
    )


def _moved(tx: Session, lists: Lists) -> set[str]:
    """Ids of payments of ours whose money came or went within the window, or whose difference is an open case."""
    within = (lists.since, lists.until)
    came = select(PaymentAttempt.gateway_payment_id).where(
        col(PaymentAttempt.status).in_(TAKEN), col(PaymentAttempt.created_at).between(*within)
    )
    went = select(Refund.gateway_payment_id).where(
        col(Refund.gateway_refund_id).is_not(None), col(Refund.updated_at).between(*within)
    )
    waiting = reconciliation_cases.open_subjects(tx, CaseKind.BOOKS_DIFFER)
    return {*tx.exec(came), *tx.exec(went), *(one for one in waiting if one.startswith("pay_"))}


def _known(tx: Session, payment_id: str) -> _Ours:
    attempt = tx.exec(select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == payment_id)).first()
    refunds = list(tx.exec(select(Refund).where(Refund.gateway_payment_id == payment_id)).all())
    if attempt is None:
        return _Ours(None, refunds)
    bill = tx.get_one(Payment, attempt.payment_id)
    kept = bill.gateway_payment_id == payment_id
    took = attempt.status is AttemptStatus.CAPTURED or (
        attempt.status is AttemptStatus.REFUNDED and (kept or bool(refunds))
    )
    return _Ours(attempt, refunds, took, took and _counted_twice(tx, bill, attempt))


def _counted_twice(tx: Session, bill: Payment, attempt: PaymentAttempt) -> bool:
    """True when the desk's mark names this payment and its bill counts both."""
    if bill.marked_payment_id != attempt.gateway_payment_id:
        return False
    others = select(PaymentAttempt.amount_paise).where(
        PaymentAttempt.payment_id == bill.id, col(PaymentAttempt.status).in_(TAKEN)
    )
    return bill.captured_paise > sum(tx.exec(others).all())


def _differences(
    payment_id: str,
    theirs: PaymentFact | None,
    refunds: Sequence[RefundFact] | None,
    ours: _Ours,
    now: datetime,
) -> list[Difference]:
    """The differences of one payment; without `refunds` only their sum is compared."""
    faults = list(_payment_faults(theirs, ours, now))
    found = [Difference(payment_id, payment_id, fault) for fault in faults]
    if theirs is None or not _captured(theirs) or ours.attempt is None:
        return found
    if refunds is not None:
        return found + _refund_faults(payment_id, refunds, ours.refunds)
    low, high = _gone(ours.refunds)
    if not low <= theirs.amount_refunded_paise <= high:
        found.append(Difference(payment_id, payment_id, Remark(RemarkCode.REFUND_SUMS)))
    return found


def _payment_faults(theirs: PaymentFact | None, ours: _Ours, now: datetime) -> Iterable[Remark]:
    attempt = ours.attempt
    captured = theirs is not None and _captured(theirs)
    if theirs is None or not captured:
        if attempt is not None and ours.took_money:
            there = RemarkCode.UNKNOWN if theirs is None else RemarkCode(theirs.status.value)
            yield Remark(RemarkCode.CAPTURED_NOT_THERE, amount=Paise(attempt.amount_paise), there=there)
        return
    if attempt is None or not ours.took_money:
        left = theirs.amount_paise - theirs.amount_refunded_paise
        young = theirs.created_at is not None and now - theirs.created_at < IN_FLIGHT
        if left and not young:
            here = RemarkCode.UNKNOWN if attempt is None else RemarkCode(attempt.status.value)
            yield Remark(RemarkCode.AT_BOTH, there=Paise(left), here=here)
        return
    if theirs.currency != attempt.currency:
        yield Remark(RemarkCode.AT_BOTH, there=theirs.currency, here=attempt.currency)
    elif theirs.amount_paise != attempt.amount_paise:
        sums = {"there": Paise(theirs.amount_paise), "here": Paise(attempt.amount_paise)}
        yield Remark(RemarkCode.AT_BOTH, **sums)
    if theirs.fee_paise is not None and theirs.fee_paise != attempt.fee_paise:
        fee = RemarkCode.NONE if attempt.fee_paise is None else Paise(attempt.fee_paise)
        yield Remark(RemarkCode.FEE, there=Paise(theirs.fee_paise), here=fee)
    if ours.counted_twice:
        yield Remark(RemarkCode.COUNTED_TWICE)


def _gone(refunds: Iterable[Refund]) -> tuple[int, int]:
    """Paise of a payment that Razorpay has sent back by our books; and with those that it may have taken in hand."""
    known = [one for one in refunds if one.gateway_refund_id]
    sent = sum(one.amount_paise for one in known if _is_sent(one))
    going = sum(one.amount_paise for one in refunds if one.status is RefundStatus.PENDING)
    return sent, sent + going


def _is_sent(refund: Refund) -> bool:
    return refund.status is RefundStatus.PROCESSED or refund.paid_after_all


def _refund_faults(payment_id: str, theirs: Sequence[RefundFact], ours: Sequence[Refund]) -> list[Difference]:
    by_id = {one.gateway_refund_id: one for one in ours if one.gateway_refund_id}
    by_key = {one.idempotency_key: one for one in ours if not one.gateway_refund_id}
    told = {fact.refund_id: fact for fact in theirs}
    found = [
        (fact.refund_id, _fault_of(fact, by_id.get(fact.refund_id) or by_key.get(fact.key)))
        for fact in theirs
    ]
    for refund_id, one in by_id.items():
        if _is_sent(one) and (refund_id not in told or told[refund_id].status is RefundStatus.FAILED):
            there = RemarkCode.FAILED if refund_id in told else RemarkCode.UNKNOWN
            fault = Remark(RemarkCode.WENT_BACK_HERE, amount=Paise(one.amount_paise), there=there)
            found.append((str(refund_id), fault))
    return [Difference(subject, payment_id, fault) for subject, fault in found if fault]


def _fault_of(fact: RefundFact, known: Refund | None) -> Remark | None:
    """The fault about a refund at Razorpay, for which `known` is our row."""
    here: RemarkCode | Paise
    if fact.status is RefundStatus.FAILED:
        return None
    if known is None:
        here = RemarkCode.UNKNOWN
    elif known.amount_paise != fact.amount_paise:
        here = Paise(known.amount_paise)
    elif known.status is RefundStatus.FAILED and not known.paid_after_all:
        here = RemarkCode.FAILED
    else:
        return None
    return Remark(RemarkCode.WENT_BACK_THERE, amount=Paise(fact.amount_paise), here=here)


def _with_strange_refunds(told: Iterable[RefundFact], ours: dict[str, _Ours]) -> list[str]:
    """Ids of payments of which the list has a refund that is not as our books have it, though the sums may agree."""
    known = {one: books.refunds for one, books in ours.items() if books.attempt is not None}
    return [
        fact.payment_id
        for fact in told
        if fact.payment_id in known and _strange(fact, known[fact.payment_id])
    ]


def _strange(fact: RefundFact, refunds: Sequence[Refund]) -> bool:
    named = [one for one in refunds if one.gateway_refund_id == fact.refund_id]
    keyed = [one for one in refunds if not one.gateway_refund_id and one.idempotency_key == fact.key]
    return bool(_fault_of(fact, next(iter(named or keyed), None)))


def _second_look(payment_id: str, now: datetime) -> list[Difference]:
    """The differences that a question about this very payment finds. One that can't be read has a case of its own."""
    try:
        theirs = _looked_up(gateway().payment, payment_id)
        refunds = gateway().refunds_of(payment_id) if theirs is not None else []
    except GatewayUnreadable:
        return []
    with read() as tx:
        ours = _known(tx, payment_id)
    return _differences(payment_id, theirs, refunds, ours, now)


def _looked_up(look_up: Callable[[str], PaymentFact], payment_id: str) -> PaymentFact | None:
    try:
        return look_up(payment_id)
    except GatewayRejected as refused:
        if refused.http_status in (401, 403):  # our keys: nothing was said about this payment
            raise
        return None


def _disputes(lists: Lists) -> tuple[list[Difference], set[str], str]:
    """Disputes that our books do not have as Razorpay has them, all that were looked at, and what could not be asked."""
    try:
        told = gateway().disputes_between(lists.since, lists.until).facts
    except GatewayRejected:
        return [], set(), NO_DISPUTES
    named = {fact.dispute_id for fact in told}
    with read() as tx:
        within = col(Dispute.created_at).between(lists.since, lists.until)
        ours = [one.gateway_dispute_id for one in tx.exec(select(Dispute).where(within))]
    doubtful = [fact for fact in told if _dispute_fault(fact)]
    found = [_dispute_again(fact.dispute_id, fact.payment_id) for fact in doubtful]
    found += [_dispute_again(one, "") for one in ours if one not in named]
    return [one for one in found if one is not None], {*named, *ours}, ""


def _dispute_again(dispute_id: str, payment_id: str) -> Difference | None:
    try:
        fault = _dispute_fault(gateway().dispute(dispute_id))
    except GatewayUnreadable:
        return None
    except GatewayRejected:
        fault = Remark(RemarkCode.DISPUTE_UNKNOWN)
    return Difference(dispute_id, payment_id, fault) if fault else None


def _dispute_fault(fact: DisputeFact) -> Remark | None:
    """The fault about a dispute at Razorpay; None when it is known as it is, or about a payment of nobody here."""
    with read() as tx:
        known = tx.exec(select(Dispute).where(Dispute.gateway_dispute_id == fact.dispute_id)).first()
        ours = select(PaymentAttempt.id).where(PaymentAttempt.gateway_payment_id == fact.payment_id)
        if tx.exec(ours).first() is None:
            return None
    if known is None:
        return Remark(RemarkCode.DISPUTE_UNMARKED, amount=Paise(fact.amount_paise))
    there = (fact.status.value, fact.payment_id, fact.deducted_paise)
    here = (known.status.value, known.gateway_payment_id, known.deducted_paise)
    if there == here:
        return None
    return Remark(RemarkCode.DISPUTE_DIFFERS, there=_summed(*there), here=_summed(*here))


def _summed(status: str, payment_id: str, deducted_paise: int) -> Remark:
    of = {"status": RemarkCode(status), "payment": payment_id}
    if not deducted_paise:
        return Remark(RemarkCode.DISPUTE_AS, **of)
    return Remark(RemarkCode.DISPUTE_AS_TAKEN, **of, amount=Paise(deducted_paise))


def _unexplained(found: list[Difference]) -> list[Difference]:
    """The differences about which no person has closed a case."""
    explained = select(ReconciliationCase.subject).where(
        col(ReconciliationCase.subject).in_([one.subject for one in found]),
        col(ReconciliationCase.kind).in_(EXPLAINING),
        col(ReconciliationCase.closed_by_id).is_not(None),
    )
    with read() as tx:
        over = set(tx.exec(explained).all()) if found else set()
    return [one for one in found if one.subject not in over]
