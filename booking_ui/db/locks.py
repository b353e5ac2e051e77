"""Every row lock, in the one order that cannot deadlock: person → slots by id → appointment → payment.

A locked read always asks the database again (`populate_existing`): SQLAlchemy would otherwise hand back the copy it
read before it waited. On SQLite the writer's BEGIN IMMEDIATE is the lock and FOR UPDATE is left out by the dialect.
A lease passes over what another worker has locked, so it waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from booking_ui.db.models import Appointment, Dependent, Payment, Person, Refund, Slot
from booking_ui.db.queues import Queue
from booking_ui.domain.errors import NotFound

Row = TypeVar("Row", bound=SQLModel)
_AUDIT = 0x41554449  # numbers of our own among advisory locks
_RECEIPTS = 0x52435054
_NUMBERS = 0x4E554D42
_AT_ONCE = 1000  # a statement takes 32,766 values at most on SQLite


# Built once: building a statement costs more than running it on SQLite.
_WANTED: sa.BindParameter[int] = sa.bindparam("wanted")
_SLOT = select(Slot).where(Slot.id == _WANTED).with_for_update()
_APPOINTMENT = select(Appointment).where(Appointment.id == _WANTED).with_for_update()
_PAYMENT = select(Payment).where(Payment.appointment_id == _WANTED).with_for_update()
_REFUND = select(Refund).where(Refund.id == _WANTED).with_for_update()
_REFUNDS = select(Refund).where(Refund.payment_id == _WANTED).order_by(col(Refund.id)).with_for_update()
_DEPENDENT = select(Dependent).where(Dependent.id == _WANTED).with_for_update()
_PERSON = select(Person).where(Person.id == _WANTED).with_for_update()
_PERSON_AS_IS = select(Person).where(Person.id == _WANTED).with_for_update(read=True, key_share=True)


def _locked(tx: Session, query: SelectOfScalar[Row], wanted: int) -> Row | None:
    fresh = {"populate_existing": True}
    return tx.exec(query, params={"wanted": wanted}, execution_options=fresh).one_or_none()


def slot(tx: Session, slot_id: int) -> Slot | None:
    return _locked(tx, _SLOT, slot_id)


def slots(tx: Session, slot_ids: Iterable[int]) -> None:
    """Many slots, in the order of their ids; rows read afterwards are as their last writer left them."""
    ids = sorted(slot_ids)
    for at in range(0, len(ids), _AT_ONCE):
        some = select(Slot.id).where(col(Slot.id).in_(ids[at : at + _AT_ONCE])).order_by(col(Slot.id))
        tx.exec(some.with_for_update()).all()


def appointment(tx: Session, appointment_id: int) -> Appointment | None:
    return _locked(tx, _APPOINTMENT, appointment_id)


def payment_of(tx: Session, appointment_id: int) -> Payment | None:
    return _locked(tx, _PAYMENT, appointment_id)


def refund(tx: Session, refund_id: int) -> Refund | None:
    """After slot, appointment and payment, never before."""
    return _locked(tx, _REFUND, refund_id)


def refunds_of(tx: Session, payment_id: int) -> list[Refund]:
    """Every refund of a payment, oldest first; after the payment, never before."""
    fresh = {"populate_existing": True}
    return list(tx.exec(_REFUNDS, params={"wanted": payment_id}, execution_options=fresh).all())


def dependent(tx: Session, dependent_id: int) -> Dependent | None:
    """Last of all; nothing else is locked after it."""
    return _locked(tx, _DEPENDENT, dependent_id)


def audit_roots(tx: Session) -> None:
    """Let one transaction at a time write a root of the audit. Nobody takes this lock who holds one of a booking."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(:audit)"), {"audit": _AUDIT})


def receipt_numbers(tx: Session) -> None:
    """Let one transaction at a time give numbers to receipts. Nothing else is locked after it."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(:receipts)"), {"receipts": _RECEIPTS})


def number(tx: Session, phone: str) -> None:
    """Before any person: let one desk at a time look for a telephone number, and write down who is not known by it."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(
            sa.text("SELECT pg_advisory_xact_lock(:numbers, hashtext(:phone))"),
            {"numbers": _NUMBERS, "phone": phone},
        )


