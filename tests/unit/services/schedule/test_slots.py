"""The times of a doctor, on both databases: which exist, which are free, and how they follow her hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import DayOff, Doctor, Slot, pk
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import LIVE, AppointmentStatus
from booking_ui.domain.errors import BadInput, NotFound
from booking_ui.languages import speaking
from booking_ui.services.schedule import slots
from booking_ui.services.views import DayView, SlotView
from booking_ui.states.patient.doctor import chip
from tests.support.rows import keep
from tests.support.schedule import (
    HOLD,
    NOW,
    TUESDAY_NINE,
    a_doctor,
    a_patient,
    chandra,
    counted,
    extend,
    first_slot,
    occupy,
    slot_at,
    slots_of,
    works,
)

HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("db")
BOOKED = sorted(LIVE - {AppointmentStatus.PENDING_PAYMENT})
OVER = sorted(set(AppointmentStatus) - LIVE)


def day(doctor_id: int, iso: str, now: datetime = NOW) -> DayView:
    [found] = slots.days(doctor_id=doctor_id, now=now, first_day=date.fromisoformat(iso), count=1)
    return found


def times(found: list[SlotView]) -> list[tuple[str, str]]:
    return [(one.time_label, one.status) for one in found]


def free_now(slot_id: int, now: datetime = NOW) -> bool:
    with read() as tx:
        return slots.is_free(tx, slot_id, now)


# ── What is free ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_slot_nobody_has_is_free() -> None:
    _, slot_id = first_slot()
    assert free_now(slot_id)
    assert slots.slot(slot_id=slot_id, now=NOW) == SlotView(
        id=slot_id,
        doctor_id=1,
        starts_at="2026-11-24T03:30:00Z",
        day="2026-11-24",
        day_label="Tue 24 Nov",
        time_label="9:00 am",
        part="morning",
        status="free",
    )


@pytest.mark.parametrize("status", BOOKED)
def test_a_slot_with_a_booking_is_booked(status: AppointmentStatus) -> None:
    _, slot_id = first_slot()
    occupy(slot_id, a_patient(), status)
    assert not free_now(slot_id)
    assert slots.slot(slot_id=slot_id, now=NOW).status == "booked"


@pytest.mark.parametrize("status", OVER)
def test_a_slot_whose_booking_is_over_is_free(status: AppointmentStatus) -> None:
    _, slot_id = first_slot()
    occupy(slot_id, a_patient(), status)
    assert free_now(slot_id)
    assert slots.slot(slot_id=slot_id, now=NOW).status == "free"


def test_a_hold_ends_at_the_very_instant_it_says() -> None:
    _, slot_id = first_slot()
    occupy(slot_id, a_patient(), AppointmentStatus.PENDING_PAYMENT)
    just_before, ended = NOW + HOLD - timedelta(microseconds=1), NOW + HOLD
    assert (free_now(slot_id, just_before), free_now(slot_id, ended)) == (False, True)
    assert slots.slot(slot_id=slot_id, now=just_before).status == "held"
    assert slots.slot(slot_id=slot_id, now=ended).status == "free"


def test_a_slot_that_has_begun_is_no_longer_offered() -> None:
    _, slot_id = first_slot()
    assert free_now(slot_id, TUESDAY_NINE - timedelta(seconds=1))
    assert not free_now(slot_id, TUESDAY_NINE)
    with pytest.raises(NotFound):
        slots.slot(slot_id=slot_id, now=TUESDAY_NINE)


def test_a_time_within_the_clinics_notice_is_not_offered(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("MINIMUM_NOTICE_MINUTES", "90")
    settings.cache_clear()
    doctor_id, slot_id = first_slot()
    notice = timedelta(minutes=90)
    assert free_now(slot_id, TUESDAY_NINE - notice - timedelta(seconds=1))
    assert not free_now(slot_id, TUESDAY_NINE - notice)
    assert slots.slot(slot_id=slot_id, now=TUESDAY_NINE - notice - timedelta(seconds=1)).status == "free"
    with pytest.raises(NotFound):
        slots.slot(slot_id=slot_id, now=TUESDAY_NINE - notice)
    tuesday = day(doctor_id, "2026-11-24", TUESDAY_NINE - notice)
    assert (tuesday.state, tuesday.morning[0].time_label) == ("open", "9:30 am")
    assert near(slot_id, now=TUESDAY_NINE - notice)[0] == "Tue 24 Nov, 9:30 am"
    evening = day(doctor_id, "2026-11-24", TUESDAY_NINE + timedelta(hours=7))
    assert (evening.state, evening.note) == (
        "over",
        "Too near to book online: at least 1 hour 30 minutes ahead",
    )


def test_a_withdrawn_slot_is_not_offered() -> None:
    doctor_id, slot_id = first_slot()
    with write() as tx:
        tx.get_one(Slot, slot_id).withdrawn = True
    assert not free_now(slot_id)
    assert slot_id not in {one.id for one in day(doctor_id, "2026-11-24").morning}
    with pytest.raises(NotFound):
        slots.slot(slot_id=slot_id, now=NOW)


def test_a_slot_of_a_doctor_who_left_may_not_be_claimed() -> None:
    doctor_id, slot_id = first_slot()
    with write() as tx:
        tx.get_one(Doctor, doctor_id).active = False
    assert not free_now(slot_id)


def test_a_slot_that_never_was_is_not_found() -> None:
    assert not free_now(404)
    with pytest.raises(NotFound):
        slots.slot(slot_id=404, now=NOW)
    with pytest.raises(NotFound):
        slots.nearest_free(slot_id=404, now=NOW)


# ── The nearest free times ────────────────────────────────────────────────────────────────────────────────────────


def near(slot_id: int, now: datetime = NOW, count: int = 3) -> list[str]:
    found = slots.nearest_free(slot_id=slot_id, now=now, count=count)
    assert {one.status for one in found} <= {"free"}
    return [f"{one.day_label}, {one.time_label}" for one in found]


def test_the_nearest_free_times_lie_on_both_sides_and_leave_the_slot_itself_out() -> None:
    doctor_id, _ = first_slot()
    ten = slot_at(doctor_id, TUESDAY_NINE + 2 * HALF_HOUR)
    assert near(ten) == ["Tue 24 Nov, 9:00 am", "Tue 24 Nov, 9:30 am", "Tue 24 Nov, 10:30 am"]
    assert near(ten, count=1) == ["Tue 24 Nov, 9:30 am"]  # of two equally near the sooner


def test_taken_and_past_times_are_not_near() -> None:
    doctor_id, nine = first_slot()
    ten = slot_at(doctor_id, TUESDAY_NINE + 2 * HALF_HOUR)
    occupy(slot_at(doctor_id, TUESDAY_NINE + 3 * HALF_HOUR), a_patient())
    now = TUESDAY_NINE + timedelta(minutes=1)
    assert near(ten, now) == ["Tue 24 Nov, 9:30 am", "Tue 24 Nov, 5:00 pm", "Tue 24 Nov, 5:30 pm"]
    assert near(nine, now)[0] == "Tue 24 Nov, 9:30 am"


def test_another_doctors_times_are_not_near() -> None:
    doctor_id, slot_id = first_slot()
    works(other := a_doctor("Dr Ezhil"), 1, "09:05", "10:35")
    extend()
    found = slots.nearest_free(slot_id=slot_id, now=NOW)
    assert {one.doctor_id for one in found} == {doctor_id}
    assert other != doctor_id


# ── The strip of days ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_shows_its_times_by_part_with_their_status() -> None:
    doctor_id, nine = first_slot()
    asha = a_patient()
    occupy(nine, asha)
    occupy(slot_at(doctor_id, TUESDAY_NINE + HALF_HOUR), asha, AppointmentStatus.PENDING_PAYMENT)
    found = day(doctor_id, "2026-11-24")
    assert times(found.morning) == [
        ("9:00 am", "booked"), ("9:30 am", "held"), ("10:00 am", "free"), ("10:30 am", "free"),
    ]  # fmt: skip
    assert times(found.afternoon) == []
    assert times(found.evening) == [("5:00 pm", "free"), ("5:30 pm", "free")]
    assert (found.free_count, found.state, found.note) == (4, "open", "")
    assert (found.day, found.weekday_label, found.date_label, found.long_label) == (
        "2026-11-24", "Tue", "24 Nov", "Tuesday 24 November 2026",
    )  # fmt: skip


def test_fourteen_days_from_today_are_shown_unless_asked_otherwise() -> None:
    doctor_id, _ = first_slot()
    found = slots.days(doctor_id=doctor_id, now=NOW)
    assert [one.day for one in found] == [(date(2026, 11, 23) + n * DAY).isoformat() for n in range(14)]
    assert [one.free_count for one in found] == [0, 6, 0, 2, 0, 0, 0, 0, 6, 0, 2, 0, 0, 0]
    assert {one.state for one in found} == {"open", "closed"}


def shown(doctor_id: int, wanted: str = "") -> tuple[str, int, str, str]:
    """The first day of the strip, how many there are, and where the ones before and after it begin."""
    found = slots.strip(doctor_id=doctor_id, now=NOW, wanted=wanted)
    return found.days[0].day, len(found.days), found.earlier, found.later


def test_a_far_horizon_is_browsed_fortnight_by_fortnight_and_ends_with_its_last_day(
    configured: pytest.MonkeyPatch,
) -> None:
    configured.setenv("BOOKING_HORIZON_DAYS", "30")
    settings.cache_clear()
    doctor_id, _ = first_slot()
    first = ("2026-11-23", 14, "", "2026-12-07")
    assert shown(doctor_id) == first
    assert shown(doctor_id, "2026-12-07") == ("2026-12-07", 14, "2026-11-23", "2026-12-21")
    assert shown(doctor_id, "2026-12-20") == shown(doctor_id, "2026-12-07")
    assert shown(doctor_id, "2026-12-23") == ("2026-12-21", 3, "2026-12-07", "")
    last = slots.strip(doctor_id=doctor_id, now=NOW, wanted="2026-12-23").days
    assert [(one.day, one.state) for one in last][-1] == ("2026-12-23", "closed")
    for nowhere in ("2026-12-24", "2026-11-22", "0001-01-01", "9999-12-31", "tomorrow", "2026-02-30"):
        assert shown(doctor_id, nowhere) == first


@pytest.mark.parametrize("days", ["5", "14"])
def test_up_to_fourteen_days_ahead_there_is_one_strip(configured: pytest.MonkeyPatch, days: str) -> None:
    configured.setenv("BOOKING_HORIZON_DAYS", days)
    settings.cache_clear()
    doctor_id, _ = first_slot()
    for wanted in ("", "2026-12-06", "2026-12-07"):
        assert shown(doctor_id, wanted) == ("2026-11-23", 14, "", "")


def test_today_begins_at_the_clinics_midnight() -> None:
    doctor_id, _ = first_slot()
    late = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)  # Tuesday 12:00 am in the clinic
    [found] = slots.days(doctor_id=doctor_id, now=late, count=1)
    assert (found.day, found.free_count) == ("2026-11-24", 6)


def test_times_of_today_that_have_begun_are_not_shown() -> None:
    doctor_id, _ = first_slot()
    found = day(doctor_id, "2026-11-24", TUESDAY_NINE + 2 * HALF_HOUR)
    assert times(found.morning) == [("10:30 am", "free")]
    assert found.free_count == 3


def test_a_full_day_says_so_and_when_the_next_free_time_is() -> None:
    doctor_id, _ = first_slot()
    asha = a_patient()
    for one in slots_of(doctor_id)[:6]:
        occupy(pk(one), asha)
    tuesday = slots.days(doctor_id=doctor_id, now=NOW)[1]
    assert (tuesday.state, tuesday.free_count) == ("full", 0)
    assert tuesday.note == "Fully booked. Next free: Thu 26 Nov, 9:00 am"
    assert day(doctor_id, "2026-11-24").note == "Fully booked"


def test_a_closed_day_says_why() -> None:
    doctor_id = chandra()
    keep(DayOff(first_day=date(2026, 11, 26), last_day=date(2026, 11, 26), name="Constitution Day"))
    leave = DayOff(
        doctor_id=doctor_id, first_day=date(2026, 11, 24), last_day=date(2026, 11, 25), name="conference"
    )
    keep(leave)
    extend()
    found = slots.days(doctor_id=doctor_id, now=NOW, count=7)
    assert [(one.state, one.note) for one in found] == [
        ("closed", "Not working on Mondays"),
        ("closed", "On leave: conference"),
        ("closed", "On leave: conference"),
        ("closed", "Holiday: Constitution Day"),
        ("closed", "Not working on Fridays"),
        ("closed", "Not working on Saturdays"),
        ("closed", "Not working on Sundays"),
    ]


def test_leave_over_a_booked_time_closes_the_day_whole() -> None:
    doctor_id, nine = first_slot()
    occupy(nine, a_patient())
    keep(
        DayOff(
            doctor_id=doctor_id, first_day=date(2026, 11, 24), last_day=date(2026, 11, 24), name="conference"
        )
    )
    extend()
    found = day(doctor_id, "2026-11-24")
    assert (found.state, found.note, found.morning) == ("closed", "On leave: conference", [])


def test_a_day_whose_times_all_cross_visits_of_the_old_hours_is_full() -> None:
    works(doctor_id := a_doctor(), 1, "09:00", "10:30")
    extend()
    asha = a_patient()
    for one in slots_of(doctor_id)[:3]:
        occupy(pk(one), asha)
    with write() as tx:
        tx.get_one(Doctor, doctor_id).slot_minutes = 45
    extend()
    tuesday = slots.days(doctor_id=doctor_id, now=NOW)[1]
    assert (tuesday.state, tuesday.note) == ("full", "Fully booked. Next free: Tue 1 Dec, 9:00 am")


def test_days_before_today_beyond_the_horizon_and_over_for_today_say_so() -> None:
    doctor_id, _ = first_slot()
    evening = TUESDAY_NINE + timedelta(hours=9)
    found = [day(doctor_id, iso, evening) for iso in ("2026-11-19", "2026-11-24", "2026-12-10")]
    assert [(one.state, one.note, chip(one).says) for one in found] == [
        ("over", "This day is over", "Over"),
        ("over", "Over for today", "Over"),
        ("ahead", "Not open for booking yet", "Not open"),
    ]


def test_hours_too_short_for_a_visit_leave_a_day_without_times() -> None:
    works(doctor_id := a_doctor(), 2, "09:00", "09:20")
    extend()
    assert day(doctor_id, "2026-11-25").note == "Closed on this day"


@pytest.mark.parametrize("count", [0, 61])
def test_more_days_than_sixty_or_none_are_refused(count: int) -> None:
    doctor_id, _ = first_slot()
    with pytest.raises(BadInput):
        slots.days(doctor_id=doctor_id, now=NOW, count=count)


@pytest.mark.parametrize("first_day", [date.min, date.max, date(2027, 11, 30)])
def test_a_day_out_of_reach_is_refused(first_day: date) -> None:
    doctor_id, _ = first_slot()
    with pytest.raises(BadInput):
        slots.days(doctor_id=doctor_id, now=NOW, first_day=first_day)


def test_days_of_nobody_and_of_a_doctor_who_left_are_not_found() -> None:
    doctor_id, _ = first_slot()
    with write() as tx:
        tx.get_one(Doctor, doctor_id).active = False
    for one in (doctor_id, 404):
        with pytest.raises(NotFound):
            slots.days(doctor_id=one, now=NOW)


def test_days_are_read_once_however_many_while_nobody_writes() -> None:
    doctor_id, nine = first_slot()
    occupy(nine, a_patient())
    with counted() as one_day:
        slots.days(doctor_id=doctor_id, now=NOW, count=1)
    with counted() as fourteen_days:
        slots.days(doctor_id=doctor_id, now=NOW, count=14)
    assert (len(one_day) <= 5, len(fourteen_days) <= 1) == (True, True)


# ── A slot that was lost to another patient ───────────────────────────────────────────────────────────────────────


def at(time: str, day: str = "2026-01-06") -> SlotView:
    return SlotView(1, 1, "", day, "", time, "morning", "free")


@pytest.mark.parametrize(
    ("nearest", "rest"),
    [
        ([], "No other time is free in the coming days."),
        ([at("10:45 am")], "10:45 am is free."),
        ([at("10:45 am"), at("11:15 am"), at("11:30 am")], "10:45 am, 11:15 am and 11:30 am are free."),
        ([at("10:45 am"), at("9:00 am", "2026-01-07")], "10:45 am is free."),
        ([at("9:00 am", "2026-01-07")], "The nearest free times are on other days."),
    ],
)
def test_the_sentence_of_a_slot_that_was_taken_names_the_free_times_of_its_day(
    nearest: list[SlotView], rest: str
) -> None:
    assert slots.taken_sentence(at("10:30 am"), nearest) == f"10:30 am was just taken. {rest}"


def test_a_slot_is_remembered_in_each_language() -> None:
    row = Slot(id=7, doctor_id=1, starts_at=datetime(2026, 1, 6, 4, 30, tzinfo=UTC))
    in_english = slots.slot_view(row, "free")
    with speaking("hi"):
        in_hindi = slots.slot_view(row, "free")
    assert (in_english.day_label, in_english.time_label) == ("Tue 6 Jan", "10:00 am")
    assert in_hindi.time_label != in_english.time_label
    assert slots.slot_view(row, "free") == in_english
