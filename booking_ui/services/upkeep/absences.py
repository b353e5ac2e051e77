"""Visits that stand although their doctor will be away, because the desk closed the day, changed the hours, or the doctor left.

They stay booked until the desk has spoken to the patient. Each has an open case, which closes by itself, and no reminder.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from booking_ui.db.models import Appointment, Doctor, Slot
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal.batches import each
from booking_ui.services.schedule import slots

SETTLED = Remark(RemarkCode.DOCTOR_SETTLED)


def watch(*, now: datetime) -> int:
    """Open a case for each confirmed visit ahead whose doctor is away, and close those that are settled; returns the number open."""
    with read() as tx:
        visits = _without_doctor(tx, now)
        names = dict(tx.exec(select(Doctor.id, Doctor.name)).all())
        settled = reconciliation_cases.open_subjects(tx, CaseKind.DOCTOR_AWAY) - {
            one.reference for one in visits
        }
    each(visits, lambda one: _open(one, names[one.doctor_id], now))
    each(sorted(settled), lambda reference: _settled(reference, now))
    return len(visits)


def references(tx: Session, now: datetime) -> set[str]:
    """The references of confirmed visits ahead whose doctor is away."""
    return {one.reference for one in _without_doctor(tx, now)}


def _without_doctor(tx: Session, now: datetime) -> Sequence[Appointment]:
    rows = tx.exec(
        select(Appointment, Slot)
        .join(Slot, col(Slot.id) == Appointment.slot_id)
        .where(
            Appointment.status == AppointmentStatus.CONFIRMED,
            col(Appointment.starts_at) > now,
            col(Slot.withdrawn).is_(True),
        )
        .order_by(col(Appointment.starts_at))
    ).all()
    away = slots.without_doctor(tx, [slot for _, slot in rows])
    return [visit for visit, slot in rows if slot.id in away]


def _open(visit: Appointment, doctor_name: str, now: datetime) -> None:
    detail = Remark(RemarkCode.DOCTOR_AT, doctor=doctor_name, time=visit.starts_at)
    reconciliation_cases.open_case(kind=CaseKind.DOCTOR_AWAY, subject=visit.reference, detail=detail, now=now)


def _settled(reference: str, now: datetime) -> None:
    with write() as tx:
        reconciliation_cases.end(tx, CaseKind.DOCTOR_AWAY, reference, SETTLED, now)
