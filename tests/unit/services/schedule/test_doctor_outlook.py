"""The days on which doctors are free: today, tomorrow, within seven days."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta

import pytest

from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.search.asked import When
from booking_ui.services.schedule import doctor_outlook, slots
from tests.support.schedule import HOLD, NOW, a_doctor, a_patient, occupy, slots_of, works

pytestmark = pytest.mark.usefixtures("db")

TODAY, TOMORROW, WEEK = When.TODAY, When.TOMORROW, When.WEEK


def days(doctor_id: int, ahead: timedelta = timedelta(0), *, doctors: int = 1) -> Set[When]:
    with read() as tx:
        return doctor_outlook.outlooks(tx, doctors=doctors, now=NOW + ahead).free.get(doctor_id, frozenset())


def working(*weekdays: int) -> int:
    doctor_id = a_doctor()
    for weekday in weekdays:
        works(doctor_id, weekday, "09:00", "10:00")
    slots.extend_horizon(now=NOW)
    return doctor_id


@pytest.mark.parametrize(
    ("weekdays", "free"),  # it is a Monday
    [
        ([0], {TODAY, WEEK}), ([1], {TOMORROW, WEEK}), ([0, 1], {TODAY, TOMORROW, WEEK}), ([6], {WEEK}),
        ([2], {WEEK}), ([], set()),
    ],
)  # fmt: skip
def test_days_are_those_of_the_clinic(weekdays: list[int], free: set[When]) -> None:
    assert days(working(*weekdays)) == free


def test_a_time_that_has_begun_is_no_longer_today() -> None:
    assert days(working(0), timedelta(hours=1)) == {TODAY, WEEK}  # 9:00 has begun, 9:30 has not
    assert days(1, timedelta(hours=1, minutes=30)) == set()  # the next Monday is the eighth day


def test_a_booking_takes_a_day_away_and_the_end_of_its_hold_gives_it_back() -> None:
    doctor_id = working(1)
    asha = a_patient()
    assert days(doctor_id) == {TOMORROW, WEEK}
    for slot in slots_of(doctor_id)[:2]:
        occupy(slot.id or 0, asha, AppointmentStatus.PENDING_PAYMENT)
    assert days(doctor_id) == set()
    assert days(doctor_id, HOLD) == {TOMORROW, WEEK}


def test_a_large_clinic_is_read_again_after_ten_seconds() -> None:
    doctor_id, asha = working(1), a_patient()
    large = doctor_outlook.SMALL + 1
    assert days(doctor_id, doctors=large) == {TOMORROW, WEEK}
    for slot in slots_of(doctor_id)[:2]:
        occupy(slot.id or 0, asha)
    assert days(doctor_id, timedelta(seconds=9), doctors=large) == {TOMORROW, WEEK}
    assert days(doctor_id, timedelta(seconds=10), doctors=large) == set()
    assert days(doctor_id, timedelta(seconds=9), doctors=large) == set()  # nobody goes back in time


def test_a_large_clinic_is_read_again_at_midnight() -> None:
    doctor_id, large = working(1), doctor_outlook.SMALL + 1
    before_midnight = timedelta(hours=15, minutes=59, seconds=55)
    assert days(doctor_id, before_midnight, doctors=large) == {TOMORROW, WEEK}
    assert days(doctor_id, before_midnight + timedelta(seconds=6), doctors=large) == {TODAY, WEEK}
