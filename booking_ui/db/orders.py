"""Razorpay's orders of our bills: the one that is open to pay, and those that were retired."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.db.models import Payment, RetiredOrder


def bill_of(tx: Session, order_id: str) -> Payment | None:
    """The bill of an order, open or retired; nothing is locked."""
    if not order_id:
        return None
    bill = tx.exec(select(Payment).where(Payment.gateway_order_id == order_id)).first()
    if bill is not None:
        return bill
    retired = select(RetiredOrder.payment_id).where(RetiredOrder.gateway_order_id == order_id)
    return tx.exec(select(Payment).where(col(Payment.id).in_(retired))).first()


def every_id(tx: Session, payment: Payment) -> list[str]:
    """The ids of a bill's orders: the open one first, then the retired ones, newest first."""
    retired = select(RetiredOrder.gateway_order_id).where(RetiredOrder.payment_id == payment.id)
    closed = tx.exec(retired.order_by(col(RetiredOrder.id).desc())).all()
    return [*filter(None, [payment.gateway_order_id]), *closed]


def ids_of(appointments: Any) -> sa.CompoundSelect[str]:
    """The ids of all orders of these appointments (ids, or a query for them)."""
    bills = select(Payment.id).where(col(Payment.appointment_id).in_(appointments))
    return sa.union(
        sa.select(col(Payment.gateway_order_id)).where(
            col(Payment.appointment_id).in_(appointments), col(Payment.gateway_order_id).is_not(None)
        ),
        sa.select(col(RetiredOrder.gateway_order_id)).where(col(RetiredOrder.payment_id).in_(bills)),
    )


def named(order_id: sa.SQLColumnExpression[str] | str) -> sa.ColumnElement[bool]:
    """Payment's condition: this is one of its orders."""
    retired = select(RetiredOrder.payment_id).where(RetiredOrder.gateway_order_id == order_id)
    return sa.or_(col(Payment.gateway_order_id) == order_id, col(Payment.id).in_(retired))
