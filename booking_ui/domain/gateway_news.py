"""Razorpay's other news: ways to pay that are in trouble, money paid out to the clinic, entities that can't be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

Fact = TypeVar("Fact")


@dataclass(frozen=True)
class UnreadableEntity:
    """A payment or refund of an unknown shape, with the ids that could be read; "" for those that could not."""

    entity_id: str
    parent_id: str  # the order of a payment, the payment of a refund
    why: str


@dataclass(frozen=True)
class Listing(Generic[Fact]):
    """One of Razorpay's lists, complete: `unreadable` has the entities that could not be read."""

    facts: list[Fact]
    unreadable: list[UnreadableEntity]


@dataclass(frozen=True)
class DowntimeFact:
    """A way to pay that is, was or will be in trouble. `changed_at` is Razorpay's instant of the newest change."""

    downtime_id: str
    method: str
    severity: str  # high, medium, low
    instrument: str  # HDFC, okicici, VISA; empty when all of the method is meant
    begins_at: datetime
    ended: bool
    changed_at: datetime


@dataclass(frozen=True)
class SettledItem:
    """One line of a settlement: a payment paid out to the clinic's bank, or a refund taken back from it. Paise."""

    kind: str  # payment, refund, adjustment, …
    entity_id: str
    payment_id: str
    amount_paise: int
    settlement_id: str
    settled_at: datetime
    dispute_id: str = ""  # of an adjustment for a lost dispute
