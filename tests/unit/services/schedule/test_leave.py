"""The desk closes and opens days: free times follow at once, visits stay."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from booking_ui.db.models import AuditEntry, DayOff
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import BadInput, NotFound
from booking_ui.languages import speaking
from booking_ui.services.journal import audit
from booking_ui.services.schedule import doctor_list, leave, slots
from booking_ui.services.views import Principal
from tests.support.schedule import (
    NOW,
    TUESDAY_NINE,
    a_doctor,
    a_patient,
    chandra,
    extend,
    first_slot,
    occupy,
    slot_at,
    works,
)

pytestmark = pytest.mark.usefixtures("db")

DEVI = Principal(1, "Devi", "devi@example.com", "", "admin")
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)


def close(
    doctor_id: int, first: date = TUESDAY, last: date = TUESDAY, name: str = "Family wedding"
) -> list[str]:
    affected = leave.close_days(
        admin=DEVI, doctor_id=doctor_id, first_day=first, last_day=last, name=name, now=NOW
    )
    return [one.reference for one in affected]


def free_on(doctor_id: int, day: date) -> int:
    return slots.days(doctor_id=doctor_id, now=NOW, first_day=day, count=1)[0].free_count


def trail(subject: str) -> list[tuple[str, str, str, str]]:
    with read() as tx:
        return [(e.action, e.before, e.after, e.reason) for e in audit.trail(tx, subject)]


def test_leave_takes_the_free_times_of_its_days_at_once_and_names_the_visits() -> None:
    doctor_id, nine = first_slot()
    patient = a_patient()
    occupy(nine, patient)
    occupy(
        slot_at(doctor_id, TUESDAY_NINE + timedelta(minutes=30)), patient, AppointmentStatus.PENDING_PAYMENT
    )
    assert free_on(doctor_id, TUESDAY) == 4
    assert len(close(doctor_id)) == 2
    assert free_on(doctor_id, TUESDAY) == 0
    assert slots.days(doctor_id=doctor_id, now=NOW)[1].note == "On leave: Family wedding"
    assert free_on(doctor_id, TUESDAY + timedelta(days=7)) == 6
    assert trail(f"doctor:{doctor_id}") == [("closed", "", "2026-11-24 to 2026-11-24", "Family wedding")]


def test_a_holiday_closes_every_doctor_and_is_opened_again() -> None:
    one = chandra()
    two = a_doctor("Dr Ezhil Arasan")
    works(two, 1, "09:00", "10:00")
    extend()
    assert close(0, name="Guru Nanak Jayanti") == []
    assert (free_on(one, TUESDAY), free_on(two, TUESDAY)) == (0, 0)
    (holiday,) = doctor_list.list_doctors(now=NOW).holidays
    assert (holiday.name, holiday.days_label, holiday.doctor_id) == ("Guru Nanak Jayanti", "Tue 24 Nov", 0)
    leave.open_days(admin=DEVI, day_off_id=holiday.id, now=NOW)
    assert (free_on(one, TUESDAY), free_on(two, TUESDAY)) == (6, 2)
    assert doctor_list.list_doctors(now=NOW).holidays == []
    assert [action for action, *_ in trail("clinic")] == ["closed", "opened"]
    with pytest.raises(NotFound):
        leave.open_days(admin=DEVI, day_off_id=holiday.id, now=NOW)


def test_closing_the_same_days_twice_changes_nothing() -> None:
    doctor_id, _ = first_slot()
    close(doctor_id)
    close(doctor_id, name="  Family   wedding ")
    with read() as tx:
        assert len(tx.exec(select(DayOff)).all()) == 1
        assert (
            len(tx.exec(select(AuditEntry).where(col(AuditEntry.subject) == f"doctor:{doctor_id}")).all())
            == 1
        )


@pytest.mark.parametrize(
    ("first", "last", "name", "fields"),
    [
        (date(2026, 11, 22), TUESDAY, "Leave", ["first_day"]),
        (WEDNESDAY, TUESDAY, "Leave", ["last_day"]),
        (TUESDAY, date(2027, 12, 31), "Leave", ["last_day"]),
        (TUESDAY, TUESDAY, " x ", ["name"]),
        (WEDNESDAY, TUESDAY, "y" * 81, ["last_day", "name"]),
    ],
)
def test_wrong_days_are_refused_by_field_and_nothing_is_closed(
    first: date, last: date, name: str, fields: list[str]
) -> None:
    doctor_id, _ = first_slot()
    with pytest.raises(BadInput) as refused:
        close(doctor_id, first, last, name)
    assert [one.field for one in refused.value.errors] == fields
    assert (doctor_list.list_doctors(now=NOW).doctors[0].off, free_on(doctor_id, TUESDAY)) == ([], 6)
    assert trail(f"doctor:{doctor_id}") == []


def test_nobody_can_be_sent_on_leave_who_is_not_there() -> None:
    first_slot()
    with pytest.raises(NotFound):
        close(404)


def say(day_off_id: int, text: str, language: str = "hi") -> None:
    leave.say(admin=DEVI, day_off_id=day_off_id, language=language, text=text, now=NOW)


def first_note() -> str:
    with speaking("hi"):
        return slots.days(doctor_id=1, now=NOW, first_day=TUESDAY, count=1)[0].note


def test_leave_is_said_in_another_language_for_all_days_of_that_reason() -> None:
    doctor_id = chandra()
    close(doctor_id)
    close(0, WEDNESDAY, WEDNESDAY)
    (off,) = doctor_list.list_doctors(now=NOW).doctors[0].off
    assert [(one.language, one.language_label, one.text) for one in off.words] == [
        ("hi", "Hindi (हिन्दी)", "")
    ]
    say(off.id, " परिवार  में शादी ")
    say(off.id, "परिवार में शादी")
    assert first_note().endswith("परिवार में शादी")
    assert slots.days(doctor_id=doctor_id, now=NOW)[1].note == "On leave: Family wedding"
    (holiday,) = doctor_list.list_doctors(now=NOW).holidays
    assert (holiday.name, holiday.words[0].text) == ("Family wedding", "परिवार में शादी")
    with speaking("hi"):
        assert doctor_list.list_doctors(now=NOW).holidays[0].name == "परिवार में शादी"
    assert trail(f"doctor:{doctor_id}")[1:] == [("closed_hi", "", "परिवार में शादी", "Family wedding")]
    say(off.id, "")
    assert first_note().endswith("Family wedding")


@pytest.mark.parametrize("text", ["प", "प" * 81])
def test_leave_is_said_within_the_bounds_of_its_english(text: str) -> None:
    close(chandra())
    with pytest.raises(BadInput, match="2 to 80") as refusal:
        say(1, text)
    assert [one.field for one in refusal.value.errors] == ["text"]


@pytest.mark.parametrize(("day_off_id", "language"), [(404, "hi"), (1, "en"), (1, "xx")])
def test_days_that_are_open_and_unknown_languages_have_no_words(day_off_id: int, language: str) -> None:
    close(chandra())
    with pytest.raises(NotFound):
        say(day_off_id, "छुट्टी", language)
