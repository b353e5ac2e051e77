"""Keeping the coming days filled, on both databases: slots follow hours and leave, whoever runs it and how often."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from threading import Barrier

import pytest

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import DayOff, Doctor, WorkingHours
from booking_ui.db.session import Database, write
from booking_ui.domain.appointment import LIVE, AppointmentStatus
from booking_ui.domain.clinic.schedule import Hours, Plan
from booking_ui.services.journal import changes
from booking_ui.services.schedule import horizon
from tests.support.races import until_it_waits_for_a_lock
from tests.support.rows import keep
from tests.support.schedule import (
    NOW,
    TUESDAY_NINE,
    a_doctor,
    a_patient,
    an_appointment,
    chandra,
    counted,
    extend,
    first_slot,
    occupy,
    set_status,
    slot_at,
    slots_of,
    works,
)

HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("db")
BOOKED = sorted(LIVE - {AppointmentStatus.PENDING_PAYMENT})
OVER = sorted(set(AppointmentStatus) - LIVE)


def test_the_horizon_is_filled_from_today_to_its_last_day() -> None:
    doctor_id = chandra()
    assert extend() == 16
    starts = [one.starts_at for one in slots_of(doctor_id)]
    assert (starts[0], starts[-1]) == (TUESDAY_NINE, datetime(2026, 12, 3, 4, 0, tzinfo=UTC))
    assert extend(NOW + DAY * 14) == 16  # 7 December to 21 December: two more weeks


def test_the_last_day_of_the_horizon_is_filled_too() -> None:
    works(doctor_id := a_doctor(), 0, "09:00", "09:30")
    extend()
    assert [one.starts_at for one in slots_of(doctor_id)] == [
        datetime(2026, 11, day, 3, 30, tzinfo=UTC) for day in (23, 30)
    ] + [datetime(2026, 12, 7, 3, 30, tzinfo=UTC)]


def test_filling_again_changes_nothing() -> None:
    doctor_id = chandra()
    extend()
    before = [one.model_dump() for one in slots_of(doctor_id)]
    told: list[str] = []
    changes.listen(told.append)
    with counted() as statements:
        assert extend() == 0
    assert [one.model_dump() for one in slots_of(doctor_id)] == before
    assert not [one for one in statements if one.startswith(("INSERT", "UPDATE"))]
    assert told == []


def test_a_new_slot_begins_after_now() -> None:
    doctor_id = chandra()
    extend(TUESDAY_NINE + HALF_HOUR)
    assert slots_of(doctor_id)[0].starts_at == TUESDAY_NINE + 2 * HALF_HOUR


def test_a_holiday_closes_every_doctor_and_leave_one() -> None:
    one, other = chandra(), a_doctor("Dr Ezhil")
    works(other, 1, "09:00", "09:30")
    works(other, 3, "09:00", "09:30")
    keep(DayOff(first_day=date(2026, 11, 24), last_day=date(2026, 11, 24), name="Guru Nanak Jayanti"))
    keep(
        DayOff(doctor_id=one, first_day=date(2026, 11, 26), last_day=date(2026, 12, 1), name="family wedding")
    )
    extend()
    assert {slot.starts_at.day for slot in slots_of(one)} == {3}
    assert {slot.starts_at.day for slot in slots_of(other)} == {26, 1, 3}


def test_slots_that_left_the_hours_are_withdrawn_and_come_back_with_them() -> None:
    doctor_id, _ = first_slot()
    with write() as tx:
        hours = tx.get_one(WorkingHours, 1)
        hours.starts = hours.starts.replace(hour=10)
    assert extend() == 0
    gone = slots_of(doctor_id, withdrawn=True)
    assert [one.starts_at for one in gone] == [
        TUESDAY_NINE, TUESDAY_NINE + HALF_HOUR, TUESDAY_NINE + 7 * DAY, TUESDAY_NINE + 7 * DAY + HALF_HOUR,
    ]  # fmt: skip
    with write() as tx:
        hours = tx.get_one(WorkingHours, 1)
        hours.starts = hours.starts.replace(hour=9)
    assert extend() == 0
    assert slots_of(doctor_id, withdrawn=True) == []
    assert len(slots_of(doctor_id)) == 16


def test_slots_that_have_begun_are_left_as_they_are() -> None:
    doctor_id, slot_id = first_slot()
    with write() as tx:
        tx.delete(tx.get_one(WorkingHours, 1))
    extend(TUESDAY_NINE)
    assert slots_of(doctor_id)[0].id == slot_id
    assert TUESDAY_NINE + HALF_HOUR not in {one.starts_at for one in slots_of(doctor_id)}


@pytest.mark.parametrize("status", sorted(LIVE))
def test_a_slot_with_a_live_booking_is_withdrawn_as_the_others_and_comes_back_with_its_hours(
    status: AppointmentStatus,
) -> None:
    """Whoever has it keeps it; it must be gone when she gives it up, not an hour later."""
    doctor_id, slot_id = first_slot()
    occupy(slot_id, a_patient(), status)
    with write() as tx:
        hours = tx.get_one(WorkingHours, 1)
        tx.delete(hours)
    extend()
    assert slots_of(doctor_id, withdrawn=True)[0].id == slot_id
    assert len(slots_of(doctor_id, withdrawn=True)) == 8
    works(doctor_id, 1, "09:00", "11:00")
    extend()
    assert slots_of(doctor_id, withdrawn=True) == []


def test_nothing_new_is_offered_across_a_booked_slot_of_the_old_grid() -> None:
    """Half hours become three quarters: 9:30 stays booked, so 9:00 to 9:45 and 9:45 to 10:30 can't be offered."""
    doctor_id = chandra()
    extend()
    visit = occupy(half_past := slot_at(doctor_id, TUESDAY_NINE + HALF_HOUR), a_patient())
    with write() as tx:
        tx.get_one(Doctor, doctor_id).slot_minutes = 45
    extend()
    offered = slots_of(doctor_id)
    assert all(sooner.ends_at <= later.starts_at for sooner, later in pairwise(offered))
    tuesday = (TUESDAY_NINE + timedelta(hours=8), timedelta(minutes=45))
    assert _lengths(doctor_id) == [tuesday]
    assert half_past in {one.id for one in slots_of(doctor_id, withdrawn=True)}
    set_status(visit, AppointmentStatus.CANCELLED)
    extend()
    quarters = [TUESDAY_NINE + n * timedelta(minutes=45) for n in range(2)]
    assert _lengths(doctor_id) == [*((at, timedelta(minutes=45)) for at in quarters), tuesday]


