"""The times of doctors and who is on them, from memory until anybody commits anything.

Time passing changes nothing: entries hold the ends of holds, not whether they are over. With REDIS_URL the processes on
one PostgreSQL share what each of them read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, and_, col

from booking_ui.db import holds, memory
from booking_ui.db.models import Appointment, Slot
from booking_ui.db.session import Stamp, read
from booking_ui.domain.appointment import LIVE, AppointmentStatus
from booking_ui.gateways import redis
from booking_ui.services.visits import terms

FREE, HELD, BOOKED = "free", "held", "booked"


class Time(NamedTuple):
    """An offered slot and who is on it: booked, held until an instant, or nobody."""

    slot_id: int
    starts_at: datetime
    booked: bool
    held_until: datetime | None

    def status(self, now: datetime) -> str:
        """free, held or booked at `now`; a hold whose time is up is nobody's."""
        if self.booked:
            return BOOKED
        return HELD if holds.lasts(self.held_until, now) else FREE


# ── The times of one doctor ───────────────────────────────────────────────────────────────────────────────────────


def times(tx: Session, *, doctor_id: int, now: datetime) -> Sequence[Time]:
    """Every time of the doctor that patients may still book, soonest first, with who is on it."""

    def load(stamp: Stamp) -> tuple[datetime, list[Time]]:
        return now, _shared(tx, doctor_id, now, stamp)

    _, found = memory.remembered_while(tx, ("times", doctor_id), load, lambda entry: entry[0] <= now)
    earliest = terms.earliest_start(now)
    return [one for one in found if one.starts_at > earliest]


def nearest(tx: Session, *, doctor_id: int, around: datetime, now: datetime, count: int) -> list[Time]:
    """The doctor's `count` free times closest to `around`, that very time left out; soonest first."""
    ahead = times(tx, doctor_id=doctor_id, now=now)
    free = (one for one in ahead if one.starts_at != around and one.status(now) == FREE)
    closest = sorted(free, key=lambda one: (abs(one.starts_at - around), one.starts_at))
    return sorted(closest[:count], key=lambda one: one.starts_at)


def fingerprints(*, doctor_ids: Sequence[int], now: datetime) -> dict[int, int]:
    """A number for the times on each doctor's page at `now`; it changes when the page must be drawn again."""
    with read() as tx:
        return {one: hash(tuple(_shown(tx, one, now))) for one in doctor_ids}


def _shown(tx: Session, doctor_id: int, now: datetime) -> Iterator[tuple[int, str]]:
    return ((one.slot_id, one.status(now)) for one in times(tx, doctor_id=doctor_id, now=now))


_TIMES = (
    sa.select(col(Slot.id), col(Slot.starts_at), col(Appointment.status), col(Appointment.hold_expires_at))
    .outerjoin(
        Appointment, and_(col(Appointment.slot_id) == Slot.id, col(Appointment.status).in_(sorted(LIVE)))
    )
    .where(
        col(Slot.doctor_id) == sa.bindparam("doctor_id"),
        col(Slot.withdrawn).is_(False),
        col(Slot.starts_at) > sa.bindparam("now"),
    )
    .order_by(col(Slot.starts_at))
)


def _read(tx: Session, doctor_id: int, now: datetime) -> list[Time]:
    rows = tx.connection().execute(_TIMES, {"doctor_id": doctor_id, "now": now}).mappings()
    return [
        Time(row["id"], row["starts_at"], *_occupied(row["status"], row["hold_expires_at"])) for row in rows
    ]


def _occupied(status: AppointmentStatus | None, hold_ends: datetime | None) -> tuple[bool, datetime | None]:
    if status is AppointmentStatus.PENDING_PAYMENT:
        return False, hold_ends
    return status is not None, None


def _shared(tx: Session, doctor_id: int, now: datetime, stamp: Stamp) -> list[Time]:
    """From Redis, if another process read them under this stamp; else read here and left there for the others."""
    if not stamp.everywhere:
        return _read(tx, doctor_id, now)
    key = f"times:{stamp.value}:{doctor_id}"
    if (text := redis.load_text(key)) and (found := _unpacked(text, now)) is not None:
        return found
    found = _read(tx, doctor_id, now)
    redis.save_text(key, _packed(found, now))
    return found


def _packed(found: Sequence[Time], since: datetime) -> str:
    rows = [
        (one.slot_id, one.starts_at.timestamp(), one.booked, one.held_until and one.held_until.timestamp())
        for one in found
    ]
    return json.dumps({"since": since.timestamp(), "times": rows})


def _unpacked(text: str, now: datetime) -> list[Time] | None:
    """None when it was read at a later `now`: times in between are missing."""
    stored = json.loads(text)
    if stored["since"] > now.timestamp():
        return None
    return [Time(slot_id, _instant(at), booked, _instant(ends) if ends else None)
            for slot_id, at, booked, ends in stored["times"]]  # fmt: skip


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# ── The next free times of many ───────────────────────────────────────────────────────────────────────────────────


class _Next(NamedTuple):
    """Good from the instant it was read until a time can no longer be booked or a hold ends."""

    since: datetime
    until: datetime | None
    slots: dict[int, list[Slot]]


def next_free(
    tx: Session, *, doctor_ids: Sequence[int], now: datetime, read: Callable[[], dict[int, list[Slot]]]
) -> dict[int, list[Slot]]:
    """The answer of `read()`, from memory until a commit, the last instant to book a time or the end of a hold."""

    def load(_: Stamp) -> _Next:
        slots = read()
        notice = terms.earliest_start(now) - now
        begins = [one.starts_at - notice for rows in slots.values() for one in rows[:1]]
        hold_ends = tx.connection().execute(_NEXT_END, {"now": now}).scalar()
        return _Next(now, min([*begins, *([hold_ends] if hold_ends else [])], default=None), slots)

    def fits(one: _Next) -> bool:
        return one.since <= now and (one.until is None or now < one.until)

    return memory.remembered_while(tx, ("next", tuple(doctor_ids)), load, fits).slots


_NEXT_END = sa.select(sa.func.min(col(Appointment.hold_expires_at))).where(holds.held(sa.bindparam("now")))
