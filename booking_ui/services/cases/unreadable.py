"""Payments and refunds at Razorpay that we can't read: nobody knows what they say, so the desk is told and we ask on."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from booking_ui.db.models import Appointment, Payment, PaymentAttempt, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.errors import GatewayError, GatewayUnreadable
from booking_ui.domain.gateway_news import Listing, UnreadableEntity
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus
from booking_ui.services.cases import reconciliation_cases

PAYMENT, REFUND = "unreadable_payment", "unreadable_refund"
ACCOUNT = reconciliation_cases.ACCOUNT
ASK_AGAIN = timedelta(days=1)
READ = "It can be read by now, or another message said what it says."


def payments_told(told: Listing[PaymentFact], *, whole: str, now: datetime) -> bool:
    """Open and end cases by what could be read of a list of payments, of the order `whole` or of the account.

    False while something of it waits to be read. Its order is then asked about again, also when its questions had ended.
    """
    with read() as tx:
        known = _captured(tx, told.unreadable)
    waiting = _noted(PAYMENT, told.unreadable, {f.payment_id for f in told.facts} | known, known, whole, now)
    orders = {entry.parent_id or whole for entry in waiting}
    if orders:
        with write() as tx:
            ended = (col(Payment.gateway_order_id).in_(orders), col(Payment.next_check_at).is_(None))
            tx.exec(update(Payment).where(*ended).values(next_check_at=now + ASK_AGAIN))
    return not waiting


def refunds_told(told: Listing[RefundFact], *, now: datetime) -> None:
    """The same of the account's list of refunds; a refund of ours is asked about until it can be read anyhow."""
    with read() as tx:
        known = _returned(tx, told.unreadable)
    _noted(REFUND, told.unreadable, {f.refund_id for f in told.facts} | known, known, ACCOUNT, now)


def refund_asked(error: GatewayError, *, payment_id: str, now: datetime) -> None:
    """Note that Razorpay's answer about a refund of this payment could not be read; any other trouble is none of ours."""
    if isinstance(error, GatewayUnreadable):
        entry = UnreadableEntity(error.entity_id, payment_id, error.reason)
        _noted(REFUND, [entry], set(), set(), payment_id, now)


def refund_read(tx: Session, fact: RefundFact, now: datetime) -> None:
    """Razorpay's word on a refund has come: whatever could not be read of it before is told now."""
    for subject in (fact.refund_id, fact.payment_id):
        reconciliation_cases.end(tx, REFUND, subject, READ, now)


def _noted(
    kind: str, unread: list[UnreadableEntity], told: set[str], known: set[str], whole: str, now: datetime
) -> list[UnreadableEntity]:
    """Cases for what could not be read, none any more for what is told; returns what still waits."""
    strange = {entry.entity_id or whole: entry for entry in unread if entry.entity_id not in known}
    with read() as tx:
        over = reconciliation_cases.waiting(tx, kind) & (told | ({whole} - strange.keys()))
    if not strange and not over:
        return []
    with write() as tx:
        for subject, entry in sorted(strange.items()):
            reconciliation_cases.note(tx, kind, subject, _detail(tx, kind, entry, whole), now)
        for subject in sorted(over):
            reconciliation_cases.end(tx, kind, subject, READ, now)
    with read() as tx:
        open_now = reconciliation_cases.waiting(tx, kind)
    return [entry for subject, entry in strange.items() if subject in open_now]


def _detail(tx: Session, kind: str, entry: UnreadableEntity, whole: str) -> str:
    """Whose it is, as far as it says, and what is wrong with it."""
    parent = entry.parent_id or whole
    booking = (
        select(Appointment.reference)
        .join(Payment, col(Payment.appointment_id) == Appointment.id)
        .outerjoin(PaymentAttempt, col(PaymentAttempt.payment_id) == Payment.id)
        .where((Payment.gateway_order_id == parent) | (PaymentAttempt.gateway_payment_id == parent))
    )
    reference = tx.exec(booking).first()
    of = f"booking {reference}" if reference else reconciliation_cases.subject_words(kind, parent)
    return f"{of}; {entry.why}"


def _captured(tx: Session, unread: list[UnreadableEntity]) -> set[str]:
    """Those whose capture another message has told us: there is nothing left to find out."""
    taken = (AttemptStatus.CAPTURED, AttemptStatus.REFUNDED)
    ids = [entry.entity_id for entry in unread if entry.entity_id]
    found = select(PaymentAttempt.gateway_payment_id).where(col(PaymentAttempt.status).in_(taken))
    return set(tx.exec(found.where(col(PaymentAttempt.gateway_payment_id).in_(ids))).all()) if ids else set()


def _returned(tx: Session, unread: list[UnreadableEntity]) -> set[str]:
    ids = [entry.entity_id for entry in unread if entry.entity_id]
    found = select(Refund.gateway_refund_id).where(Refund.status == RefundStatus.PROCESSED)
    rows = tx.exec(found.where(col(Refund.gateway_refund_id).in_(ids))).all() if ids else []
    return {refund_id for refund_id in rows if refund_id}
