"""The refund for cancelling a visit: bands of hours before it, each with its part of the fee.

Integer paise throughout. What the clinic keeps is rounded down, so a part of a paisa is always the patient's. Razorpay
sends nothing below one rupee: a smaller part is raised to one, and less than one rupee left over can't go back at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from booking_ui.domain.clock import instant_label
from booking_ui.domain.money import rupees
from booking_ui.languages import N_, _

Bands = tuple[tuple[int, int], ...]
"""(hours before the visit, percent of the fee that comes back), the farthest first: notations.refund_bands."""

SMALLEST_REFUND_PAISE = 100

REFUND_TAKES = N_("5 to 7 working days, UPI usually sooner")
"""The time that banks need to show a refund, wherever a patient is told: `_(REFUND_TAKES)`."""


@dataclass(frozen=True)
class Quote:
    """The exact refund in paise, until when it holds, and the sentence shown before the click."""

    refund_paise: int
    sentence: str
    changes_at: datetime


def capped(bands: Bands, percent: int) -> Bands:
    """The bands when no more than `percent` of the fee may come back."""
    return tuple((hours, min(of_fee, percent)) for hours, of_fee in bands)


def percent_at(*, bands: Bands, starts_at: datetime, now: datetime) -> int | None:
    """The part of the fee that comes back for cancelling now; None once it is too late. A cutoff belongs to its band."""
    ahead = _ahead(bands, starts_at, now)
    return ahead[0][1] if ahead else None


def in_full(*, bands: Bands, starts_at: datetime, now: datetime) -> bool:
    """True while cancelling costs nothing: the clinic's best band still counts."""
    return percent_at(bands=bands, starts_at=starts_at, now=now) == max(percent for _, percent in bands)


def refund(*, kept_paise: int, fee_paise: int, percent: int) -> int:
    """Paise that go back so that the clinic keeps no more than the rest of the fee; 0 ≤ refund ≤ kept."""
    back = max(0, kept_paise - fee_paise * (100 - percent) // 100)
    if 0 < back < SMALLEST_REFUND_PAISE:
        return SMALLEST_REFUND_PAISE if kept_paise >= SMALLEST_REFUND_PAISE else 0
    return back


def refund_at(
    *, kept_paise: int, fee_paise: int, bands: Bands, starts_at: datetime, now: datetime
) -> int | None:
    """Paise that go back for cancelling now, the sum that `quote` names; None after the last cutoff."""
    percent = percent_at(bands=bands, starts_at=starts_at, now=now)
    return None if percent is None else refund(kept_paise=kept_paise, fee_paise=fee_paise, percent=percent)


def quote(
    *, kept_paise: int, fee_paise: int, bands: Bands, starts_at: datetime, now: datetime, zone: ZoneInfo
) -> Quote | None:
    """The refund for cancelling now, or None after the last cutoff. `kept_paise` is what was paid and not returned."""
    ahead = _ahead(bands, starts_at, now)
    if not ahead:
        return None
    amounts = [
        (ends, refund(kept_paise=kept_paise, fee_paise=fee_paise, percent=percent)) for ends, percent in ahead
    ]
    paise = amounts[0][1]
    changes_at = max(ends for ends, amount in amounts if amount == paise)
    later = next((amount for _, amount in amounts if amount != paise), None)
    until = instant_label(changes_at, zone)
    return Quote(
        paise, f"{_said(paise, kept_paise, fee_paise)} {_changes(until=until, later=later)}", changes_at
    )


def _changes(*, until: str, later: int | None) -> str:
    if later is None:
        return _("Until {time} you can cancel here; after that, only by phone.", time=until)
    if not later:
        return _("That holds until {time}; after that it is nothing.", time=until)
    return _("That holds until {time}; after that it is {refund}.", time=until, refund=rupees(later))


def _said(paise: int, kept_paise: int, fee_paise: int) -> str:
    if kept_paise == 0:
        return _("All that was paid has gone back already.")
    if paise == 0:
        return _("Nothing comes back this close to the visit.")
    if paise == fee_paise == kept_paise:
        return _("You'll get {refund} back, the full fee.", refund=rupees(paise))
    if paise == kept_paise:
        return _("You'll get {refund} back, all that was not yet returned.", refund=rupees(paise))
    return _("You'll get {refund} of {fee} back.", refund=rupees(paise), fee=rupees(fee_paise))


def rule(
    *, kept_paise: int, fee_paise: int, bands: Bands, starts_at: datetime, now: datetime, zone: ZoneInfo
) -> str:
    """The rule for one visit in a line, with its own times and sums."""
    ahead = _ahead(bands, starts_at, now)
    if not ahead:
        return _("This visit is too near to be cancelled online.")
    # Bands that give the same are one: the last cutoff of each amount counts.
    ends = {refund(kept_paise=kept_paise, fee_paise=fee_paise, percent=percent): at for at, percent in ahead}
    parts = [
        _band(instant_label(at, zone), paise, first=not number)
        for number, (paise, at) in enumerate(ends.items())
    ]
    return " ".join([*parts, _("Later it can't be cancelled online: call us.")])


def _band(until: str, paise: int, *, first: bool) -> str:
    if first and paise:
        return _("Cancel by {time}: {refund} back.", time=until, refund=rupees(paise))
    if first:
        return _("Cancel by {time}: nothing back.", time=until)
    if paise:
        return _("By {time}: {refund} back.", time=until, refund=rupees(paise))
    return _("By {time}: nothing back.", time=until)


def _ahead(bands: Bands, starts_at: datetime, now: datetime) -> list[tuple[datetime, int]]:
    """(until when, percent) of the bands that are not over, soonest to end first."""
    ends = [(starts_at - timedelta(hours=hours), percent) for hours, percent in bands]
    # A visit that has begun is never cancelled online, not even by a cutoff of 0 hours.
    return [(at, percent) for at, percent in ends if now <= at and now < starts_at]
