"""The one place where a status or a kept sum changes: by the table, with its audit row, announced after the commit."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from booking_ui.db.models import Appointment, Payment, Refund, pk
from booking_ui.domain.appointment import MOVES, AppointmentStatus, IllegalMove
from booking_ui.domain.causes import Cause, Reason
from booking_ui.domain.payment import PAYMENT_MOVES, REFUND_MOVES, PaymentStatus, RefundStatus
from booking_ui.services.journal import audit, changes, stated
from booking_ui.services.journal.audit import Action


def move_appointment(
    tx: Session, row: Appointment, to: AppointmentStatus, *, actor: str, reason: Reason, now: datetime
) -> None:
    """Change a locked appointment's status. Raises IllegalMove (a defect of ours)."""
    if to not in MOVES[row.status]:
        raise IllegalMove(f"appointment: {row.status} → {to}")
    cause = reason if isinstance(reason, Cause) else None
    before, row.status, row.status_cause, row.updated_at = row.status, to, cause, now
    tx.add(row)
    audit.note(
        tx,
        pk(row),
        Action.APPOINTMENT,
        before=before,
        after=to,
        actor=actor,
        reason=reason,
        facts=stated.visit(row),
        now=now,
    )
    changes.announce_booking(tx, row)


def move_payment(
    tx: Session, row: Payment, to: PaymentStatus, *, actor: str, reason: Reason, now: datetime
) -> None:
    """Change a locked payment's status. Raises IllegalMove."""
    if to not in PAYMENT_MOVES[row.status]:
        raise IllegalMove(f"payment: {row.status} → {to}")
    before, row.status, row.updated_at = row.status, to, now
    tx.add(row)
    audit.note(
        tx,
        row.appointment_id,
        Action.PAYMENT,
        before=before,
        after=to,
        actor=actor,
        reason=reason,
        facts=stated.bill(row),
        now=now,
    )
    changes.announce(tx, f"appointment:{row.appointment_id}")


def retain(tx: Session, row: Payment, paise: int, *, actor: str, now: datetime) -> None:
    """Let the clinic keep so much of a locked payment's money; nothing is noted when it keeps that already."""
    before, row.retained_paise = row.retained_paise, paise
    tx.add(row)
    if before != paise:
        audit.note(
            tx,
            row.appointment_id,
            Action.RETAINED,
            before=str(before),
            after=str(paise),
            actor=actor,
            facts=stated.bill(row),
            now=now,
        )


def move_refund(
    tx: Session, row: Refund, to: RefundStatus, *, appointment_id: int, actor: str, now: datetime
) -> None:
    """Change a locked refund's status. Raises IllegalMove."""
    if to not in REFUND_MOVES[row.status]:
        raise IllegalMove(f"refund: {row.status} → {to}")
    before, row.status, row.updated_at = row.status, to, now
    if to is RefundStatus.PROCESSED and row.refunded_at is None:  # given back by hand
        row.refunded_at = now
    tx.add(row)
    audit.note(
        tx,
        appointment_id,
        Action.REFUND,
        before=before,
        after=to,
        actor=actor,
        reason=row.origin.cause,
        facts=stated.refund(row),
        now=now,
    )
    changes.announce(tx, f"appointment:{appointment_id}")


def state_refund(tx: Session, row: Refund, *, appointment_id: int, actor: str, now: datetime) -> None:
    """Add an audit row that states the ids and the instant by which Razorpay knows a locked refund whose status stays."""
    audit.note(
        tx,
        appointment_id,
        Action.REFUND_AT_RAZORPAY,
        actor=actor,
        after=row.status,
        facts=stated.refund(row),
        now=now,
    )
