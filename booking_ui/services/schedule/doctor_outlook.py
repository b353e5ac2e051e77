"""The next free time of each doctor, for filters and the order of many; two looks into the index of slots for each doctor.

A small clinic is read anew each time. In a large one the answer may be ten seconds old: a doctor may then stand in
a wrong place of a list, but the times on the cards are read when they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Doctor, Slot
from booking_ui.db.session import Database, database
from booking_ui.domain import clock
from booking_ui.domain.clinic import schedule
from booking_ui.domain.search.asked import Free, When
from booking_ui.services.schedule import slots

SMALL = 300  # doctors
_MAY_BE_OLD = timedelta(seconds=10)


class Outlook(NamedTuple):
    """The first free instant of a doctor, and the first one of tomorrow or later; None when there is none ahead."""

    first: datetime | None
    from_tomorrow: datetime | None


NOTHING = Outlook(None, None)


@dataclass(frozen=True)
class Days:
    """The instants at which today, tomorrow and the seven days from today end."""

    today: datetime
    tomorrow: datetime
    week: datetime

    def free(self, one: Outlook) -> frozenset[When]:
        """The choices that a doctor with this outlook fits."""
        fits = {
            When.TODAY: one.first is not None and one.first < self.today,
            When.TOMORROW: one.from_tomorrow is not None and one.from_tomorrow < self.tomorrow,
            When.WEEK: one.first is not None and one.first < self.week,
        }
        return frozenset(when for when, holds in fits.items() if holds)


def days(now: datetime) -> Days:
    today = clock.today(now, settings().zone)
    return Days(*(_midnight(today + timedelta(days=ahead)) for ahead in (1, 2, 7)))


def free_days(tx: Session, *, doctors: int, now: datetime) -> Free:
    """The choices of days that each doctor fits."""
    ends = days(now)
    return {one: ends.free(seen) for one, seen in outlooks(tx, doctors=doctors, now=now).items()}


def outlooks(tx: Session, *, doctors: int, now: datetime) -> Mapping[int, Outlook]:
    """The outlook of every bookable doctor with a free time, of whom there are so many."""
    return _perhaps_old(tx, now) if doctors > SMALL else _read(tx, now)


class _Seen(NamedTuple):
    since: datetime
    today: date
    found: Mapping[int, Outlook]


_seen: WeakKeyDictionary[Database, _Seen] = WeakKeyDictionary()


def _perhaps_old(tx: Session, now: datetime) -> Mapping[int, Outlook]:
    today = clock.today(now, settings().zone)
    seen = _seen.get(database())
    if seen is None or seen.today != today or not seen.since <= now < seen.since + _MAY_BE_OLD:
        _seen[database()] = seen = _Seen(now, today, _read(tx, now))
    return seen.found


def _read(tx: Session, now: datetime) -> dict[int, Outlook]:
    mine = (
        select(Slot.starts_at)
        .where(Slot.doctor_id == Doctor.id, slots.free(now))
        .order_by(col(Slot.starts_at))
        .limit(1)
    )
    later = mine.where(col(Slot.starts_at) >= days(now).today)
    looks = [one.correlate(Doctor).scalar_subquery() for one in (mine, later)]
    rows = tx.connection().execute(sa.select(col(Doctor.id), *looks).where(col(Doctor.active).is_(True)))
    return {doctor_id: Outlook(first, second) for doctor_id, first, second in rows if first is not None}


def _midnight(day: date) -> datetime:
    return schedule.instant(day, time.min, settings().zone)
