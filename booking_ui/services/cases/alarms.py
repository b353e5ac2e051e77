"""Signs of an attack or of a wrong setting that show in no single booking: each is a case for the desk."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, and_, col, func, or_, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Payment, PaymentAttempt, ReconciliationCase, WebhookEvent
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import minute_mark, utc_minute
from booking_ui.domain.payment import AttemptStatus, Source
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.limits import metrics

log = structlog.get_logger()

OTHER_SOURCES = (Source.RETURN, Source.QUESTION, Source.CAPTURE, Source.COMPARISON)
ON_ITS_WAY = timedelta(minutes=30)  # a webhook may still come for money that came just now

HELD_WITHIN = timedelta(minutes=30)  # of the holds that are looked at
TIME_TO_PAY = timedelta(minutes=5)  # younger holds are not looked at: their patients may be paying
MANY_HOLDS = 20
FEW_PAYMENTS = 10  # in a hundred holds
LOOKED_AT = timedelta(hours=1)  # for so long a case of the desk's closing is not opened again

NOTED_A_MINUTE = 60
TURNS = 5  # tries against others that come at the same instant


def bad_signature(*, now: datetime) -> None:
    """Count and note a webhook that Razorpay did not sign; the first since a signed one is a case."""
    metrics.BAD_SIGNATURES.labels("webhook").inc()
    note_bad_signature("webhook", now)
    with read() as tx:
        last_good = tx.exec(select(func.max(WebhookEvent.id))).one() or 0
        if _has_open_case(tx, CaseKind.BAD_SIGNATURE):
            return
    detail = Remark(RemarkCode.FIRST_SEEN, time=now)
    reconciliation_cases.open_case(
        kind=CaseKind.BAD_SIGNATURE, subject=f"after webhook {last_good}", detail=detail, now=now
    )


def note_bad_signature(door: str, now: datetime) -> None:
    """Write an audit row, but no more than NOTED_A_MINUTE at a door: strangers can't flood the table."""
    subject = f"signature:{door}:{minute_mark(now)}"
    log.warning("signature.bad", door=door)
    for _ in range(TURNS):
        with suppress(IntegrityError), write() as tx:  # another writer took the next place of the chain
            if len(audit.trail(tx, subject)) < NOTED_A_MINUTE:
                reason = Remark(RemarkCode.NOT_SIGNED, door=RemarkCode(door))
                audit.record(
                    tx,
                    subject,
                    Action.SIGNATURE,
                    actor=actors.ANONYMOUS,
                    after="refused",
                    reason=reason,
                    now=now,
                )
            return


def check_silence(*, now: datetime) -> int:
    """Open a case when payments were captured within WEBHOOK_SILENCE_HOURS and no webhook came in all that time.

    Never with the sandbox: its webhooks need no setting up, and the demo's payments were made before we listened.
    Returns the number of new cases.
    """
    patience = timedelta(hours=settings().webhook_silence_hours)
    if not patience or settings().sandbox:
        return 0
    with read() as tx:
        last_webhook = tx.exec(select(func.max(WebhookEvent.received_at))).one()
        if (last_webhook and last_webhook > now - patience) or _has_open_case(tx, CaseKind.WEBHOOK_SILENCE):
            return 0
        captured = tx.exec(
            select(func.count()).where(
                PaymentAttempt.status == AttemptStatus.CAPTURED,
                col(PaymentAttempt.source).in_(OTHER_SOURCES),
                col(PaymentAttempt.updated_at).between(now - patience, now - ON_ITS_WAY),
            )
        ).one()
    if not captured:
        return 0
    found = {"captured": captured, "hours": settings().webhook_silence_hours}
    detail = (
        Remark(RemarkCode.SILENCE, **found, time=last_webhook)
        if last_webhook
        else Remark(RemarkCode.SILENCE_EVER, **found)
    )
    reconciliation_cases.open_case(
        kind=CaseKind.WEBHOOK_SILENCE,
        subject=f"{reconciliation_cases.SINCE}{utc_minute(now)}",
        detail=detail,
        now=now,
    )
    return 1


def check_unpaid_holds(*, now: datetime) -> int:
    """Open a case while of MANY_HOLDS or more in half an hour fewer than FEW_PAYMENTS in a hundred came to a try to pay.

    It closes by itself once that is over. Returns the number of cases opened or closed.
    """
    with read() as tx:
        held, tried = _held_and_tried(tx, now)
        known = reconciliation_cases.open_subjects(tx, CaseKind.HOLDS_UNPAID)
        quiet = _closed_by_the_desk(tx, CaseKind.HOLDS_UNPAID, now - LOOKED_AT)
    if held < MANY_HOLDS or tried * 100 >= held * FEW_PAYMENTS:
        for subject in known:
            _end(CaseKind.HOLDS_UNPAID, subject, Remark(RemarkCode.NO_LONGER), now)
        return len(known)
    if known or quiet:
        return 0
    detail = Remark(RemarkCode.HOLDS_UNPAID, held=held, tried=tried)
    reconciliation_cases.open_case(
        kind=CaseKind.HOLDS_UNPAID,
        subject=f"{reconciliation_cases.SINCE}{utc_minute(now)}",
        detail=detail,
        now=now,
    )
    return 1


def _held_and_tried(tx: Session, now: datetime) -> tuple[int, int]:
    """The bookings whose hold began within HELD_WITHIN, and those of them that were paid or for which a payment was tried."""
    until = now - TIME_TO_PAY
    attempt = select(PaymentAttempt.id).join(Payment, col(Payment.id) == col(PaymentAttempt.payment_id))
    attempt = attempt.where(
        Payment.appointment_id == Appointment.id, col(PaymentAttempt.updated_at) >= col(Appointment.held_at)
    )
    unpaid = col(Appointment.status).in_((AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.FAILED))
    begun = col(Appointment.held_at).between(until - HELD_WITHIN, until)
    count = select(func.count()).select_from(Appointment).where(begun)
    return tx.exec(count).one(), tx.exec(count.where(or_(~unpaid, attempt.exists()))).one()


def _closed_by_the_desk(tx: Session, kind: CaseKind, since: datetime) -> bool:
    closed = and_(
        col(ReconciliationCase.closed_at) > since, col(ReconciliationCase.closed_by_id).is_not(None)
    )
    found = select(ReconciliationCase.id).where(ReconciliationCase.kind == kind, closed)
    return tx.exec(found).first() is not None


def _end(kind: CaseKind, subject: str, why: Remark, now: datetime) -> None:
    with write() as tx:
        reconciliation_cases.end(tx, kind, subject, why, now)


def _has_open_case(tx: Session, kind: CaseKind) -> bool:
    """One open case of a kind is enough until the desk has looked."""
    return (
        tx.exec(
            select(ReconciliationCase.id).where(
                ReconciliationCase.kind == kind, col(ReconciliationCase.closed_at).is_(None)
            )
        ).first()
        is not None
    )
