"""Bring the stored slots in step with the plans: add new days, follow changed hours and leave.

A slot that no longer fits is withdrawn, never deleted, because bookings point at it. A live booking keeps its time all the
same, and nothing is offered across it, so no two visits of a doctor overlap; when it ends, nobody else gets that time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.inserts import unless_known
from booking_ui.db.models import Appointment, Slot
from booking_ui.domain import clock
from booking_ui.domain.appointment import LIVE
from booking_ui.domain.clinic import schedule
from booking_ui.services.journal import changes

_LONGEST_SLOT = timedelta(days=1)  # lets "has not ended" use the index on starts_at


@dataclass(frozen=True)
class Stored:
    """A slot of the database that has not ended."""

    id: int
    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    withdrawn: bool


@dataclass
class Changes:
    """The writes that bring the slots in step with the plans; slot ids, except where a new one is described."""

    withdraw: list[int] = field(default_factory=list)
    restore: list[int] = field(default_factory=list)
    resize: list[tuple[int, datetime]] = field(default_factory=list)
    insert: list[tuple[int, datetime, datetime]] = field(default_factory=list)

    def size(self) -> int:
        return len(self.withdraw) + len(self.restore) + len(self.resize) + len(self.insert)


def fill(tx: Session, plans: Mapping[int, schedule.Plan], now: datetime) -> int:
    """Make what is missing of each plan from today to the horizon, withdraw what left it; the number of new slots.

    The caller holds the doctors' locks, so two runs take turns. A doctor without a plan is left alone: they were added
    after the locks were taken. A patient who is claiming a misfit at this moment either has committed, so that the rest
    of this transaction sees the visit, or finds the slot withdrawn.
    """
    first, ahead = clock.today(now, settings().zone), settings().booking_horizon_days + 1
    wanted = {
        doctor_id: {at: ends for at, ends in schedule.slots(plan, first, ahead) if at > now}
        for doctor_id, plan in plans.items()
    }
    stored = _stored(tx, now)
    locks.slots(tx, _astray(wanted, stored, now))
    booked = _booked(tx, now)
    plan_of_change = Changes()
    touched = [
        doctor_id
        for doctor_id, spans in wanted.items()
        if _compare(doctor_id, spans, stored[doctor_id], booked, now, plan_of_change)
    ]
    _apply(tx, plan_of_change)
    changes.announce(tx, *(f"doctor:{doctor_id}" for doctor_id in sorted(touched)))
    return len(plan_of_change.insert)


def _stored(tx: Session, now: datetime) -> defaultdict[int, list[Stored]]:
    query = sa.select(
        col(Slot.id), col(Slot.doctor_id), col(Slot.starts_at), col(Slot.ends_at), col(Slot.withdrawn)
    ).where(col(Slot.starts_at) > now - _LONGEST_SLOT, col(Slot.ends_at) > now)
    found: defaultdict[int, list[Stored]] = defaultdict(list)
    for row in tx.connection().execute(query).mappings():
        found[row["doctor_id"]].append(Stored(**row))
    return found


def _astray(
    wanted: Mapping[int, Mapping[datetime, datetime]], stored: Mapping[int, Sequence[Stored]], now: datetime
) -> list[int]:
    """Every stored slot that may have to be written: the misfits, and the withdrawn ones at a wanted beginning."""
    return [
        one.id
        for doctor_id, spans in wanted.items()
        for one in stored[doctor_id]
        if _misfit(one, spans, now) or (one.withdrawn and one.starts_at in spans)
    ]


def _misfit(one: Stored, spans: Mapping[datetime, datetime], now: datetime) -> bool:
    return not one.withdrawn and one.starts_at > now and spans.get(one.starts_at) != one.ends_at


def _booked(tx: Session, now: datetime) -> frozenset[int]:
    query = (
        sa.select(col(Appointment.slot_id))
        .join(Slot, col(Slot.id) == Appointment.slot_id)
        .where(col(Appointment.status).in_(sorted(LIVE)), col(Slot.starts_at) > now - _LONGEST_SLOT)
    )
    return frozenset(tx.connection().execute(query).scalars())


def _compare(
    doctor_id: int,
    spans: Mapping[datetime, datetime],
    rows: Collection[Stored],
    booked: frozenset[int],
    now: datetime,
    found: Changes,
) -> bool:
    """Add one doctor's writes to `found`; True if the doctor then offers other times."""
    in_the_way = [one for one in rows if one.id in booked and spans.get(one.starts_at) != one.ends_at]
    at_start = {one.starts_at: one for one in rows}
    before = found.size()
    found.withdraw += [one.id for one in rows if _misfit(one, spans, now)]
    for starts_at, ends_at in spans.items():
        if any(starts_at < one.ends_at and one.starts_at < ends_at for one in in_the_way):
            continue
        one = at_start.get(starts_at)
        if one is None:
            found.insert.append((doctor_id, starts_at, ends_at))
        elif one.ends_at != ends_at:
            found.resize.append((one.id, ends_at))
        elif one.withdrawn:
            found.restore.append(one.id)
    return before != found.size()


def _apply(tx: Session, found: Changes) -> None:
    _offer(tx, found.withdraw, withdrawn=True)
    _offer(tx, found.restore, withdrawn=False)
    # A failed booking may be tried again or paid late and carries its own end, so a slot that was ever booked keeps its.
    never_booked = ~sa.exists().where(col(Appointment.slot_id) == Slot.id)
    resize = sa.update(Slot).where(col(Slot.id) == sa.bindparam("slot"), never_booked)
    _many(
        tx,
        resize.values(ends_at=sa.bindparam("ends"), withdrawn=False),
        [{"slot": slot_id, "ends": ends_at} for slot_id, ends_at in found.resize],
    )
    _many(
        tx,
        unless_known(tx, Slot),
        [
            {"doctor_id": doctor_id, "starts_at": starts_at, "ends_at": ends_at, "withdrawn": False}
            for doctor_id, starts_at, ends_at in found.insert
        ],
    )


def _offer(tx: Session, slot_ids: Iterable[int], *, withdrawn: bool) -> None:
    """Withdraw slots or offer them again; their rows are ours."""
    update = sa.update(Slot).where(col(Slot.id) == sa.bindparam("slot")).values(withdrawn=withdrawn)
    _many(tx, update, [{"slot": slot_id} for slot_id in slot_ids])


def _many(tx: Session, statement: sa.Executable, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.connection().execute(statement, rows)
