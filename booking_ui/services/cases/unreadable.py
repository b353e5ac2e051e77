"""Payments and refunds at Razorpay that we can't read: each is a case for the desk, and we go on asking about it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from booking_ui.db.models import Appointment, Payment, PaymentAttempt, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.errors import GatewayError, GatewayUnreadable
from booking_ui.domain.gateway_news import Listing, UnreadableEntity
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind

ASK_AGAIN = timedelta(days=1)
RESOLVED = Remark(RemarkCode.READABLE)


def note_payments(listing: Listing[PaymentFact], *, whole: str, now: datetime) -> bool:
    """Open and end cases by what could be read of a list of payments, of the order `whole` or of the account.

    False while something of it waits to be read. Its order is then asked about again, also when its questions had ended.
    """
    with read() as tx:
        known = _known_captures(tx, listing.unreadable)
    waiting = _update_cases(
        CaseKind.UNREADABLE_PAYMENT,
        listing.unreadable,
        {f.payment_id for f in listing.facts} | known,
        known,
        whole,
        now,
    )
    orders = {entry.parent_id or whole for entry in waiting}
    if orders:
        with write() as tx:
            ended = (col(Payment.gateway_order_id).in_(orders), col(Payment.next_check_at).is_(None))
            tx.exec(update(Payment).where(*ended).values(next_check_at=now + ASK_AGAIN))
    return not waiting


def note_refunds(listing: Listing[RefundFact], *, now: datetime) -> None:
    """Open and end cases by what could be read of the account's list of refunds.

    Nothing has to be scheduled: a refund of ours is asked about until it can be read.
    """
    with read() as tx:
        known = _known_refunds(tx, listing.unreadable)
    _update_cases(
        CaseKind.UNREADABLE_REFUND,
        listing.unreadable,
        {f.refund_id for f in listing.facts} | known,
        known,
        reconciliation_cases.ACCOUNT,
        now,
    )


def note_refund_answer(error: GatewayError, *, payment_id: str, now: datetime) -> None:
    """Open a case if Razorpay's answer about a refund of this payment could not be read."""
    if isinstance(error, GatewayUnreadable):
        entry = UnreadableEntity(error.entity_id, payment_id, error.reason)
        _update_cases(CaseKind.UNREADABLE_REFUND, [entry], set(), set(), payment_id, now)


def end_refund_cases(tx: Session, fact: RefundFact, now: datetime) -> None:
    """End the cases about a refund on which Razorpay's word has come in another way."""
    for subject in (fact.refund_id, fact.payment_id):
        reconciliation_cases.end(tx, CaseKind.UNREADABLE_REFUND, subject, RESOLVED, now)


def _update_cases(
    kind: CaseKind,
    unread: list[UnreadableEntity],
    readable: set[str],
    known: set[str],
    whole: str,
    now: datetime,
) -> list[UnreadableEntity]:
    """Open cases for what could not be read and end those of what could; returns what still waits."""
    strange = {entry.entity_id or whole: entry for entry in unread if entry.entity_id not in known}
    with read() as tx:
        over = reconciliation_cases.open_subjects(tx, kind) & (readable | ({whole} - strange.keys()))
    if not strange and not over:
        return []
    with write() as tx:
        for subject, entry in sorted(strange.items()):
            reconciliation_cases.open_within(tx, kind, subject, _detail(tx, kind, entry, whole), now)
        for subject in sorted(over):
            reconciliation_cases.end(tx, kind, subject, RESOLVED, now)
    with read() as tx:
        open_now = reconciliation_cases.open_subjects(tx, kind)
    return [entry for subject, entry in strange.items() if subject in open_now]


def _detail(tx: Session, kind: CaseKind, entry: UnreadableEntity, whole: str) -> Remark:
    """The booking that the entry belongs to, as far as it says, and what is wrong with it."""
    parent = entry.parent_id or whole
    booking = (
        select(Appointment.reference)
        .join(Payment, col(Payment.appointment_id) == Appointment.id)
        .outerjoin(PaymentAttempt, col(PaymentAttempt.payment_id) == Payment.id)
        .where((Payment.gateway_order_id == parent) | (PaymentAttempt.gateway_payment_id == parent))
    )
    reference = tx.exec(booking).first()
    of = (
        Remark(RemarkCode.BOOKING, reference=reference)
        if reference
        else reconciliation_cases.subject_words(kind, parent)
    )
    return Remark(RemarkCode.UNREADABLE, what=of, why=entry.why)


def _known_captures(tx: Session, unread: list[UnreadableEntity]) -> set[str]:
    """Ids whose capture is known from another source, so that nothing is left to find out."""
    taken = (AttemptStatus.CAPTURED, AttemptStatus.REFUNDED)
    ids = [entry.entity_id for entry in unread if entry.entity_id]
    found = select(PaymentAttempt.gateway_payment_id).where(col(PaymentAttempt.status).in_(taken))
    return set(tx.exec(found.where(col(PaymentAttempt.gateway_payment_id).in_(ids))).all()) if ids else set()


def _known_refunds(tx: Session, unread: list[UnreadableEntity]) -> set[str]:
    ids = [entry.entity_id for entry in unread if entry.entity_id]
    found = select(Refund.gateway_refund_id).where(Refund.status == RefundStatus.PROCESSED)
    rows = tx.exec(found.where(col(Refund.gateway_refund_id).in_(ids))).all() if ids else []
    return {refund_id for refund_id in rows if refund_id}
