"""What a patient gets back when she cancels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from booking_ui.domain.money import rupees

RULE = "Free cancellation: the full fee comes back until the visit begins."


@dataclass(frozen=True)
class Quote:
    """The exact refund in paise, and the sentence shown before the click."""

    refund_paise: int
    sentence: str


def quote(*, kept_paise: int, fee_paise: int, starts_at: datetime, now: datetime) -> Quote | None:
    """The refund for cancelling now, or None once the visit has begun. `kept_paise` is what was paid and not returned."""
    if now >= starts_at:
        return None
    if kept_paise == 0:
        return Quote(0, "Nothing was paid, so there is nothing to give back.")
    rest = "the full fee" if kept_paise == fee_paise else "all that was not yet returned"
    return Quote(kept_paise, f"You'll get {rupees(kept_paise)} back, {rest}.")
