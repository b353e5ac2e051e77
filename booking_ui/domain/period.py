"""Periods of whole days in the clinic's zone, for lists and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking_ui.domain.clock import day_label
from booking_ui.domain.errors import FieldError
from booking_ui.languages import N_, _

LONGEST = 366
"""Days of the longest period a report covers."""


@dataclass(frozen=True)
class Span:
    """From `start` up to, not including, `end`; None is open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def label(self) -> str:
        """Sun 1 Nov – Sat 21 Nov; one day stands alone."""
        ends = day_label(self.last)
        return ends if self.first == self.last else f"{day_label(self.first)} – {ends}"

    def parts(self, days: int) -> Iterator[Period]:
        """The period cut into shorter ones of at most `days` days, the earliest first."""
        for begin in range(0, self.days, days):
            first = self.first + timedelta(days=begin)
            yield Period(first, min(self.last, first + timedelta(days=days - 1)))

    def span(self, zone: ZoneInfo) -> Span:
        return span(self.first, self.last, zone)


def span(first: date | None, last: date | None, zone: ZoneInfo) -> Span:
    """The instants from the first day's midnight to the one after the last day; None leaves that end open."""
    starts = datetime.combine(first, time(), zone) if first else None
    ends = datetime.combine(last + timedelta(days=1), time(), zone) if last else None
    return Span(starts, ends)


def order_problems(first: date | None, last: date | None, *, field: str = "dateTo") -> list[FieldError]:
    if first and last and first > last:
        return [FieldError(field, _("The last day must not be before the first."))]
    return []


def _last_month(today: date) -> Period:
    last = today.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


PRESETS: dict[str, tuple[str, Callable[[date], Period]]] = {
    "this-month": (N_("This month"), lambda today: Period(today.replace(day=1), today)),
    "last-month": (N_("Last month"), _last_month),
    "last-7-days": (N_("Last 7 days"), lambda today: Period(today - timedelta(days=6), today)),
    "last-30-days": (N_("Last 30 days"), lambda today: Period(today - timedelta(days=29), today)),
}
"""Key in an address → (label in English, the period on a given day). Today counts; the first is the default."""

DEFAULT = "this-month"


def _from_today(today: date, ahead: int, days: int = 1) -> Period:
    first = today + timedelta(days=ahead)
    return Period(first, first + timedelta(days=days - 1))


AHEAD: dict[str, tuple[str, Callable[[date], Period]]] = {
    "today": (N_("Today"), lambda today: _from_today(today, 0)),
    "tomorrow": (N_("Tomorrow"), lambda today: _from_today(today, 1)),
    "next-7-days": (N_("Next 7 days"), lambda today: _from_today(today, 0, 7)),
}
"""Periods ahead, for the desk's daily work, in the form of PRESETS."""


def day_of(text: str) -> date | None:
    """The ISO day in an address, if it lies in this century: browsers send 0002-11-24 while a year is typed."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None


def preset(name: str, today: date) -> Period:
    """The period of a key in PRESETS; an unknown key is the default."""
    return PRESETS.get(name, PRESETS[DEFAULT])[1](today)
