"""Disputes: a cardholder asks the bank to take a payment back. Statuses, and which word of Razorpay's is the later one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DisputeStatus(StrEnum):
    OPEN = "open"  # the clinic has to answer, for the first time or again
    UNDER_REVIEW = "under_review"  # the bank looks at the answer
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"  # ended without a decision


UNDECIDED = frozenset({DisputeStatus.OPEN, DisputeStatus.UNDER_REVIEW})
"""Statuses of a dispute that may still take the money: no refund of its payment leaves by itself."""

_STAGE = {
    DisputeStatus.OPEN: 0,
    DisputeStatus.UNDER_REVIEW: 0,
    DisputeStatus.CLOSED: 1,
    DisputeStatus.WON: 1,
    DisputeStatus.LOST: 2,
}
_RANK = {status: place for place, status in enumerate(DisputeStatus)}


@dataclass(frozen=True)
class DisputeFact:
    """Razorpay's word on one dispute. Amounts in paise."""

    dispute_id: str
    payment_id: str
    amount_paise: int
    currency: str
    status: DisputeStatus
    deducted_paise: int = 0  # what Razorpay took from the clinic for it
    phase: str = ""  # chargeback, retrieval, pre_arbitration, arbitration, fraud, or one that is new
    reason_code: str = ""
    respond_by: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, order=True)
class Told:
    """The place of a word in a dispute's history, whatever the order of arrival.

    A bank may ask for more after its review, so open and under review follow each other by Razorpay's clock. An ending
    is final, and of two the one that took the money counts.
    """

    stage: int
    at: datetime
    rank: int


def told(status: DisputeStatus, at: datetime) -> Told:
    return Told(_STAGE[status], at, _RANK[status])
