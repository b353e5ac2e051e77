"""The next free time of each doctor, for filters and the order of many; two looks into the index of slots for each doctor.

A small clinic is read anew each time. In a large one the answer may be ten seconds old: a doctor may then stand in
a wrong place of a list, but the times on the cards are read when they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from threading import Lock
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


class Outlooks(NamedTuple):
    """The outlook of every bookable doctor who has a free time, and the choices of days that each of them fits."""

    seen: Mapping[int, Outlook]
    free: Free


def outlooks(tx: Session, *, doctors: int, now: datetime) -> Outlooks:
    """`doctors` is the number of those who can be booked."""
    return _perhaps_old(tx, now) if doctors > SMALL else _read(tx, now)


class _Kept(NamedTuple):
    since: datetime
    today: date
    found: Outlooks

    def holds(self, now: datetime, today: date) -> bool:
        return self.today == today and self.since <= now < self.since + _MAY_BE_OLD


_reading = Lock()
_kept: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()


def _perhaps_old(tx: Session, now: datetime) -> Outlooks:
    today = clock.today(now, settings().zone)
    kept = _kept.get(database())
    if kept is not None and kept.holds(now, today):
        return kept.found
    # One reads anew; the others go on with the old answer meanwhile, unless it is of another day.
    usable = kept is not None and kept.today == today
    if not _reading.acquire(blocking=not usable):
        return kept.found if kept is not None else _read(tx, now)
    try:
        kept = _kept.get(database())
        if kept is None or not kept.holds(now, today):
            _kept[database()] = kept = _Kept(now, today, _read(tx, now))
        return kept.found
    finally:
        _reading.release()


def _read(tx: Session, now: datetime) -> Outlooks:
    mine = (
        select(Slot.starts_at)
        .where(Slot.doctor_id == Doctor.id, slots.free(now))
        .order_by(col(Slot.starts_at))
        .limit(1)
    )
    ends = days(now)
    later = mine.where(col(Slot.starts_at) >= ends.today)
    looks = [one.correlate(Doctor).scalar_subquery() for one in (mine, later)]
    rows = tx.connection().execute(sa.select(col(Doctor.id), *looks).where(col(Doctor.active).is_(True)))
    seen = {doctor_id: Outlook(first, second) for doctor_id, first, second in rows if first is not None}
    return Outlooks(seen, {doctor_id: ends.free(one) for doctor_id, one in seen.items()})


def _midnight(day: date) -> datetime:
    return schedule.instant(day, time.min, settings().zone)
