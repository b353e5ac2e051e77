"""The reason for a visit, in the patient's words: given at checkout, and changed until the visit is paid."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from sqlmodel import Session

from booking_ui.db.models import Appointment, pk
from booking_ui.db.session import write
from booking_ui.domain import actors
from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.languages import _
from booking_ui.services.booking import appointments, hold_expiry
from booking_ui.services.journal import audit, changes
from booking_ui.services.journal.audit import Action
from booking_ui.services.views import AppointmentView

LONGEST = 300


def give_reason(*, patient_id: int, appointment_id: int, reason: str, now: datetime) -> AppointmentView:
    """Set the reason while the visit is held; empty removes it. Raises BadInput, NotFound, HoldExpired, WrongState."""
    said = clean(reason)
    with write() as tx:
        appointment = hold_expiry.lock_held(tx, patient_id, appointment_id, now)
        write_down(tx, appointment, said, now)
    return appointments.find(patient_id=patient_id, appointment_id=appointment_id, now=now)


def clean(reason: str) -> str:
    """The reason as it is kept. Raises BadInput."""
    said = reason.replace("\r\n", "\n").strip()
    if len(said) > LONGEST:
        raise BadInput(
            FieldError(
                "reason",
                _("That is too long: please say it in at most {longest} characters.", longest=LONGEST),
            )
        )
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in said):
        raise BadInput(FieldError("reason", _("Some of these characters can't be used.")))
    return said


def write_down(tx: Session, appointment: Appointment, reason: str, now: datetime, *, actor: str = "") -> None:
    """Keep the reason with a booking, under its locks. The trail says that it changed, never what it is.

    The patient writes it, if there is no `actor`.
    """
    if reason == appointment.reason:
        return
    appointment.reason, appointment.updated_at = reason, now
    tx.add(appointment)
    audit.note(
        tx,
        pk(appointment),
        Action.REASON_CHANGED,
        actor=actor or actors.patient(appointment.patient_id),
        now=now,
    )
    changes.announce(tx, f"appointment:{appointment.id}")