def _lengths(doctor_id: int) -> list[tuple[datetime, timedelta]]:
    """What is offered on the first Tuesday."""
    first_day = (one for one in slots_of(doctor_id) if one.starts_at < TUESDAY_NINE + DAY)
    return [(one.starts_at, one.ends_at - one.starts_at) for one in first_day]


def test_a_slot_takes_its_new_length_unless_it_was_ever_booked() -> None:
    """A failed booking may still be paid late and carries the old end."""
    doctor_id, slot_id = first_slot()
    occupy(slot_id, a_patient(), AppointmentStatus.FAILED)
    with write() as tx:
        tx.get_one(Doctor, doctor_id).slot_minutes = 20
    extend()
    lengths = {one.starts_at: one.ends_at - one.starts_at for one in slots_of(doctor_id)}
    assert TUESDAY_NINE not in lengths
    assert lengths[TUESDAY_NINE + 7 * DAY] == timedelta(minutes=20)
    assert set(lengths.values()) == {timedelta(minutes=20)}


def test_a_doctor_who_left_loses_her_times() -> None:
    doctor_id, slot_id = first_slot()
    occupy(slot_id, a_patient())
    with write() as tx:
        tx.get_one(Doctor, doctor_id).active = False
    extend()
    assert slots_of(doctor_id) == []


def test_whoever_watches_a_doctor_learns_of_changed_times_only() -> None:
    doctor_id = chandra()
    works(other := a_doctor("Dr Ezhil"), 1, "09:00", "09:30")
    extend()
    told: list[str] = []
    changes.listen(told.append)
    with write() as tx:
        tx.get_one(Doctor, other).slot_minutes = 15
    extend()
    assert told == [f"doctor:{other}"]
    assert doctor_id != other


def test_two_that_fill_at_once_make_every_slot_once() -> None:
    doctor_id = chandra()
    start = Barrier(4)

    def run() -> int:
        start.wait()
        return extend()

    with ThreadPoolExecutor(4) as pool:
        made = sorted(pool.map(lambda _: run(), range(4)))
    assert made == [0, 0, 0, 16]
    assert len({one.starts_at for one in slots_of(doctor_id)}) == 16


def test_two_processes_that_fill_at_once_make_every_slot_once(db: Database) -> None:
    doctor_id = chandra()
    program = "from datetime import datetime; from booking_ui.services.schedule import slots; import sys; "
    program += "print(slots.extend_horizon(now=datetime.fromisoformat(sys.argv[1])))"
    command = [sys.executable, "-c", program, NOW.isoformat()]
    env = {**os.environ, "DATABASE_URL": db.url}
    pair = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(int(one.communicate(timeout=60)[0]) for one in pair)
    assert said == [0, 16]
    assert len({one.starts_at for one in slots_of(doctor_id)}) == 16


def test_without_the_doctors_lock_the_database_still_keeps_one_slot_per_time(db: Database) -> None:
    doctor_id = chandra()
    plan = Plan([Hours(1, time(9), time(11))], 30, settings().zone)
    other = Database(db.url)
    try:
        with ThreadPoolExecutor(1) as pool:
            with db.write() as first:
                assert horizon.fill(first, {doctor_id: plan}, NOW) == 8
                second = pool.submit(_fill_in, other, {doctor_id: plan})
            second.result(30)
    finally:
        other.dispose()
    assert len(slots_of(doctor_id)) == 8


def _fill_in(where: Database, plans: dict[int, Plan]) -> int:
    with where.write() as tx:
        return horizon.fill(tx, plans, NOW)


def test_a_slot_that_is_being_claimed_while_hours_change_is_withdrawn_under_its_booking(db: Database) -> None:
    """The claim holds the slot's lock; the change waits for it, so nothing is offered across the booking."""
    doctor_id, slot_id = first_slot()
    patient = a_patient()
    with write() as tx:
        tx.get_one(Doctor, doctor_id).slot_minutes = 20
    with ThreadPoolExecutor(1) as pool:
        with db.write() as claim:
            slot = locks.slot(claim, slot_id)
            assert slot is not None
            change = pool.submit(extend)
            until_it_waits_for_a_lock(db, who="the change")
            claim.add(an_appointment(slot, patient))
        change.result(30)
    assert slot_id in {one.id for one in slots_of(doctor_id, withdrawn=True)}
    assert slots_of(doctor_id)[0].starts_at == TUESDAY_NINE + timedelta(minutes=40)
