"""The people for whom a patient books: add, edit, remove them, and say for whom a visit is.

Another patient's dependent is not found, nor is a removed one. Bookings keep pointing at a removed one, with the name.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment, Dependent, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.clock import today
from booking_ui.domain.errors import NotFound, TooManyDependents
from booking_ui.domain.people import family
from booking_ui.languages import _
from booking_ui.services.booking import appointments, hold_expiry
from booking_ui.services.journal import audit, changes
from booking_ui.services.journal.audit import Action
from booking_ui.services.views import AppointmentView, DependentView


class Keep(Enum):
    """Leaves a date of birth as it is: None would take it away."""

    AS_IT_IS = "keep"


def listed(*, patient_id: int, now: datetime) -> list[DependentView]:
    """The patient's dependents in the order they were added."""
    with read() as tx:
        return [_view(one, now) for one in _present(tx, patient_id)]


def add(
    *, patient_id: int, name: str, relation: str, now: datetime, born_on: date | None = None
) -> DependentView:
    """Raises BadInput, TooManyDependents, NotFound."""
    with write() as tx:
        if locks.person(tx, patient_id) is None:
            raise NotFound
        if len(_present(tx, patient_id)) >= family.MOST:
            raise TooManyDependents(
                _(
                    "You have added {most} people, as many as an account can have. Remove one first.",
                    most=family.MOST,
                )
            )
        facts = family.member(name=name, relation=relation, born_on=born_on, today=_today(now))
        row = Dependent(
            patient_id=patient_id,
            name=facts.name,
            relation=facts.relation,
            born_on=facts.born_on,
            created_at=now,
        )
        tx.add(row)
        tx.flush()
        _leave(tx, row, "added", now)
        return _view(row, now)


def edit(
    *,
    patient_id: int,
    dependent_id: int,
    now: datetime,
    name: str | None = None,
    relation: str | None = None,
    born_on: date | Keep | None = Keep.AS_IT_IS,
) -> DependentView:
    """Change what is given, everywhere it is shown. Raises BadInput, NotFound."""
    with write() as tx:
        row = owned(tx, patient_id, dependent_id)
        facts = family.member(
            name=row.name if name is None else name,
            relation=row.relation if relation is None else relation,
            born_on=row.born_on if isinstance(born_on, Keep) else born_on,
            today=_today(now),
        )
        row.name, row.relation, row.born_on = facts.name, facts.relation, facts.born_on
        tx.add(row)
        _leave(tx, row, "edited", now)
        return _view(row, now)


def remove(*, patient_id: int, dependent_id: int, now: datetime) -> None:
    """Offer a dependent no more. Raises NotFound."""
    with write() as tx:
        row = owned(tx, patient_id, dependent_id)
        row.removed_at = now
        tx.add(row)
        _leave(tx, row, "removed", now)


def owned(tx: Session, patient_id: int, dependent_id: int) -> Dependent:
    """The patient's dependent, locked. Raises NotFound."""
    row = locks.dependent(tx, dependent_id)
    if row is None or row.patient_id != patient_id or row.removed_at is not None:
        raise NotFound(_("We couldn't find that person among those you book for."))
    return row


def for_whom(
    *, patient_id: int, appointment_id: int, dependent_id: int | None, now: datetime
) -> AppointmentView:
    """Say for whom the visit is while it is held; None is the patient. Raises NotFound, HoldExpired, WrongState."""
    with write() as tx:
        appointment = hold_expiry.lock_held(tx, patient_id, appointment_id, now)
        assign(tx, appointment, dependent_id, now)
    return appointments.find(patient_id=patient_id, appointment_id=appointment_id, now=now)


def assign(
    tx: Session, appointment: Appointment, dependent_id: int | None, now: datetime, *, actor: str = ""
) -> None:
    """Say for whom a booking is, under its locks; None is the patient, who says it if there is no `actor`. Raises NotFound."""
    if dependent_id == appointment.dependent_id:
        return
    if dependent_id is not None:
        owned(tx, appointment.patient_id, dependent_id)
    before, appointment.dependent_id, appointment.updated_at = appointment.dependent_id, dependent_id, now
    tx.add(appointment)
    audit.note(
        tx,
        pk(appointment),
        Action.FOR_WHOM,
        actor=actor or actors.patient(appointment.patient_id),
        before=subject(before) if before else "",
        after=subject(dependent_id) if dependent_id else "patient",
        now=now,
    )
    changes.announce(tx, f"appointment:{appointment.id}")


def _present(tx: Session, patient_id: int) -> list[Dependent]:
    query = select(Dependent).where(Dependent.patient_id == patient_id, col(Dependent.removed_at).is_(None))
    return list(tx.exec(query.order_by(col(Dependent.id))).all())


def _today(now: datetime) -> date:
    return today(now, settings().zone)


def subject(dependent_id: int) -> str:
    """The subject of a dependent's chain of audit rows."""
    return f"dependent:{dependent_id}"


def _leave(tx: Session, row: Dependent, what: str, now: datetime) -> None:
    actor = actors.patient(row.patient_id)
    audit.record(tx, subject(pk(row)), Action.DEPENDENT, actor=actor, after=what, now=now)


def _view(row: Dependent, now: datetime) -> DependentView:
    return DependentView(
        id=pk(row),
        name=row.name,
        relation=row.relation.value,
        relation_label=family.relation_label(row.relation),
        born_on=row.born_on.isoformat() if row.born_on else "",
        age_label=family.age_label(row.born_on, _today(now)),
    )
