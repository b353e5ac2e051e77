"""The ledger: the entries that each figure of the payouts counts, as (booking, instant, paise) in SQL.

The dashboard sums them and the bookings table lists them, so a figure and the list behind it cannot differ. Every
refund is in exactly one of refunded, refund due and neither (given up, because another one made it good).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from booking_ui.db.models import Dispute, Payment, PaymentAttempt, Refund
from booking_ui.domain.dispute import UNDECIDED, DisputeStatus
from booking_ui.domain.payment import PaymentStatus, RefundStatus
from booking_ui.domain.period import Span
from booking_ui.languages import N_
from booking_ui.services.cases import attention


class Figure(StrEnum):
    PENDING = "pending"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    REFUND_DUE = "refund_due"
    DEDUCTED = "deducted"
    FAILED = "failed"
    NET = "net"


NAMES = {
    Figure.PENDING: N_("Pending"),
    Figure.CAPTURED: N_("Captured"),
    Figure.REFUNDED: N_("Refunded"),
    Figure.REFUND_DUE: N_("Refund due"),
    Figure.DEDUCTED: N_("Lost disputes"),
    Figure.FAILED: N_("Failed"),
    Figure.NET: N_("Net"),
}

EXPLAINED = {
    Figure.PENDING: N_(
        "Bills not paid yet, by the time of booking: held for payment, or the bank has not answered."
    ),
    Figure.CAPTURED: N_(
        "Money that reached us, by the moment it was captured; at the desk and paid twice included."
    ),
    Figure.REFUNDED: N_(
        "Money given back, by the moment Razorpay made the refund, or the desk gave it back by hand."
    ),
    Figure.REFUND_DUE: N_(
        "Promised back but not yet gone, by the moment of the promise: on its way, waiting for the desk, or refused by Razorpay."
    ),
    Figure.DEDUCTED: N_(
        "Taken back by patients' banks, by the moment the dispute was lost; also what Razorpay holds while one is undecided."
    ),
    Figure.FAILED: N_("Bills that failed or whose hold ended unpaid, by that moment. No money moved."),
    Figure.NET: N_("Captured − refunded − refund due − lost disputes. Razorpay's fees are not taken off."),
}

OPEN = (PaymentStatus.PENDING, PaymentStatus.AUTHORIZED)

Entries = sa.Select[int, Any, int]


def entries(figure: Figure, span: Span) -> sa.Subquery:
    """(appointment_id, at, paise) of everything the figure counts within the span."""
    if figure is Figure.NET:
        owed = [*_refunded(span), *_due(span), *_deducted(span)]
        parts = [*_captured(span), *(_negative(one) for one in owed)]
    else:
        parts = _PARTS[figure](span)
    return sa.union_all(*parts).subquery("entry")


def per_booking(figure: Figure, span: Span) -> sa.Subquery:
    """(appointment_id, paise): one row for each booking that the figure counts."""
    found = entries(figure, span)
    paise = sa.func.sum(found.c.paise).label("paise")
    return sa.select(found.c.appointment_id, paise).group_by(found.c.appointment_id).subquery("counted")


def _entry(at: Any, paise: Any, span: Span) -> Any:
    """An entry of a bill; the caller says how the bill is reached."""
    query = sa.select(
        col(Payment.appointment_id).label("appointment_id"), at.label("at"), paise.label("paise")
    )
    if span.start:
        query = query.where(at >= span.start)
    return query.where(at < span.end) if span.end else query


def _negative(part: Entries) -> Entries:
    inner = part.subquery()
    return sa.select(inner.c.appointment_id, inner.c.at, (-inner.c.paise).label("paise"))


def _bills(at: Any, span: Span, *statuses: PaymentStatus) -> list[Entries]:
    return [_entry(at, col(Payment.amount_paise), span).where(col(Payment.status).in_(statuses))]


def _pending(span: Span) -> list[Entries]:
    return _bills(col(Payment.created_at), span, *OPEN)


def _failed(span: Span) -> list[Entries]:
    """A failed bill last changed when it failed."""
    return _bills(col(Payment.updated_at), span, PaymentStatus.FAILED)


def _captured(span: Span) -> list[Entries]:
    """The payment that was kept, and every other one that was captured.

    One that is not kept has its refund reserved in the same transaction: the first refund of an attempt stands for it here.
    """
    kept = _entry(col(Payment.captured_at), col(Payment.amount_paise), span)
    # Also with an open span: what was never captured has no instant.
    kept = kept.where(col(Payment.captured_at).is_not(None))
    earlier = aliased(Refund)
    same = col(PaymentAttempt.gateway_payment_id)
    other = (
        _entry(col(PaymentAttempt.created_at), col(PaymentAttempt.amount_paise), span)
        .select_from(Refund)
        .join(PaymentAttempt, same == col(Refund.gateway_payment_id))
        .join(Payment, col(Payment.id) == col(PaymentAttempt.payment_id))
        .where(
            sa.func.coalesce(col(Payment.gateway_payment_id), "") != same,
            ~sa.exists().where(col(earlier.gateway_payment_id) == same, col(earlier.id) < col(Refund.id)),
        )
    )
    return [kept, other]


def _of_refunds(at: Any, span: Span) -> Any:
    beside = _entry(at, col(Refund.amount_paise), span).select_from(Refund)
    return beside.join(Payment, col(Payment.id) == col(Refund.payment_id))


def _refunded(span: Span) -> list[Entries]:
    """By the instant at which the money left the clinic, however much later we heard of it."""
    gone = _of_refunds(col(Refund.refunded_at), span)
    return [gone.where(col(Refund.status) == RefundStatus.PROCESSED)]


def _due(span: Span) -> list[Entries]:
    promised = _of_refunds(col(Refund.created_at), span)
    refused = promised.where(*attention.refused_for_good())
    return [promised.where(col(Refund.status) == RefundStatus.PENDING), refused]


def _deducted(span: Span) -> list[Entries]:
    """A lost dispute changes no more, so its last change is when it was lost. What was refunded before counts too: it
    is gone twice. What Razorpay took before the decision counts until the dispute is won or closed.
    """
    beside = _entry(col(Dispute.changed_at), col(Dispute.deducted_paise), span).select_from(Dispute)
    taken = beside.join(Payment, col(Payment.id) == col(Dispute.payment_id))
    holding = (DisputeStatus.LOST, *UNDECIDED)
    return [taken.where(col(Dispute.status).in_(holding), col(Dispute.deducted_paise) > 0)]


_PARTS = {
    Figure.PENDING: _pending,
    Figure.CAPTURED: _captured,
    Figure.REFUNDED: _refunded,
    Figure.REFUND_DUE: _due,
    Figure.DEDUCTED: _deducted,
    Figure.FAILED: _failed,
}
