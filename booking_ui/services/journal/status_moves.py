"""The one place where a status changes: by the table, with its audit row, announced after the commit."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from booking_ui.db.models import Appointment, Payment, Refund
from booking_ui.domain.appointment import AppointmentStatus, IllegalMove, check_move
from booking_ui.domain.payment import PAYMENT_MOVES, REFUND_MOVES, PaymentStatus, RefundStatus
from booking_ui.services.journal import audit, changes


def subject(appointment_id: int) -> str:
    """The audit chain of one booking: its appointment, payment and refunds together."""
    return f"appointment:{appointment_id}"


def move_appointment(
    tx: Session, row: Appointment, to: AppointmentStatus, *, actor: str, reason: str, now: datetime
) -> None:
    """Change a locked appointment's status. Raises IllegalMove (a defect of ours)."""
    check_move(row.status, to)
    before, row.status, row.status_reason, row.updated_at = row.status, to, reason[:200], now
    tx.add(row)
    _leave(tx, row.id, "appointment", before, to, actor, reason, now)
    tell(tx, row)


def move_payment(
    tx: Session, row: Payment, to: PaymentStatus, *, actor: str, reason: str, now: datetime
) -> None:
    """Change a locked payment's status. Raises IllegalMove."""
    if to not in PAYMENT_MOVES[row.status]:
        raise IllegalMove(f"payment: {row.status} → {to}")
    before, row.status, row.updated_at = row.status, to, now
    tx.add(row)
    _leave(tx, row.appointment_id, "payment", before, to, actor, reason, now)
    changes.announce(tx, f"appointment:{row.appointment_id}")


def move_refund(
    tx: Session, row: Refund, to: RefundStatus, *, appointment_id: int, actor: str, reason: str, now: datetime
) -> None:
    """Change a locked refund's status. Raises IllegalMove."""
    if to not in REFUND_MOVES[row.status]:
        raise IllegalMove(f"refund: {row.status} → {to}")
    before, row.status, row.updated_at = row.status, to, now
    tx.add(row)
    _leave(tx, appointment_id, "refund", before, to, actor, reason, now)
    changes.announce(tx, f"appointment:{appointment_id}")


def tell(tx: Session, row: Appointment) -> None:
    """Whoever watches this booking or this doctor's slots learns of it after the commit."""
    changes.announce(tx, f"appointment:{row.id}", f"doctor:{row.doctor_id}")


def _leave(
    tx: Session,
    appointment_id: int | None,
    what: str,
    before: str,
    after: str,
    actor: str,
    reason: str,
    now: datetime,
) -> None:
    assert appointment_id is not None  # a locked row has its id
    audit.record(
        tx,
        subject=subject(appointment_id),
        actor=actor,
        action=what,
        before=before,
        after=after,
        reason=reason,
        now=now,
    )
