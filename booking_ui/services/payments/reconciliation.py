"""Compare Razorpay's books with ours: what can heal heals at once, what can't becomes a case with a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlmodel import Session, col, select

from booking_ui.db.models import Payment, PaymentAttempt, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.errors import GatewayError, GatewayRejected, GatewayUnreadable
from booking_ui.domain.gateway_news import Listing
from booking_ui.domain.payment import (
    AttemptStatus,
    OtherOrder,
    PaymentFact,
    RefundFact,
    RefundStatus,
    Source,
    Verdict,
)
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.cases import reconciliation_cases, unreadable
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import heartbeats
from booking_ui.services.payments import (
    apply,
    cash_equation,
    cash_equation_count,
    disputes,
    marked,
    orders,
)
from booking_ui.services.payments.cash_equation import Equation
from booking_ui.services.refunds import send

log = structlog.get_logger()

WINDOW = timedelta(days=4)  # a bank may answer for three days; one to spare
DAILY = timedelta(days=1)
COMPARED = "books compared"  # the heartbeat of a comparison that Razorpay answered
LAG = timedelta(minutes=10)  # Razorpay's lists lag behind by minutes
TAKEN = (AttemptStatus.CAPTURED, AttemptStatus.REFUNDED)

Fact = TypeVar("Fact")
Difference = tuple[CaseKind, str, Remark]


def compare_daily(*, now: datetime) -> int:
    """Compare once a day; called more often, it tries again as long as Razorpay could not be asked. 0 if it is not due.

    A last comparison that lies ahead is none: a clock that ran ahead must not keep the next one waiting.
    """
    last = heartbeats.last_beats().get(COMPARED)
    waits = last is not None and timedelta(0) <= now - last < DAILY
    return 0 if waits else compare(now=now)


def compare(*, now: datetime) -> int:
    """The daily comparison: gateway trouble only postpones it. Returns how many cases are open afterwards."""
    try:
        return compare_now(now=now)
    except GatewayError as exc:
        log.warning("comparison.postponed", reason=exc.reason)
        cash_equation_count.keep_unchecked(why=Remark(RemarkCode.NO_ANSWER, reason=exc.reason[:120]), now=now)
        return len(reconciliation_cases.open_cases())


def compare_now(*, now: datetime) -> int:
    """Compare payments and refunds since the last comparison; returns how many cases are open afterwards. Safe to repeat.

    An entry that breaks keeps no other waiting: it is a case, until it can be compared.

    Raises GatewayError when Razorpay can't be asked; what was compared until then is kept.
    """
    since, until = _since(now), now - LAG
    lists = cash_equation.fetched(since=since, until=until)
    paid, returned = lists.payments, lists.refunds
    found = [*_their_payments(paid.facts, now), *_our_payments(paid, since, until)]
    found += [*_their_refunds(returned.facts, now), *_our_refunds(returned, since, until)]
    told = {fact.payment_id for fact in paid.facts} | {fact.refund_id for fact in returned.facts}
    found += _marked(now)
    for kind, subject, detail in found:
        reconciliation_cases.open_case(kind=kind, subject=subject, detail=detail, now=now)
    _end_compared(told - {subject for kind, subject, _ in found if kind is CaseKind.NOT_COMPARED}, now)
    unreadable.note_payments(paid, whole=reconciliation_cases.ACCOUNT, now=now)
    unreadable.note_refunds(returned, now=now)
    disputes.compare(since=since, until=until, now=now)
    cash_equation_count.keep(cash_equation.compare(lists, now=now), now=now)
    heartbeats.beat(job=COMPARED, now=now)
    return len(reconciliation_cases.open_cases())


def equation(*, now: datetime) -> Equation:
    """Promise 9 over the window of the daily comparison, now; nothing is changed. Raises GatewayError."""
    last = heartbeats.last_beats().get(COMPARED, now - DAILY)
    return cash_equation.compare(cash_equation.fetched(since=min(last, now) - WINDOW, until=now), now=now)


def _since(now: datetime) -> datetime:
    """A window before the last comparison that Razorpay answered, however long it could not be asked since."""
    last = heartbeats.last_beats().get(COMPARED)
    if last is None:  # should the very first not be answered, the next ones still look back to here
        last = now - DAILY
        heartbeats.beat(job=COMPARED, now=last)
    return min(last, now) - WINDOW


def _each(
    told: Iterable[Fact], named: Callable[[Fact], str], compared: Callable[[Fact], list[Difference]]
) -> list[Difference]:
    """The differences of every entry; that one breaks is a difference too, so the comparison ends and can be counted on."""
    found: list[Difference] = []
    for fact in told:
        try:
            found += compared(fact)
        except Exception as exc:
            log.exception("comparison.broken", subject=named(fact))
            found.append((CaseKind.NOT_COMPARED, named(fact), _why(exc)))
    return found


def _why(exc: Exception) -> Remark:
    if isinstance(exc, OtherOrder):
        return Remark(RemarkCode.OTHER_ORDER)
    return Remark(RemarkCode.QUOTED, text=type(exc).__name__)


def _end_compared(compared: set[str], now: datetime) -> None:
    """End the cases of entries that could not be compared once and could be now."""
    with read() as tx:
        over = reconciliation_cases.open_subjects(tx, CaseKind.NOT_COMPARED) & compared
    for subject in sorted(over):
        with write() as tx:
            reconciliation_cases.end(tx, CaseKind.NOT_COMPARED, subject, Remark(RemarkCode.COMPARED), now)


def _their_payments(paid: list[PaymentFact], now: datetime) -> list[Difference]:
    def compared(fact: PaymentFact) -> list[Difference]:
        verdict = apply.apply(fact=fact, source=Source.COMPARISON, now=now)
        held = fact.amount_paise - fact.amount_refunded_paise
        if verdict is None and fact.status is AttemptStatus.CAPTURED and held:
            order = fact.order_id or RemarkCode.NONE
            detail = Remark(RemarkCode.ORDER, amount=Paise(held), order=order)
            return [(CaseKind.UNKNOWN_ORDER, fact.payment_id, detail)]
        return _other_amount(fact) if verdict is Verdict.IGNORE else []

    return _each(paid, lambda fact: fact.payment_id, compared)


def _other_amount(fact: PaymentFact) -> list[Difference]:
    with read() as tx:
        known = _attempt(tx, fact.payment_id)
    if known is None or known.status not in TAKEN or known.amount_paise == fact.amount_paise:
        return []
    there, here = Paise(fact.amount_paise), Paise(known.amount_paise)
    detail = Remark(RemarkCode.AT_BOTH, there=there, here=here)
    return [(CaseKind.AMOUNT_DIFFERS, fact.payment_id, detail)]


def _our_payments(paid: Listing[PaymentFact], since: datetime, until: datetime) -> list[Difference]:
    theirs = {fact.payment_id for fact in paid.facts} | {entry.entity_id for entry in paid.unreadable}
    with read() as tx:
        ours = tx.exec(
            select(PaymentAttempt).where(
                PaymentAttempt.status == AttemptStatus.CAPTURED,
                col(PaymentAttempt.created_at).between(since, until),
            )
        ).all()
    missing = [
        a
        for a in ours
        if a.gateway_payment_id not in theirs and not _razorpay_has(gateway().payment, a.gateway_payment_id)
    ]
    return [
        (
            CaseKind.PAYMENT_MISSING,
            a.gateway_payment_id,
            Remark(RemarkCode.CAPTURED_HERE, amount=Paise(a.amount_paise)),
        )
        for a in missing
    ]


def _marked(now: datetime) -> list[Difference]:
    """The payments by which the desk marked bills while Razorpay could not be asked, and that have brought no money.

    Each is looked up by itself: it may be mistyped, or of a payment link, and older than the lists. Raises GatewayError.
    """
    told: list[tuple[PaymentFact, Remark]] = []
    found: list[Difference] = []
    for payment_id, what in marked.untold():
        try:
            told.append((gateway().payment(payment_id), what))
        except GatewayUnreadable as unread:
            found.append((CaseKind.NOT_COMPARED, payment_id, Remark(RemarkCode.QUOTED, text=unread.reason)))
        except GatewayRejected as refused:
            if refused.http_status in send.NO_ANSWER:
                raise
            found.append((CaseKind.MARKED_UNPAID, payment_id, Remark(RemarkCode.MARKED_UNKNOWN, what=what)))
    return found + _each(told, lambda one: one[0].payment_id, lambda one: _marked_unpaid(*one, now=now))


def _marked_unpaid(fact: PaymentFact, what: Remark, *, now: datetime) -> list[Difference]:
    orders.learn(Listing([fact], []), about=fact.payment_id, now=now)
    if fact.was_captured or fact.status in (AttemptStatus.CAPTURED, AttemptStatus.AUTHORIZED):
        return []  # kept, a case of another kind, or still on its way
    status = RemarkCode(fact.status.value)
    return [
        (
            CaseKind.MARKED_UNPAID,
            fact.payment_id,
            Remark(RemarkCode.MARKED_STATUS, what=what, status=status),
        )
    ]


def _razorpay_has(look_up: Callable[[str], object], gateway_id: str) -> bool:
    """A single look-up never lags. Raises GatewayError unless Razorpay answers."""
    try:
        look_up(gateway_id)
    except GatewayRejected:
        return False
    except GatewayUnreadable:
        return True
    return True


def _their_refunds(returned: list[RefundFact], now: datetime) -> list[Difference]:
    def compared(fact: RefundFact) -> list[Difference]:
        send.settle(fact=fact, now=now, source=Source.COMPARISON)  # which opens its cases itself
        return []

    return _each(returned, lambda fact: fact.refund_id, compared)


def _our_refunds(returned: Listing[RefundFact], since: datetime, until: datetime) -> list[Difference]:
    theirs = {fact.refund_id for fact in returned.facts} | {entry.entity_id for entry in returned.unreadable}
    with read() as tx:
        ours = tx.exec(
            select(Refund).where(
                Refund.status == RefundStatus.PROCESSED,
                col(Refund.gateway_refund_id).is_not(None),
                col(Refund.updated_at).between(since, until),
            )
        ).all()
    missing = [
        r
        for r in ours
        if r.gateway_refund_id not in theirs
        and not _razorpay_has(gateway().refund_by_id, r.gateway_refund_id or "")
    ]
    return [
        (
            CaseKind.REFUND_MISSING,
            str(r.gateway_refund_id),
            Remark(RemarkCode.SENT_HERE, amount=Paise(r.amount_paise)),
        )
        for r in missing
    ]


def _attempt(tx: Session, payment_id: str) -> PaymentAttempt | None:
    return tx.exec(
        select(PaymentAttempt)
        .join(Payment, col(Payment.id) == PaymentAttempt.payment_id)
        .where(PaymentAttempt.gateway_payment_id == payment_id)
    ).first()
