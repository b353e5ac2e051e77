"""The times that a doctor offers: weekly hours without breaks and days off, cut into slots. Pure: no clock, no database.

Hours are wall-clock times of the clinic's zone; slots are UTC instants. When the clocks change:
- a wall time that is skipped (spring) means the instant of the change, so the shift loses the skipped part;
- a wall time that happens twice (autumn) means its first occurrence, so a shift across the change is an hour longer and
  each of its slots is still a different instant.
Both rules keep wall times in the order of instants, so slots of neighbouring shifts and days can't overlap in any zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking_ui.domain.clock import weekday_name
from booking_ui.languages import _

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """A weekly stretch in wall-clock time, Monday is 0: work, or a break inside it."""

    weekday: int
    starts: time
    ends: time
    is_break: bool = False


@dataclass(frozen=True)
class Off:
    """Days without visits, both ends included: one doctor's leave, or a holiday of the whole clinic."""

    first_day: date
    last_day: date
    name: str
    holiday: bool = False

    def covers(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True)
class Plan:
    hours: Sequence[Hours]
    slot_minutes: int
    zone: ZoneInfo
    off: Sequence[Off] = field(default_factory=tuple)

    def off_on(self, day: date) -> Off | None:
        """The leave or holiday that covers `day`; a holiday before leave when both do."""
        reasons = sorted((one for one in self.off if one.covers(day)), key=lambda one: not one.holiday)
        return reasons[0] if reasons else None


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall time; the rules for skipped and repeated ones stand at the top of this file."""
    naive = datetime.combine(day, wall, tzinfo=zone)
    found = naive.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == naive.replace(tzinfo=None):
        return found
    return _clock_change(naive.replace(fold=1).astimezone(UTC), found, zone)


def _clock_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the new offset, which lies in (before, after]; clocks change on whole seconds."""
    new_offset = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        changed = (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == new_offset
        low, high = (low, middle) if changed else (middle, high)
    return (before + timedelta(seconds=high)).replace(microsecond=0)


def day_slots(plan: Plan, day: date) -> list[Span]:
    """The slots of one day as (starts_at, ends_at) in UTC, soonest first; none on a day off.

    A slot lies wholly inside one shift and touches no break. Where two shifts overlap, the later one begins where the
    earlier one ends.
    """
    if plan.off_on(day):
        return []
    length = timedelta(minutes=plan.slot_minutes)
    return [slot for stretch in _open_stretches(plan, day) for slot in _cut(stretch, length)]


def fits(plan: Plan, starts_at: datetime, ends_at: datetime) -> bool:
    """True when a visit lies inside the weekly hours and touches no break; days off are not considered."""
    day = starts_at.astimezone(plan.zone).date()
    return any(begins <= starts_at and ends_at <= ends for begins, ends in _open_stretches(plan, day))


def works(plan: Plan, starts_at: datetime, ends_at: datetime) -> bool:
    """True when the doctor is there for a visit at this time: within the weekly hours, and on no day off."""
    return not plan.off_on(starts_at.astimezone(plan.zone).date()) and fits(plan, starts_at, ends_at)


def slots(plan: Plan, first_day: date, count: int) -> list[Span]:
    return [slot for offset in range(count) for slot in day_slots(plan, first_day + timedelta(days=offset))]


def _spans(plan: Plan, day: date, *, breaks: bool) -> list[Span]:
    return sorted(
        (instant(day, hours.starts, plan.zone), instant(day, hours.ends, plan.zone))
        for hours in plan.hours
        if hours.weekday == day.weekday() and hours.is_break is breaks
    )


def _open_stretches(plan: Plan, day: date) -> Iterator[Span]:
    """Each shift without its breaks and without what an earlier shift already covers."""
    breaks = _spans(plan, day, breaks=True)
    reached = datetime.min.replace(tzinfo=UTC)
    for starts, ends in _spans(plan, day, breaks=False):
        yield from _without((max(starts, reached), ends), breaks)
        reached = max(reached, ends)


def _without(shift: Span, breaks: Iterable[Span]) -> Iterator[Span]:
    """The parts of a shift between its breaks, which come sorted."""
    at, ends = shift
    for break_starts, break_ends in breaks:
        if at < break_starts < ends:
            yield at, break_starts
        if break_starts < ends:
            at = max(at, break_ends)
    if at < ends:
        yield at, ends


def _cut(stretch: Span, length: timedelta) -> Iterator[Span]:
    at, ends = stretch
    while at + length <= ends:
        yield at, at + length
        at += length


def closed_note(plan: Plan, day: date) -> str:
    """The reason, in words, why the day has no visits; empty when it has hours."""
    if off := plan.off_on(day):
        return _("Holiday: {name}", name=off.name) if off.holiday else _("On leave: {name}", name=off.name)
    if any(hours.weekday == day.weekday() and not hours.is_break for hours in plan.hours):
        return ""
    return _("Not working on {weekday}s", weekday=weekday_name(day))


def part_of_day(starts_at: datetime, zone: ZoneInfo) -> str:
    """morning before 12:00, afternoon before 17:00, then evening, by the wall clock of `zone`."""
    hour = starts_at.astimezone(zone).hour
    return "morning" if hour < 12 else "afternoon" if hour < 17 else "evening"
