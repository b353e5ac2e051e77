"""Cancelling on either side of the refund policy's bands, and what Razorpay gave back."""

from __future__ import annotations

from datetime import datetime, timedelta

from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, FIRST_SLOT
from tests.support.sandbox_control import ask

HALF = FEE // 2

TEN_HOURS = FIRST_SLOT - timedelta(hours=10)
TOO_LATE = FIRST_SLOT - timedelta(hours=3)


def given_back(url: str, order_id: str) -> list[int]:
    """Paise of every refund that Razorpay has of an order."""
    payment_id = ask(url, f"orders/{order_id}/payments")["items"][0]["id"]
    return [r["amount"] for r in ask(url, f"payments/{payment_id}/refunds")["items"]]


def promises(now: datetime = FIRST_SLOT) -> list[str]:
    """Every violated promise, with its fault."""
    return [f"{c.number}: {v.fault}" for c in invariants.count(now=now) for v in c.violations]
