"""The parts of every change to a doctor: the doctor, the visits it affects, and its audit row.

Free times follow a change in its transaction. Visits that are booked stay: they are listed, and the desk calls the
patients. When such a visit is cancelled or moved later, its time is not offered again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Unpack

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db import holds
from booking_ui.db.models import Appointment, Doctor, Person
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import instant_label
from booking_ui.domain.errors import NotFound
from booking_ui.domain.people.person import spaced_phone
from booking_ui.languages import _
from booking_ui.services.journal import audit
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import AffectedVisit

NOTED_LETTERS = 60  # of each value, in an audit row
CHANGED = "doctor_changed"  # the beginning of an action; the field follows


def one_of(doctors: Sequence[Doctor], doctor_id: int) -> Doctor:
    """The doctor with this id. Raises NotFound."""
    found = next((one for one in doctors if one.id == doctor_id), None)
    if found is None:
        raise NotFound(_("We couldn't find that doctor."))
    return found


def is_ahead(now: datetime) -> sa.ColumnElement[bool]:
    """The SQL condition on Appointment: confirmed or held, and not begun."""
    expected = sa.or_(col(Appointment.status) == AppointmentStatus.CONFIRMED, holds.held(now))
    return sa.and_(col(Appointment.starts_at) > now, expected)


def visits_ahead(
    tx: Session, now: datetime, *which: sa.ColumnElement[bool] | bool
) -> list[tuple[Appointment, AffectedVisit]]:
    """The visits ahead that fulfil `which`, soonest first, each with what the desk needs to call the patient."""
    rows = tx.exec(
        select(Appointment, Person, Doctor.name)
        .join(Person, col(Person.id) == Appointment.patient_id)
        .join(Doctor, col(Doctor.id) == Appointment.doctor_id)
        .where(is_ahead(now), *which)
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    ).all()
    return [(visit, _affected(visit, person, name)) for visit, person, name in rows]


def _affected(visit: Appointment, person: Person, doctor_name: str) -> AffectedVisit:
    return AffectedVisit(
        reference=visit.reference,
        patient_name=person.name,
        patient_phone=person.phone,
        phone_label=spaced_phone(person.phone),
        doctor_name=doctor_name,
        when_label=instant_label(visit.starts_at, settings().zone),
        paid=visit.status is AppointmentStatus.CONFIRMED,
    )


def note(
    tx: Session,
    admin: Principal,
    doctor_id: int,
    action: str,
    *,
    now: datetime,
    **change: Unpack[audit.Change],
) -> None:
    """Add a row to the doctor's chain, or to the clinic's for doctor 0. Every doctor is locked, so `seq` has no rival."""
    subject = f"doctor:{doctor_id}" if doctor_id else "clinic"
    audit.record(tx, subject, action, actor=actors.signed_in(admin), now=now, **change)


def short(text: str) -> str:
    """A value as an audit row keeps it: one line of at most 60 letters."""
    line = " ".join(text.split())
    return line if len(line) <= NOTED_LETTERS else f"{line[: NOTED_LETTERS - 1]}…"
