"""Removal of data whose time in the settings is over: set by set, in small transactions, so that nobody waits.

A booking goes with its payments, refunds, mails, messages and its whole chain of audit rows, a dependent and a case with
theirs, and a root of the audit says so: every chain that is left still verifies, and none is missed. What was removed is counted in an audit row of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, delete, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from booking_ui.config.settings import settings
from booking_ui.db import orders
from booking_ui.db.models import (
    Appointment,
    AuditEntry,
    DeliveryStatus,
    Dependent,
    Dispute,
    Downtime,
    Notification,
    OneTimeCode,
    Payment,
    PaymentAttempt,
    Receipt,
    ReconciliationCase,
    Refund,
    RetiredOrder,
    SignIn,
    WebhookEvent,
)
from booking_ui.db.session import write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import iso
from booking_ui.domain.payment import PaymentStatus
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.gateways import mail, texts
from booking_ui.services.booking import dependents
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.journal import audit, audit_roots
from booking_ui.services.journal.audit import Action

log = structlog.get_logger()

BATCH = 500
HANDLED = (DeliveryStatus.DONE, DeliveryStatus.IGNORED)
UNSETTLED = (PaymentStatus.AUTHORIZED, PaymentStatus.REFUND_PENDING)
OF_NOBODY = ("signature:%", "webhook_event:%", "retention:%", "mail:%")

Step = Callable[[Session, datetime], int]


def sweep(*, now: datetime) -> int:
    """Remove everything whose time is over; returns the number of removed things."""
    removed = {name: _to_the_end(step, now) for name, step in STEPS.items()}
    old = _days(now, settings().retention_mail_days)
    removed[RemarkCode.MAIL_FILES] = mail.delete_files_before(old)
    removed[RemarkCode.TEXT_FILES] = texts.delete_files_before(old)
    counts = [Remark(code, count=count) for code, count in removed.items() if count]
    if counts:
        said = Remark(RemarkCode.ALL, all=counts)
        log.info("retention.removed", what=said)
        with write() as tx:
            audit.record(
                tx, f"retention:{iso(now)}", Action.RETENTION, actor=actors.WORKER, reason=said, now=now
            )
    return sum(removed.values())


def _to_the_end(step: Step, now: datetime) -> int:
    total = 0
    while True:
        with write() as tx:
            found = step(tx, now)
        total += found
        if found < BATCH:
            return total


def _webhook_texts(tx: Session, now: datetime) -> int:
    """Empty the texts, which name the payer; the event and its outcome stay with the payment."""
    handled = col(WebhookEvent.status).in_(HANDLED)
    old = select(WebhookEvent.id).where(
        WebhookEvent.received_at < _days(now, settings().retention_webhook_days),
        handled,
        func.length(WebhookEvent.body) > 0,
    )
    # Asked of the row itself too: a message that is being replayed needs its text, and the list was read before.
    emptied = update(WebhookEvent).where(col(WebhookEvent.id).in_(old.limit(BATCH)), handled)
    return _run(tx, emptied.values(body=b""))


def _account_mails(tx: Session, now: datetime) -> int:
    old = select(Notification.id).where(
        col(Notification.appointment_id).is_(None),
        Notification.created_at < _days(now, settings().retention_mail_days),
        Notification.status != DeliveryStatus.WAITING,
    )
    return _run(tx, delete(Notification).where(col(Notification.id).in_(old.limit(BATCH))))


def _codes(tx: Session, now: datetime) -> int:
    mailed = select(Notification.id).where(col(Notification.one_time_code_id) == col(OneTimeCode.id))
    old = select(OneTimeCode.id).where(OneTimeCode.expires_at < _days(now, 1), ~mailed.exists())
    return _run(tx, delete(OneTimeCode).where(col(OneTimeCode.id).in_(old.limit(BATCH))))


def _sign_ins(tx: Session, now: datetime) -> int:
    # By expiry, not by revocation: a refresh token that comes back a second time must still be known.
    old = select(SignIn.id).where(SignIn.expires_at < _days(now, settings().retention_session_days))
    return _run(tx, delete(SignIn).where(col(SignIn.id).in_(old.limit(BATCH))))


def _bookings(tx: Session, now: datetime) -> int:
    cutoff = _years(now)
    settled = (col(Payment.updated_at) < cutoff, col(Payment.status).not_in(UNSETTLED))
    old = tx.exec(
        select(Appointment.id)
        .join(Payment, col(Payment.appointment_id) == col(Appointment.id), isouter=True)
        .where(
            Appointment.ends_at < cutoff,
            sa.or_(col(Payment.id).is_(None), sa.and_(*settled)),
            Appointment.status != AppointmentStatus.PENDING_PAYMENT,
        )
        .limit(BATCH)
    ).all()
    if not old:
        return 0
    bills = select(Payment.id).where(col(Payment.appointment_id).in_(old))
    known = orders.ids_of(old)
    for statement in (
        delete(WebhookEvent).where(
            col(WebhookEvent.order_id).in_(known), col(WebhookEvent.received_at) < cutoff
        ),
        # Its number must stay: others of its year follow it.
        update(Receipt)
        .where(col(Receipt.payment_id).in_(bills))
        .values(payment_id=None, refund_id=None, facts={}),
        delete(PaymentAttempt).where(col(PaymentAttempt.payment_id).in_(bills)),
        delete(Refund).where(col(Refund.payment_id).in_(bills)),
        delete(Dispute).where(col(Dispute.payment_id).in_(bills)),
        delete(RetiredOrder).where(col(RetiredOrder.payment_id).in_(bills)),
        delete(Payment).where(col(Payment.appointment_id).in_(old)),
        delete(Notification).where(col(Notification.appointment_id).in_(old)),
        delete(Appointment).where(col(Appointment.id).in_(old)),
    ):
        _run(tx, statement)
    audit_roots.remove(tx, (audit.booking(one) for one in old if one), now)
    return len(old)


def _receipts(tx: Session, now: datetime) -> int:
    """The numbers of a whole financial year of which no booking is left, the last one first."""
    year = tx.exec(
        select(Receipt.financial_year)
        .group_by(col(Receipt.financial_year))
        .having(func.count(col(Receipt.payment_id)) == 0, func.max(Receipt.issued_at) < _years(now))
    ).first()
    last = select(Receipt.id).where(Receipt.financial_year == year).order_by(col(Receipt.number).desc())
    return _run(tx, delete(Receipt).where(col(Receipt.id).in_(last.limit(BATCH))))


def _messages(tx: Session, now: datetime) -> int:
    """Events of no order of ours, once their text is gone: nothing could apply them again.

    The newest stays: alarms count from it, and its id must not be given away twice.
    """
    newest = tx.exec(select(func.max(WebhookEvent.id))).one() or 0
    ours = select(Payment.id).where(orders.named(col(WebhookEvent.order_id)))
    old = select(WebhookEvent.id).where(
        WebhookEvent.received_at < _days(now, settings().retention_webhook_days),
        col(WebhookEvent.status).in_(HANDLED),
        func.length(WebhookEvent.body) == 0,
        col(WebhookEvent.id) < newest,
        ~ours.exists(),
    )
    return _run(tx, delete(WebhookEvent).where(col(WebhookEvent.id).in_(old.limit(BATCH))))


def _downtimes(tx: Session, now: datetime) -> int:
    """Downtimes that Razorpay has not repeated for so long are over, even if no message said so."""
    old = select(Downtime.id).where(Downtime.seen_at < _days(now, settings().retention_webhook_days))
    return _run(tx, delete(Downtime).where(col(Downtime.id).in_(old.limit(BATCH))))


def _dependents(tx: Session, now: datetime) -> int:
    """Dependents who were removed or erased, and whose name no booking needs."""
    named = select(Appointment.id).where(col(Appointment.dependent_id) == col(Dependent.id))
    removed = select(Dependent.id).where(col(Dependent.removed_at) <= now, ~named.exists())
    return _remove_with_chains(tx, Dependent, removed, dependents.subject, now)


def _cases(tx: Session, now: datetime) -> int:
    # Kept as long as payments: they are part of the record of money, and a case that is gone would be opened again by
    # the next comparison that meets its difference. The case of a parked mail stays as long as its mail.
    cutoff = _years(now)
    parked = select(Notification.id).where(
        ReconciliationCase.subject == sa.literal("mail:") + sa.cast(col(Notification.id), sa.String)
    )
    closed = select(ReconciliationCase.id).where(
        col(ReconciliationCase.closed_at) < cutoff, ReconciliationCase.seen_at < cutoff, ~parked.exists()
    )
    return _remove_with_chains(tx, ReconciliationCase, closed, reconciliation_cases.trail_subject, now)


def _chains(tx: Session, now: datetime) -> int:
    """Whole chains whose subject is neither a booking nor a person."""
    nobodys = sa.or_(*(col(AuditEntry.subject).like(kind) for kind in OF_NOBODY))
    old = (
        select(AuditEntry.subject)
        .where(nobodys)
        .group_by(col(AuditEntry.subject))
        .having(func.max(AuditEntry.at) < _years(now))
        .limit(BATCH)
    )
    subjects = tx.exec(old).all()
    audit_roots.remove(tx, subjects, now)
    return len(subjects)


def _remove_with_chains(
    tx: Session,
    model: type[Dependent | ReconciliationCase],
    wanted: SelectOfScalar[Any],
    subject: Callable[[int], str],
    now: datetime,
) -> int:
    """Remove a batch of the rows whose ids `wanted` selects, with their audit rows."""
    old = tx.exec(wanted.limit(BATCH)).all()
    if old:
        _run(tx, delete(model).where(col(model.id).in_(old)))
        audit_roots.remove(tx, (subject(one) for one in old if one), now)
    return len(old)


def _run(tx: Session, statement: Any) -> int:
    return int(tx.exec(statement.execution_options(synchronize_session=False)).rowcount)


def _days(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _years(now: datetime) -> datetime:
    return now - timedelta(days=366 * settings().retention_payment_years)


STEPS: dict[RemarkCode, Step] = {
    RemarkCode.WEBHOOK_TEXTS: _webhook_texts,
    RemarkCode.ACCOUNT_MAILS: _account_mails,
    RemarkCode.CODES: _codes,
    RemarkCode.SESSIONS: _sign_ins,
    RemarkCode.BOOKINGS: _bookings,
    RemarkCode.RECEIPTS: _receipts,
    RemarkCode.WEBHOOK_MESSAGES: _messages,  # after the bookings, whose orders nobody has any more
    RemarkCode.DOWNTIMES: _downtimes,
    RemarkCode.DEPENDENTS: _dependents,  # after the bookings that named them
    RemarkCode.CASES: _cases,
    RemarkCode.CHAINS: _chains,
}
