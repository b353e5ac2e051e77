"""Attention: bookings that need a person, for their money or for a doctor who will be away, each with its reason.

Everything else about money mends itself, because the worker asks Razorpay again; these do not, so the desk sees them first.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from booking_ui.db import orders
from booking_ui.db.models import (
    Appointment,
    DeliveryStatus,
    Dispute,
    Payment,
    PaymentAttempt,
    ReconciliationCase,
    Refund,
    WebhookEvent,
)
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.dispute import UNDECIDED
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundStatus
from booking_ui.languages import _
from booking_ui.services.cases.reconciliation_cases import CaseKind

REFUND_PATIENCE = timedelta(days=7)
"""Banks may need five to seven days; after that the desk should ask Razorpay."""


class AttentionReason(IntEnum):
    """The reasons why a booking needs a person, the most urgent first; of several the first is shown."""

    REFUND_FAILED = 1
    DISPUTED = 2
    DOCTOR_AWAY = 3  # a patient who is not told comes for nothing
    NOT_CONFIRMED = 4
    MARKED_AND_PAID = 5
    MISMATCH = 6
    PAID_TWICE = 7
    REFUND_BY_HAND = 8
    MESSAGE_PARKED = 9
    DISPUTE_LOST = 10
    REFUND_SLOW = 11
    VISIT_REFUNDED = 12
    REFUND_WAITS = 13


def sentence(reason: int | None, payment: Payment) -> str:
    """The reason in words; empty when there is none."""
    if reason is None:
        return ""
    amount, due = rupees(payment.amount_paise), rupees(payment.amount_paise - payment.retained_paise)
    return {
        AttentionReason.REFUND_FAILED: _(
            "A refund failed. Send it again, or give it back by hand and say so here."
        ),
        AttentionReason.DISPUTED: _(
            "The patient's bank disputes this payment. Answer at Razorpay in time; refunds of it wait."
        ),
        AttentionReason.DOCTOR_AWAY: _(
            "The doctor will be away at the time of this visit. Call the patient, then move it or cancel it."
        ),
        AttentionReason.DISPUTE_LOST: _(
            "A dispute of this payment was lost. Look at it in Books and close the case."
        ),
        AttentionReason.NOT_CONFIRMED: _(
            "{amount} was captured, but the visit is not confirmed and no refund is on its way.",
            amount=amount,
        ),
        AttentionReason.MARKED_AND_PAID: _(
            "The desk marked it as paid, and it was paid at Razorpay too. Decide in Books."
        ),
        AttentionReason.MISMATCH: _(
            "Razorpay captured something else than the bill of {amount}, and no refund is on its way.",
            amount=amount,
        ),
        AttentionReason.PAID_TWICE: _("A second payment was captured, and no refund of it is on its way."),
        AttentionReason.REFUND_BY_HAND: _(
            "{amount} was paid at the desk and is due back. Give it back, then mark it here.", amount=due
        ),
        AttentionReason.MESSAGE_PARKED: _("A message from Razorpay about this order could not be applied."),
        AttentionReason.REFUND_SLOW: _(
            "A refund has been on its way for more than {count} days. Ask Razorpay.",
            count=REFUND_PATIENCE.days,
        ),
        AttentionReason.REFUND_WAITS: _(
            "Razorpay refuses a refund for now. Is the balance there too small? It is tried again by itself."
        ),
        AttentionReason.VISIT_REFUNDED: _(
            "{amount} went back at Razorpay, but the visit stands. Decide in Books.", amount=amount
        ),
    }[AttentionReason(reason)]


_WAYS_OUT = {
    AttentionReason.REFUND_FAILED: "settle",
    AttentionReason.REFUND_BY_HAND: "mark",
    AttentionReason.MESSAGE_PARKED: "messages",
    AttentionReason.VISIT_REFUNDED: "decide",
    AttentionReason.MARKED_AND_PAID: "decide",
}


def way_out(reason: int | None) -> str:
    """The desk's remedy: settle the refund, mark the payment, decide about the visit, or look at the messages.

    Empty when there is no reason, or no remedy here.
    """
    return "" if reason is None else _WAYS_OUT.get(AttentionReason(reason), "")


def most_urgent(now: datetime, only: int | None = None) -> sa.Subquery:
    """(payment_id, worst) for every payment that needs a person at `now`; with `only`, for that payment alone.

    Each branch starts from its small side, so that a large database costs nothing.
    """
    found = sa.union_all(
        *(
            select(payment_id, sa.literal(int(reason)).label("urgency")).where(
                *where, *([] if only is None else [payment_id.element == only])
            )
            for reason, payment_id, where in _branches(now)
        )
    ).subquery("found")
    return (
        select(found.c.payment_id, sa.func.min(found.c.urgency).label("worst"))
        .group_by(found.c.payment_id)
        .subquery("attention")
    )


Branch = tuple[AttentionReason, sa.Label[Any], list[sa.ColumnElement[bool]]]


def _branches(now: datetime) -> list[Branch]:
    of_refund: sa.Label[int] = col(Refund.payment_id).label("payment_id")
    pending = col(Refund.status) == RefundStatus.PENDING
    untried = (Refund.next_attempt_at, Refund.gateway_refund_id, Refund.dispute_id)
    never_sent = sa.and_(*(col(one).is_(None) for one in untried))
    by_hand = sa.or_(col(Refund.gateway_payment_id) == "", never_sent)
    slow = col(Refund.created_at) < now - REFUND_PATIENCE
    return [
        (
            AttentionReason.REFUND_FAILED,
            of_refund,
            [col(Refund.payment_id) == col(Payment.id), *refused_for_good()],
        ),
        (AttentionReason.REFUND_BY_HAND, of_refund, [pending, by_hand]),
        (AttentionReason.REFUND_SLOW, of_refund, [pending, slow, col(Refund.dispute_id).is_(None)]),
        _disputed(),
        _dispute_lost(),
        _not_confirmed(),
        *_strange_captures(),
        _message_parked(),
        _visit_case(AttentionReason.VISIT_REFUNDED, CaseKind.REFUNDED_VISIT),
        _visit_case(AttentionReason.DOCTOR_AWAY, CaseKind.DOCTOR_AWAY),
        _marked_and_paid(),
        _refund_waits(),
    ]


def _disputed() -> Branch:
    """Undecided, or lost while a refund waits to know how much Razorpay took."""
    waits = sa.exists().where(
        col(Refund.dispute_id) == col(Dispute.id), col(Refund.status) == RefundStatus.PENDING
    )
    undecided = col(Dispute.status).in_(UNDECIDED)
    return AttentionReason.DISPUTED, col(Dispute.payment_id).label("payment_id"), [sa.or_(undecided, waits)]


def _dispute_lost() -> Branch:
    return (
        AttentionReason.DISPUTE_LOST,
        col(Dispute.payment_id).label("payment_id"),
        [
            col(Dispute.gateway_dispute_id) == col(ReconciliationCase.subject),
            col(ReconciliationCase.kind) == CaseKind.DISPUTE_LOST,
            col(ReconciliationCase.closed_at).is_(None),
        ],
    )


def _not_confirmed() -> Branch:
    never = (AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.FAILED)
    return (
        AttentionReason.NOT_CONFIRMED,
        col(Payment.id).label("payment_id"),
        [
            col(Payment.appointment_id) == col(Appointment.id),
            col(Payment.status) == PaymentStatus.CAPTURED,
            col(Appointment.status).in_(never),
            ~sa.exists().where(col(Refund.payment_id) == col(Payment.id), _on_its_way()),
            col(Payment.deducted_paise) < col(Payment.amount_paise),
        ],
    )


def _strange_captures() -> list[Branch]:
    """Captured attempts that are not the kept payment, or not of the bill's amount, with no refund of them."""
    same = [
        col(PaymentAttempt.payment_id) == col(Payment.id),
        col(PaymentAttempt.status) == AttemptStatus.CAPTURED,
        col(PaymentAttempt.deducted_paise) < col(PaymentAttempt.amount_paise),
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
        (AttentionReason.MISMATCH, payment_id, [*same, ~exact]),
        (AttentionReason.PAID_TWICE, payment_id, [*same, *second]),
    ]


