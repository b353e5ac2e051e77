"""The desk's list of doctors: what lies ahead of each, and the days on which they are not there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.services.schedule import leave
from booking_ui.services.schedule.doctor_list import list_doctors
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import DoctorList
from tests.support.schedule import (
    NOW,
    TUESDAY_NINE,
    a_doctor,
    a_patient,
    extend,
    first_slot,
    occupy,
    slot_at,
    works,
)

pytestmark = pytest.mark.usefixtures("db")

DEVI = Principal(1, "Devi", "devi@example.com", "", "admin")
TUESDAY = date(2026, 11, 24)


def close(doctor_id: int, first: date, last: date, name: str) -> None:
    leave.close_days(admin=DEVI, doctor_id=doctor_id, first_day=first, last_day=last, name=name, now=NOW)


def test_a_clinic_without_doctors_has_an_empty_list() -> None:
    assert list_doctors(now=NOW) == DoctorList(until_label="Mon 7 Dec")


def test_free_times_and_visits_ahead_are_counted_for_each_doctor() -> None:
    doctor_id, nine = first_slot()
    patient = a_patient()
    occupy(nine, patient)
    half_past = slot_at(doctor_id, TUESDAY_NINE + timedelta(minutes=30))
    occupy(half_past, patient, AppointmentStatus.PENDING_PAYMENT)
    other = a_doctor("Dr Ezhil Arasan")
    works(other, 1, "09:00", "10:00")
    extend()
    found = list_doctors(now=NOW)
    assert found.until_label == "Mon 7 Dec"
    assert [(one.name, one.initials, one.free_times, one.visits) for one in found.doctors] == [
        ("Dr Chandra Rao", "CR", 14, 2),
        ("Dr Ezhil Arasan", "EA", 4, 0),
    ]


def test_days_off_stand_with_their_doctor_or_with_the_clinic_and_count_their_visits() -> None:
    doctor_id, nine = first_slot()
    occupy(nine, a_patient())
    close(doctor_id, TUESDAY, TUESDAY + timedelta(days=2), "Family wedding")
    close(0, TUESDAY, TUESDAY, "Guru Nanak Jayanti")
    found = list_doctors(now=NOW)
    [chandra] = found.doctors
    assert [(one.name, one.days_label, one.visits) for one in chandra.off] == [
        ("Family wedding", "Tue 24 Nov to Thu 26 Nov", 1)
    ]
    assert [(one.name, one.days_label, one.visits) for one in found.holidays] == [
        ("Guru Nanak Jayanti", "Tue 24 Nov", 1)
    ]
    assert list_doctors(now=NOW + timedelta(days=3)).holidays == []
