"""Slots from weekly hours, in any zone of the world."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from booking_ui.domain.clinic.schedule import (
    Hours,
    Off,
    Plan,
    closed_note,
    day_slots,
    instant,
    part_of_day,
    slots,
)

KOLKATA = ZoneInfo("Asia/Kolkata")
BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = date(2026, 11, 24)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)  # Sundays on which Berlin changes its clocks

# Half hours and quarters, both hemispheres, a change at midnight, a half-hour change, a skipped day, none at all.
ZONES = [
    "Africa/Cairo", "America/Havana", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Asia/Beirut",
    "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran", "Atlantic/Azores", "Australia/Lord_Howe", "Europe/Berlin",
    "Europe/London", "Pacific/Apia", "Pacific/Chatham", "UTC",
]  # fmt: skip


def at(text: str) -> time:
    return time.fromisoformat(text)


def work(starts: str, ends: str, weekday: int = 1) -> Hours:
    return Hours(weekday, at(starts), at(ends))


def rest(starts: str, ends: str, weekday: int = 1) -> Hours:
    return Hours(weekday, at(starts), at(ends), is_break=True)


def shown(plan: Plan, day: date = TUESDAY) -> list[str]:
    return [
        f"{s.astimezone(plan.zone):%H:%M}-{e.astimezone(plan.zone):%H:%M}" for s, e in day_slots(plan, day)
    ]


def test_a_morning_is_cut_into_slots_of_the_doctors_length() -> None:
    assert shown(Plan([work("09:00", "10:30")], 30, KOLKATA)) == ["09:00-09:30", "09:30-10:00", "10:00-10:30"]


def test_slots_are_aware_utc_instants() -> None:
    [slot] = day_slots(Plan([work("10:30", "11:00")], 30, KOLKATA), TUESDAY)
    assert slot == (datetime(2026, 11, 24, 5, 0, tzinfo=UTC), datetime(2026, 11, 24, 5, 30, tzinfo=UTC))
    assert slot[0].tzinfo is UTC


def test_minutes_left_at_the_end_of_a_shift_are_no_slot() -> None:
    assert shown(Plan([work("09:00", "10:10")], 30, KOLKATA)) == ["09:00-09:30", "09:30-10:00"]


def test_split_shifts_begin_anew() -> None:
    plan = Plan([work("17:00", "17:45"), work("09:10", "09:55")], 45, KOLKATA)
    assert shown(plan) == ["09:10-09:55", "17:00-17:45"]


def test_no_slot_reaches_across_the_end_of_a_shift_even_when_the_next_begins_there() -> None:
    plan = Plan([work("09:00", "09:45"), work("09:45", "10:30")], 30, KOLKATA)
    assert shown(plan) == ["09:00-09:30", "09:45-10:15"]


def test_a_shift_that_overlaps_another_begins_where_the_other_ends() -> None:
    plan = Plan([work("09:00", "10:00"), work("09:30", "10:30"), work("09:10", "09:40")], 20, KOLKATA)
    assert shown(plan) == ["09:00-09:20", "09:20-09:40", "09:40-10:00", "10:00-10:20"]


def test_slots_begin_anew_after_a_break() -> None:
    plan = Plan([work("09:00", "12:00"), rest("09:50", "10:40")], 30, KOLKATA)
    assert shown(plan) == ["09:00-09:30", "10:40-11:10", "11:10-11:40"]


@pytest.mark.parametrize(
    ("breaks", "left"),
    [
        ([("08:00", "09:30")], ["09:30-10:00"]),  # begins before the shift
        ([("09:30", "11:00")], ["09:00-09:30"]),  # ends after it
        ([("08:00", "11:00")], []),  # covers it
        ([("07:00", "08:00"), ("11:00", "12:00")], ["09:00-09:30", "09:30-10:00"]),  # beside it
        ([("09:00", "09:20"), ("09:10", "09:30")], ["09:30-10:00"]),  # two that overlap
    ],
)
def test_a_break_takes_only_what_it_covers(breaks: list[tuple[str, str]], left: list[str]) -> None:
    plan = Plan([work("09:00", "10:00"), *(rest(*one) for one in breaks)], 30, KOLKATA)
    assert shown(plan) == left


def test_other_weekdays_have_no_slots() -> None:
    assert shown(Plan([work("09:00", "10:00")], 30, KOLKATA), TUESDAY + timedelta(days=1)) == []


@pytest.mark.parametrize(("day", "count"), [(23, 1), (24, 0), (25, 0), (26, 1)])
def test_leave_counts_its_first_and_its_last_day(day: int, count: int) -> None:
    every_day = [work("09:00", "09:30", weekday) for weekday in range(7)]
    leave = Off(date(2026, 11, 24), date(2026, 11, 25), "family wedding")
    assert len(day_slots(Plan(every_day, 30, KOLKATA, [leave]), date(2026, 11, day))) == count


def test_several_days_follow_each_other() -> None:
    plan = Plan([work("09:00", "09:30"), work("18:00", "18:30", 3)], 30, KOLKATA)
    starts = [s.astimezone(KOLKATA) for s, _ in slots(plan, date(2026, 11, 23), 14)]
    assert [f"{one:%a %d %H:%M}" for one in starts] == [
        "Tue 24 09:00", "Thu 26 18:00", "Tue 01 09:00", "Thu 03 18:00",
    ]  # fmt: skip


def test_a_closed_day_says_why() -> None:
    off = [
        Off(TUESDAY, TUESDAY, "conference in Pune"),
        Off(date(2026, 11, 25), date(2026, 11, 25), "Guru Nanak Jayanti", holiday=True),
        Off(date(2026, 11, 25), date(2026, 11, 26), "family wedding"),
    ]
    plan = Plan([work("09:00", "10:00"), work("09:00", "10:00", 4)], 30, KOLKATA, off)
    assert [closed_note(plan, date(2026, 11, day)) for day in (24, 25, 26, 27, 29)] == [
        "On leave: conference in Pune",
        "Holiday: Guru Nanak Jayanti",  # of two reasons the one that everybody shares
        "On leave: family wedding",
        "",
        "Not working on Sundays",
    ]


def test_a_weekday_with_nothing_but_a_break_is_not_worked() -> None:
    assert closed_note(Plan([rest("13:00", "14:00")], 30, KOLKATA), TUESDAY) == "Not working on Tuesdays"


@pytest.mark.parametrize(
    ("clock", "part"),
    [
        ("00:00", "morning"), ("11:59", "morning"), ("12:00", "afternoon"), ("16:59", "afternoon"),
        ("17:00", "evening"), ("23:59", "evening"),
    ],
)  # fmt: skip
def test_the_part_of_day_goes_by_the_clinics_clock(clock: str, part: str) -> None:
    assert part_of_day(instant(TUESDAY, at(clock), KOLKATA), KOLKATA) == part


def test_a_skipped_hour_makes_the_shift_shorter() -> None:
    """Berlin, 29 March 2026: 02:00 to 03:00 does not exist."""
    plan = Plan([work("01:00", "04:00", 6)], 30, BERLIN)
    assert shown(plan, SPRING) == ["01:00-01:30", "01:30-03:00", "03:00-03:30", "03:30-04:00"]
    assert {e - s for s, e in day_slots(plan, SPRING)} == {timedelta(minutes=30)}


def test_hours_that_begin_or_end_in_a_skipped_hour_begin_or_end_at_the_change() -> None:
    change = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert instant(SPRING, at("02:00"), BERLIN) == change
    assert instant(SPRING, at("02:59:59.999999"), BERLIN) == change
    assert shown(Plan([work("02:30", "04:00", 6)], 30, BERLIN), SPRING) == ["03:00-03:30", "03:30-04:00"]
    assert shown(Plan([work("01:30", "02:30", 6)], 30, BERLIN), SPRING) == ["01:30-03:00"]
    assert shown(Plan([work("02:00", "03:00", 6)], 30, BERLIN), SPRING) == []


def test_a_repeated_hour_is_offered_twice_as_different_instants() -> None:
    """Berlin, 25 October 2026: 02:00 to 03:00 happens twice."""
    plan = Plan([work("01:30", "03:30", 6)], 30, BERLIN)
    found = day_slots(plan, AUTUMN)
    assert shown(plan, AUTUMN) == [
        "01:30-02:00", "02:00-02:30", "02:30-02:00", "02:00-02:30", "02:30-03:00", "03:00-03:30",
    ]  # fmt: skip
    assert len({starts for starts, _ in found}) == 6
    assert {e - s for s, e in found} == {timedelta(minutes=30)}


def test_an_hour_that_begins_inside_a_repeated_one_means_its_first_occurrence() -> None:
    assert instant(AUTUMN, at("02:30"), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_that_a_zone_skipped_has_no_slots() -> None:
    """Samoa had no 30 December 2011."""
    plan = Plan([work("00:00", "23:59", weekday) for weekday in range(7)], 60, ZoneInfo("Pacific/Apia"))
    assert [len(day_slots(plan, date(2011, 12, day))) for day in (29, 30, 31)] == [23, 0, 23]


minutes = st.integers(0, 24 * 60 - 1)


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    starts, ends = sorted(draw(st.lists(minutes, min_size=2, max_size=2, unique=True)))
    return Hours(
        draw(st.integers(0, 6)),
        time(starts // 60, starts % 60),
        time(ends // 60, ends % 60),
        draw(st.booleans()),
    )


offs = st.builds(
    lambda first, days: Off(first, first + timedelta(days=days), "leave"),
    st.dates(date(2011, 1, 1), date(2030, 1, 1)),
    st.integers(0, 40),
)
plans = st.builds(
    Plan,
    hours=st.lists(hours(), max_size=14),
    slot_minutes=st.integers(5, 120),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    off=st.lists(offs, max_size=2),
)
# Where clocks change: Berlin, Lord Howe, Sao Paulo at midnight, Samoa's skipped day.
days = st.one_of(
    st.dates(date(2011, 1, 1), date(2030, 1, 1)),
    st.sampled_from(
        [
            date(2026, 3, 27),
            date(2026, 10, 23),
            date(2026, 4, 4),
            date(2018, 11, 3),
            date(2018, 2, 16),
            date(2011, 12, 28),
        ]
    ),
)


@given(plans, days)
@example(Plan([Hours(6, time(0), time(23, 59))], 60, BERLIN), date(2026, 10, 23))
@example(Plan([Hours(6, time(0), time(23, 59))], 60, BERLIN), date(2026, 3, 27))
def test_slots_never_overlap_and_always_have_their_length(plan: Plan, first: date) -> None:
    found = slots(plan, first, 5)
    assert found == sorted(found)
    assert all(ends - starts == timedelta(minutes=plan.slot_minutes) for starts, ends in found)
    assert all(sooner[1] <= later[0] for sooner, later in pairwise(found))


@given(plans, days)
def test_every_slot_lies_in_a_shift_of_its_day_and_touches_no_break_and_no_day_off(
    plan: Plan, first: date
) -> None:
    for offset in range(5):
        day = first + timedelta(days=offset)
        found = day_slots(plan, day)
        assert not (found and any(off.covers(day) for off in plan.off))
        spans = [
            (instant(day, one.starts, plan.zone), instant(day, one.ends, plan.zone), one.is_break)
            for one in plan.hours
            if one.weekday == day.weekday()
        ]
        for starts, ends in found:
            assert any(s <= starts and ends <= e for s, e, is_break in spans if not is_break)
            assert not any(starts < e and s < ends for s, e, is_break in spans if is_break and s < e)


@given(plans, days)
def test_every_slot_shows_the_day_it_was_made_for(plan: Plan, day: date) -> None:
    assert {starts.astimezone(plan.zone).date() for starts, _ in day_slots(plan, day)} <= {day}


@given(st.sampled_from(ZONES).map(ZoneInfo), days, st.lists(minutes, min_size=2, max_size=2))
def test_wall_times_stay_in_the_order_of_their_instants(zone: ZoneInfo, day: date, pair: list[int]) -> None:
    sooner, later = (instant(day, time(one // 60, one % 60), zone) for one in sorted(pair))
    assert sooner <= later
    next_day = instant(day + timedelta(days=1), time(0), zone)
    assert later <= next_day


@given(plans, days)
def test_a_working_day_wastes_no_room_for_another_slot(plan: Plan, day: date) -> None:
    """With one shift and no breaks, what is left over is shorter than a slot."""
    shifts = [one for one in plan.hours if not one.is_break and one.weekday == day.weekday()][:1]
    alone = Plan(shifts, plan.slot_minutes, plan.zone)
    for shift in shifts:
        starts, ends = instant(day, shift.starts, plan.zone), instant(day, shift.ends, plan.zone)
        assert len(day_slots(alone, day)) == (ends - starts) // timedelta(minutes=plan.slot_minutes)
