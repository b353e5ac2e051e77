"""Bookings whose money needs a person: which, and the sentence that says why.

Everything else about money mends itself (the worker asks Razorpay again); these do not, so the desk sees them first.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from booking_ui.db.models import (
    Appointment,
    DeliveryStatus,
    Payment,
    PaymentAttempt,
    ReconciliationCase,
    Refund,
    WebhookEvent,
)
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundStatus
from booking_ui.services.cases import reconciliation_cases

REFUND_PATIENCE = timedelta(days=7)
"""Banks may need five to seven days; after that somebody should ask."""


class MoneyCase(IntEnum):
    """Why money needs a person; the smallest of several is shown."""

    REFUND_FAILED = 1
    NOT_CONFIRMED = 2
    MISMATCH = 3
    PAID_TWICE = 4
    REFUND_BY_HAND = 5
    MESSAGE_PARKED = 6
    REFUND_SLOW = 7
    VISIT_REFUNDED = 8
    REFUND_WAITS = 9


def sentence(case: int | None, payment: Payment) -> str:
    """What is wrong with this booking's money; empty when nothing is."""
    if case is None:
        return ""
    amount, due = rupees(payment.amount_paise), rupees(payment.amount_paise - payment.retained_paise)
    return {
        MoneyCase.REFUND_FAILED: "A refund failed. Send it again, or give it back by hand and say so here.",
        MoneyCase.NOT_CONFIRMED: f"{amount} was captured, but the visit is not confirmed and no refund is on its way.",
        MoneyCase.MISMATCH: f"Razorpay captured something else than the bill of {amount}, and no refund is on its way.",
        MoneyCase.PAID_TWICE: "A second payment was captured, and no refund of it is on its way.",
        MoneyCase.REFUND_BY_HAND: f"{due} was paid at the desk and is due back. Give it back, then mark it here.",
        MoneyCase.MESSAGE_PARKED: "A message from Razorpay about this order could not be applied.",
        MoneyCase.REFUND_SLOW: f"A refund has been on its way for more than {REFUND_PATIENCE.days} days. Ask Razorpay.",
        MoneyCase.REFUND_WAITS: "Razorpay refuses a refund for now. Is the balance there too small? It is tried again by itself.",
        MoneyCase.VISIT_REFUNDED: f"{amount} went back at Razorpay, but the visit stands. Decide in Books.",
    }[MoneyCase(case)]


_WAYS_OUT = {
    MoneyCase.REFUND_FAILED: "settle",
    MoneyCase.REFUND_BY_HAND: "mark",
    MoneyCase.MESSAGE_PARKED: "messages",
    MoneyCase.VISIT_REFUNDED: "decide",
}


def way_out(case: int | None) -> str:
    """What the desk does about it: settle the refund, mark the payment, decide about the visit, look at the messages.

    Empty when nothing here helps, or nothing is wrong.
    """
    return "" if case is None else _WAYS_OUT.get(MoneyCase(case), "")


def worst_cases(now: datetime, only: int | None = None) -> sa.Subquery:
    """(payment_id, worst) for every payment that needs a person at `now`; each branch starts from its small side.

    `only` asks about one payment and then touches nothing else.
    """
    found = sa.union_all(
        *(
            select(payment_id, sa.literal(int(case)).label("urgency")).where(
                *where, *([] if only is None else [payment_id.element == only])
            )
            for case, payment_id, where in _branches(now)
        )
    ).subquery("found")
    return (
        select(found.c.payment_id, sa.func.min(found.c.urgency).label("worst"))
        .group_by(found.c.payment_id)
        .subquery("money_case")
    )


Branch = tuple[MoneyCase, sa.Label[Any], list[sa.ColumnElement[bool]]]