def _message_parked() -> Branch:
    return (
        AttentionReason.MESSAGE_PARKED,
        col(Payment.id).label("payment_id"),
        [
            col(WebhookEvent.status) == DeliveryStatus.PARKED,
            orders.named(col(WebhookEvent.order_id)),
        ],
    )


def refused_for_good() -> list[sa.ColumnElement[bool]]:
    """Conditions of a Refund beside its Payment: it failed, no other one replaced it, and its money is still owed."""
    stray = col(Refund.gateway_payment_id) != sa.func.coalesce(col(Payment.gateway_payment_id), "")
    return [
        col(Refund.status) == RefundStatus.FAILED,
        col(Refund.replaced_by_id).is_(None),
        col(Refund.dispute_id).is_(None),
        sa.or_(stray, col(Payment.status) != PaymentStatus.REFUNDED),
    ]


def _visit_case(reason: AttentionReason, kind: CaseKind) -> Branch:
    """A confirmed visit with an open case of this kind, whose subject is the booking's reference."""
    return (
        reason,
        col(Payment.id).label("payment_id"),
        [
            col(Payment.appointment_id) == col(Appointment.id),
            col(Appointment.reference) == col(ReconciliationCase.subject),
            col(Appointment.status) == AppointmentStatus.CONFIRMED,
            col(ReconciliationCase.kind) == kind,
            col(ReconciliationCase.closed_at).is_(None),
        ],
    )


def _marked_and_paid() -> Branch:
    return (
        AttentionReason.MARKED_AND_PAID,
        col(PaymentAttempt.payment_id).label("payment_id"),
        [
            col(PaymentAttempt.gateway_payment_id) == col(ReconciliationCase.subject),
            col(ReconciliationCase.kind) == CaseKind.MARKED_AND_PAID,
            col(ReconciliationCase.closed_at).is_(None),
        ],
    )


def _refund_waits() -> Branch:
    return (
        AttentionReason.REFUND_WAITS,
        col(Refund.payment_id).label("payment_id"),
        [
            col(Refund.idempotency_key) == col(ReconciliationCase.subject),
            col(ReconciliationCase.kind) == CaseKind.REFUND_WAITS,
            col(ReconciliationCase.closed_at).is_(None),
        ],
    )


def _on_its_way() -> sa.ColumnElement[bool]:
    return col(Refund.status).in_((RefundStatus.PENDING, RefundStatus.PROCESSED))
