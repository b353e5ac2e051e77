"""Every row lock, in the one order that cannot deadlock: slot → appointment → payment.

A locked read always asks the database again (`populate_existing`): SQLAlchemy would otherwise hand back the copy it
read before it waited. On SQLite the writer's BEGIN IMMEDIATE is the lock and FOR UPDATE is left out by the dialect.
"""

from __future__ import annotations

from typing import TypeVar

from sqlmodel import Session, SQLModel, select
from sqlmodel.sql.expression import SelectOfScalar

from .models import Appointment, Payment, Refund, Slot

Row = TypeVar("Row", bound=SQLModel)


def _locked(tx: Session, query: SelectOfScalar[Row]) -> Row | None:
    return tx.exec(query.with_for_update(), execution_options={"populate_existing": True}).one_or_none()


def slot(tx: Session, slot_id: int) -> Slot | None:
    return _locked(tx, select(Slot).where(Slot.id == slot_id))


def appointment(tx: Session, appointment_id: int) -> Appointment | None:
    return _locked(tx, select(Appointment).where(Appointment.id == appointment_id))


def payment_of(tx: Session, appointment_id: int) -> Payment | None:
    return _locked(tx, select(Payment).where(Payment.appointment_id == appointment_id))


def refund(tx: Session, refund_id: int) -> Refund | None:
    """After slot, appointment and payment, never before."""
    return _locked(tx, select(Refund).where(Refund.id == refund_id))