def _branches(now: datetime) -> list[Branch]:
    of_refund: sa.Label[int] = col(Refund.payment_id).label("payment_id")
    pending = col(Refund.status) == RefundStatus.PENDING
    never_sent = sa.and_(col(Refund.next_attempt_at).is_(None), col(Refund.gateway_refund_id).is_(None))
    by_hand = sa.or_(col(Refund.gateway_payment_id) == "", never_sent)
    slow = col(Refund.created_at) < now - REFUND_PATIENCE
    return [
        (
            MoneyCase.REFUND_FAILED,
            of_refund,
            [col(Refund.payment_id) == col(Payment.id), *refused_for_good()],
        ),
        (MoneyCase.REFUND_BY_HAND, of_refund, [pending, by_hand]),
        (MoneyCase.REFUND_SLOW, of_refund, [pending, slow]),
        _not_confirmed(),
        *_strange_captures(),
        _message_parked(),
        _visit_refunded(),
        _refund_waits(),
    ]


def _not_confirmed() -> Branch:
    never = (AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.FAILED)
    return (
        MoneyCase.NOT_CONFIRMED,
        col(Payment.id).label("payment_id"),
        [
            col(Payment.appointment_id) == col(Appointment.id),
            col(Payment.status) == PaymentStatus.CAPTURED,
            col(Appointment.status).in_(never),
            ~sa.exists().where(col(Refund.payment_id) == col(Payment.id), _on_its_way()),
        ],
    )


def _strange_captures() -> list[Branch]:
    """Captured attempts that are not the kept payment, or not of the bill's amount, with no refund of them."""
    same = [
        col(PaymentAttempt.payment_id) == col(Payment.id),
        col(PaymentAttempt.status) == AttemptStatus.CAPTURED,
        ~sa.exists().where(
            col(Refund.gateway_payment_id) == col(PaymentAttempt.gateway_payment_id), _on_its_way()
        ),
    ]
    exact = sa.and_(
        col(PaymentAttempt.amount_paise) == col(Payment.amount_paise),
        col(PaymentAttempt.currency) == col(Payment.currency),
    )
    kept = col(Payment.gateway_payment_id)
    payment_id: sa.Label[Any] = col(Payment.id).label("payment_id")
    second = [kept.is_not(None), kept != col(PaymentAttempt.gateway_payment_id), exact]
    return [
        (MoneyCase.MISMATCH, payment_id, [*same, ~exact]),
        (MoneyCase.PAID_TWICE, payment_id, [*same, *second]),
    ]


def _message_parked() -> Branch:
    return (
        MoneyCase.MESSAGE_PARKED,
        col(Payment.id).label("payment_id"),
        [
            col(WebhookEvent.status) == DeliveryStatus.PARKED,
            col(WebhookEvent.order_id) == col(Payment.gateway_order_id),
        ],
    )


def refused_for_good() -> list[sa.ColumnElement[bool]]:
    """A refund that failed and that no other one made good: its money is still owed. Of a Refund beside its Payment."""
    stray = col(Refund.gateway_payment_id) != sa.func.coalesce(col(Payment.gateway_payment_id), "")
    return [
        col(Refund.status) == RefundStatus.FAILED,
        col(Refund.replaced_by_id).is_(None),
        sa.or_(stray, col(Payment.status) != PaymentStatus.REFUNDED),
    ]


def _visit_refunded() -> Branch:
    return (
        MoneyCase.VISIT_REFUNDED,
        col(Payment.id).label("payment_id"),
        [
            col(Payment.appointment_id) == col(Appointment.id),
            col(Appointment.reference) == col(ReconciliationCase.subject),
            col(Appointment.status) == AppointmentStatus.CONFIRMED,
            col(ReconciliationCase.kind) == reconciliation_cases.REFUNDED_VISIT,
            col(ReconciliationCase.closed_at).is_(None),
        ],
    )


def _refund_waits() -> Branch:
    return (
        MoneyCase.REFUND_WAITS,
        col(Refund.payment_id).label("payment_id"),
        [
            col(Refund.idempotency_key) == col(ReconciliationCase.subject),
            col(ReconciliationCase.kind) == reconciliation_cases.REFUND_WAITS,
            col(ReconciliationCase.closed_at).is_(None),
        ],
    )


def _on_its_way() -> sa.ColumnElement[bool]:
    return col(Refund.status).in_((RefundStatus.PENDING, RefundStatus.PROCESSED))
