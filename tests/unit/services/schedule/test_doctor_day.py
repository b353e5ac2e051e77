"""A doctor's own day, and how a visit ends; on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import col, select, update

from booking_ui.db.models import Appointment, Dependent
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import NotFound
from booking_ui.domain.people.family import Relation
from booking_ui.services.booking import completion
from booking_ui.services.schedule import doctor_day
from booking_ui.services.views import DoctorDayVisit
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.week_of_money import Week

OVER = FIRST_SLOT + timedelta(minutes=30)
TUESDAY = date(2026, 1, 6)


def of_chandra(cast: Cast, day: date | None, now: object = NOW) -> list[tuple[str, str, str, bool]]:
    found = doctor_day.visits_of_day(doctor_id=cast.chandra, day=day, now=now)  # type: ignore[arg-type]
    return [(one.time_label, one.patient_name, one.status, one.paid) for one in found.visits]


def test_a_day_lists_the_doctors_own_visits_in_order_with_what_she_needs_and_no_more(
    week: Week, cast: Cast
) -> None:
    found = doctor_day.visits_of_day(doctor_id=cast.chandra, day=TUESDAY, now=NOW)

    assert found.visits[0] == DoctorDayVisit(
        reference=week.c1, time_label="10:00 am", until_label="10:30 am", patient_name="Asha", reason="",
        status="confirmed", paid=True, over=False,
    )  # fmt: skip
    assert of_chandra(cast, TUESDAY) == [
        ("10:00 am", "Asha", "confirmed", True),
        ("10:30 am", "Asha", "confirmed", True),
        ("11:00 am", "Bilal", "confirmed", True),
        ("11:30 am", "Bilal", "confirmed", True),
    ]
    assert (found.day_label, found.is_today, found.previous, found.next) == (
        "Tuesday 6 January 2026",
        False,
        "2026-01-05",
        "2026-01-07",
    )
    assert (found.expected, found.done, found.missed, found.unpaid, found.cancelled) == (4, 0, 0, 0, 0)
    assert "@" not in repr(found)
    assert "+91" not in repr(found)


def test_a_visit_for_somebody_in_the_family_names_who_comes(week: Week, cast: Cast) -> None:
    with write() as tx:
        mother = Dependent(patient_id=cast.asha, name="Lata", relation=Relation.PARENT, created_at=NOW)
        tx.add(mother)
        tx.flush()
        hers = col(Appointment.reference) == week.c1
        tx.exec(update(Appointment).where(hers).values(dependent_id=mother.id))

    assert [name for _, name, _, _ in of_chandra(cast, TUESDAY)] == ["Lata", "Asha", "Bilal", "Bilal"]


def test_today_without_visits_points_to_the_next_day_that_has_some(week: Week, cast: Cast) -> None:
    found = doctor_day.visits_of_day(doctor_id=cast.chandra, now=NOW)

    assert (found.day, found.is_today, found.visits) == ("2026-01-05", True, [])
    assert (found.next_with_visits, found.next_with_visits_label) == ("2026-01-06", "Tue 6 Jan")
    after = doctor_day.visits_of_day(doctor_id=cast.chandra, day=date(2026, 1, 7), now=NOW)
    assert (after.visits, after.next_with_visits) == ([], "")


def test_a_held_time_is_listed_as_unpaid_and_leaves_when_its_hold_ends(week: Week) -> None:
    saturday = date(2026, 1, 10)

    held = doctor_day.visits_of_day(doctor_id=week.ezhil, day=saturday, now=NOW)
    later = doctor_day.visits_of_day(doctor_id=week.ezhil, day=saturday, now=NOW + timedelta(minutes=15))

    assert [(one.reference, one.status, one.paid) for one in held.visits] == [
        (week.e1_bilal, "pending_payment", False),
        (week.e3, "pending_payment", False),
    ]
    assert (held.expected, held.unpaid, later.visits) == (2, 2, [])


def test_an_account_without_a_doctor_is_told_whom_to_ask(cast: Cast) -> None:
    with pytest.raises(NotFound) as refused:
        doctor_day.visits_of_day(doctor_id=99, now=NOW)
    assert "front desk" in refused.value.sentence


def test_what_the_desk_said_of_a_visit_is_in_the_day(week: Week, cast: Cast) -> None:
    with read() as tx:
        ids = {one.reference: one.id or 0 for one in tx.exec(select(Appointment)).all()}
    for reference, ended in ((week.c1, AppointmentStatus.COMPLETED), (week.c2, AppointmentStatus.NO_SHOW)):
        completion.conclude(
            admin=cast.devi, appointment_id=ids[reference], status=ended, now=OVER + timedelta(hours=1)
        )

    found = doctor_day.visits_of_day(doctor_id=cast.chandra, day=TUESDAY, now=OVER + timedelta(hours=2))

    assert [one.status for one in found.visits] == ["completed", "no_show", "confirmed", "confirmed"]
    assert (found.expected, found.done, found.missed) == (2, 1, 1)