def person(tx: Session, person_id: int) -> Person | None:
    """Before any slot: a patient's claims happen one after the other, so that their open holds can be counted."""
    return _locked(tx, _PERSON, person_id)


def person_as_is(tx: Session, person_id: int) -> Person | None:
    """In the place of `person`: they are neither changed nor erased until the end, and others may still refer to them."""
    return _locked(tx, _PERSON_AS_IS, person_id)


class _MovedError(Exception):
    """The booking moved to another slot while its lock was awaited."""


def booking(tx: Session, appointment_id: int) -> tuple[Slot, Appointment, Payment]:
    """Lock a booking whole, in order."""
    _, own, its_appointment, its_payment = booking_and_slot(tx, appointment_id, None)
    return own, its_appointment, its_payment


def own_booking(tx: Session, patient_id: int, appointment_id: int) -> tuple[Slot, Appointment, Payment]:
    """Lock a patient's booking whole, in order. Raises NotFound, also for another patient's."""
    _, own, its_appointment, its_payment = own_booking_and_slot(tx, patient_id, appointment_id, None)
    return own, its_appointment, its_payment


def own_booking_and_slot(
    tx: Session, patient_id: int, appointment_id: int, other_slot_id: int | None
) -> tuple[Slot | None, Slot, Appointment, Payment]:
    """`booking_and_slot` for a patient's own booking. Raises NotFound, also for another patient's."""
    owner = tx.exec(select(Appointment.patient_id).where(Appointment.id == appointment_id)).first()
    if owner != patient_id:  # it never changes, so it need not be locked first
        raise NotFound
    return booking_and_slot(tx, appointment_id, other_slot_id)


def booking_and_slot(
    tx: Session, appointment_id: int, other_slot_id: int | None
) -> tuple[Slot | None, Slot, Appointment, Payment]:
    """Lock another slot and a booking whole, both slots in the order of their ids: (other, own, appointment, payment).

    A booking that was moved while its slot was awaited is begun again. Going back to the savepoint lets go of the slot
    that is not its own any more, so the order of locks holds.
    """
    while True:
        with suppress(_MovedError), tx.begin_nested():
            return _booking_and_slot(tx, appointment_id, other_slot_id)


def _booking_and_slot(
    tx: Session, appointment_id: int, other_slot_id: int | None
) -> tuple[Slot | None, Slot, Appointment, Payment]:
    slot_id = tx.exec(select(Appointment.slot_id).where(Appointment.id == appointment_id)).one()
    wanted = sorted({slot_id} | ({other_slot_id} if other_slot_id is not None else set()))
    slots = {one: slot(tx, one) for one in wanted}
    locked_slot = slots[slot_id]
    locked_appointment = appointment(tx, appointment_id)
    locked_payment = payment_of(tx, appointment_id)
    # Foreign keys, and nothing of a booking is ever deleted.
    assert locked_slot is not None
    assert locked_appointment is not None
    assert locked_payment is not None
    if locked_appointment.slot_id != locked_slot.id:
        raise _MovedError
    other = slots[other_slot_id] if other_slot_id is not None else None
    return other, locked_slot, locked_appointment, locked_payment


def lease(
    tx: Session, queue: Queue[Row], *which: sa.ColumnElement[bool], now: datetime, limit: int
) -> list[Row]:
    """Take due rows of a queue in hand, longest due first; two workers get different rows.

    `queue.due` is set to the end of the lease, and the try is counted in tables that count them.
    """
    rows = tx.exec(
        select(queue.model)
        .where(*queue.waiting, *which, col(queue.due) <= now)
        .order_by(col(queue.due), *sa.inspect(queue.model).primary_key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        setattr(row, queue.due.key, now + queue.lease)
        if "attempts" in queue.model.model_fields:
            row.attempts += 1  # type: ignore[attr-defined]  # just asked
        tx.add(row)
    return list(rows)
