"""Why a patient comes, in her words: she says it at checkout, and may change it until the visit is paid."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from sqlmodel import Session

from booking_ui.db.models import Appointment, pk
from booking_ui.domain import actors
from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.services.journal import audit, changes
from booking_ui.services.journal.audit import Action

LONGEST = 300


def clean(reason: str) -> str:
    """The reason as it is kept. Raises BadInput."""
    said = reason.replace("\r\n", "\n").strip()
    if len(said) > LONGEST:
        raise BadInput(
            FieldError("reason", f"That is too long: please say it in at most {LONGEST} characters.")
        )
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in said):
        raise BadInput(FieldError("reason", "Some of these characters can't be used."))
    return said


def write_down(tx: Session, appointment: Appointment, reason: str, now: datetime) -> None:
    """Keep the reason with a booking, under its locks. The trail says that it changed, never what it is."""
    if reason == appointment.reason:
        return
    appointment.reason, appointment.updated_at = reason, now
    tx.add(appointment)
    audit.note(
        tx,
        pk(appointment),
        Action.REASON_CHANGED,
        actor=actors.patient(appointment.patient_id),
        now=now,
    )
    changes.announce(tx, f"appointment:{appointment.id}")
