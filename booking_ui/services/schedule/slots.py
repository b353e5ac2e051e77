"""The slots of a doctor: those that exist, those that are free, and the filling of the coming days.

Whether a slot is free is computed from its live appointment, never stored, so an expired hold reads as free at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, and_, col, or_, select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words, holds, memory
from booking_ui.db.models import Appointment, DayOff, Doctor, HoursKind, Slot, WorkingHours, pk
from booking_ui.db.session import read, write
from booking_ui.domain import clock
from booking_ui.domain.clinic import schedule
from booking_ui.domain.errors import BadInput, FieldError, NotFound, SlotTaken
from booking_ui.languages import _, spoken
from booking_ui.services.schedule import availability, horizon
from booking_ui.services.schedule.availability import FREE
from booking_ui.services.views import DayView, SlotView, StripView
from booking_ui.services.visits import terms

_FAR = timedelta(days=366)
STRIP = 14


# ── What is free ──────────────────────────────────────────────────────────────────────────────────────────────────


def free(now: datetime) -> sa.ColumnElement[bool]:
    """The SQL condition on Slot: offered, not too near to be booked, and no booking or unexpired hold on it."""
    # A scalar question, not NOT EXISTS: PostgreSQL turns that into a join, and without fresh statistics into one that
    # reads every booking for every slot. This is one look into the index for each slot that is considered.
    occupant = (
        select(Appointment.id)
        .where(col(Appointment.slot_id) == Slot.id, holds.occupying(now))
        .correlate(Slot)
        .limit(1)
        .scalar_subquery()
    )
    bookable = col(Slot.starts_at) > terms.earliest_start(now)
    return and_(col(Slot.withdrawn).is_(False), bookable, occupant.is_(None))


def is_free(tx: Session, slot_id: int, now: datetime) -> bool:
    """True if the slot may be claimed at `now`; stays true only as long as the caller holds the slot's lock."""
    wanted = select(Slot.id).join(Doctor).where(Slot.id == slot_id, col(Doctor.active).is_(True), free(now))
    return tx.exec(wanted).first() is not None


def nearest_free_in(
    tx: Session, doctor_id: int, around: datetime, now: datetime, count: int = 3
) -> list[Slot]:
    """The doctor's `count` free slots closest to `around`, that very time left out; soonest first."""
    mine = select(Slot).where(Slot.doctor_id == doctor_id, free(now)).limit(count)
    start = col(Slot.starts_at)
    later = tx.exec(mine.where(start > around).order_by(start)).all()
    sooner = tx.exec(mine.where(start < around).order_by(start.desc())).all()
    closest = sorted([*sooner, *later], key=lambda one: (abs(one.starts_at - around), one.starts_at))
    return sorted(closest[:count], key=lambda one: one.starts_at)


def nearest_seen(
    tx: Session, doctor_id: int, around: datetime, now: datetime, count: int = 3
) -> list[SlotView]:
    """Views of the `count` free slots closest to `around`, from memory while nothing was committed; for readers only."""
    found = availability.nearest(tx, doctor_id=doctor_id, around=around, now=now, count=count)
    zone = settings().zone
    return [_view(one.slot_id, doctor_id, one.starts_at, FREE, zone, spoken()) for one in found]


def nearest_free(*, slot_id: int, now: datetime, count: int = 3) -> list[SlotView]:
    """The free times of the same doctor closest to a slot, soonest first. Raises NotFound."""
    with read() as tx:
        slot_row = tx.get(Slot, slot_id)
        if slot_row is None:
            raise NotFound
        return nearest_seen(tx, slot_row.doctor_id, slot_row.starts_at, now, count)


def just_taken(lost: SlotView, nearest: Sequence[SlotView]) -> SlotTaken:
    """The refusal of a slot that another patient has, with the free times nearest to it."""
    return SlotTaken(taken_sentence(lost, nearest), tuple(one.id for one in nearest))


def taken_sentence(lost: SlotView, nearest: Sequence[SlotView]) -> str:
    """ "10:30 am was just taken. 10:45 am and 11:15 am are free." names the times of that day."""
    taken = _("{time} was just taken.", time=lost.time_label)
    times = [one.time_label for one in nearest if one.day == lost.day]
    if times:
        return f"{taken} {_free_too(times)}"
    other = (
        _("The nearest free times are on other days.")
        if nearest
        else _("No other time is free in the coming days.")
    )
    return f"{taken} {other}"


def _free_too(times: Sequence[str]) -> str:
    if len(times) == 1:
        return _("{time} is free.", time=times[0])
    return _("{times} and {last} are free.", times=", ".join(times[:-1]), last=times[-1])


def slot(*, slot_id: int, now: datetime) -> SlotView:
    """One time that is still offered. Raises NotFound, also when it has begun or was withdrawn."""
    with read() as tx:
        row = tx.get(Slot, slot_id)
        times = availability.times(tx, doctor_id=row.doctor_id, now=now) if row else ()
    found = next((one for one in times if one.slot_id == slot_id), None)
    if row is None or found is None:
        raise NotFound
    return slot_view(row, found.status(now))


def slot_view(row: Slot, status: str) -> SlotView:
    return _view(pk(row), row.doctor_id, row.starts_at, status, settings().zone, spoken())


@lru_cache(maxsize=20_000)  # pure, and asked for the same times by everybody who looks at a doctor
def _view(
    slot_id: int, doctor_id: int, starts_at: datetime, status: str, zone: ZoneInfo, _language: str
) -> SlotView:
    """The labels are in the language that is spoken, which `_language` names: each has an entry of its own."""
    local = starts_at.astimezone(zone)  # once: asking for the zone it has costs nothing
    day = local.date()
    return SlotView(
        id=slot_id,
        doctor_id=doctor_id,
        starts_at=clock.iso(starts_at),
        day=day.isoformat(),
        day_label=clock.day_label(day),
        time_label=clock.clock_label(local, zone),
        part=schedule.part_of_day(local, zone),
        status=status,
    )


# ── The strip of days ─────────────────────────────────────────────────────────────────────────────────────────────


def days(*, doctor_id: int, now: datetime, first_day: date | None = None, count: int = 14) -> list[DayView]:
    """`count` days (1 to 60) of one doctor from `first_day` (today) on, from memory while nothing was committed.

    Raises:
        NotFound: no such doctor, or no longer with the clinic.
        BadInput: more than 60 days, or a day over a year away.
    """
    zone = settings().zone
    today = clock.today(now, zone)
    first = first_day or today
    if not 1 <= count <= 60 or abs(first - today) > _FAR:
        raise BadInput(FieldError("date", _("Pick a day within a year of today, and at most 60 days.")))
    with read() as tx:
        plan = memory.remembered(tx, ("plan", doctor_id), lambda: _plan(tx, doctor_id))
        times = availability.times(tx, doctor_id=doctor_id, now=now) if plan else ()
        words = clinic_words.words(tx)
    if plan is None:
        raise NotFound
    begins = schedule.instant(first, time.min, zone)
    ends = schedule.instant(first + timedelta(days=count), time.min, zone)
    language = spoken()
    offered = [
        _view(one.slot_id, doctor_id, one.starts_at, one.status(now), zone, language)
        for one in times
        if begins <= one.starts_at < ends
    ]
    shown = replace(plan, off=[replace(one, name=words.said(one.name)) for one in plan.off])
    return [_day_view(first + timedelta(days=offset), offered, shown, now) for offset in range(count)]


def strip(*, doctor_id: int, now: datetime, wanted: str = "") -> StripView:
    """The strip with the wanted day (ISO); the first one when nobody can book that day. Raises NotFound."""
    today, last = clock.today(now, settings().zone), _last_shown()
    ahead = _days_ahead(wanted, today)
    begins = ahead // STRIP * STRIP if 0 <= ahead <= last else 0
    first, step = today + timedelta(days=begins), timedelta(days=STRIP)
    count = min(STRIP, last + 1 - begins)
    return StripView(
        days=days(doctor_id=doctor_id, now=now, first_day=first, count=count),
        earlier=(first - step).isoformat() if begins else "",
        later=(first + step).isoformat() if begins + STRIP <= last else "",
    )


def _last_shown() -> int:
    """Days from today to the end of the last strip. The first is always whole; a horizon of 14 gets no second for a day."""
    horizon_days = settings().booking_horizon_days
    return horizon_days if horizon_days > STRIP else STRIP - 1


def _days_ahead(iso: str, today: date) -> int:
    try:
        return (date.fromisoformat(iso) - today).days
    except ValueError:
        return 0


def _day_view(day: date, offered: Sequence[SlotView], plan: schedule.Plan, now: datetime) -> DayView:
    iso = day.isoformat()
    mine = [one for one in offered if one.day == iso]
    free_count = sum(one.status == FREE for one in mine)
    state, note = ("open", "") if free_count else _unfree(day, mine, offered, plan, now)
    return DayView(
        day=iso,
        weekday_label=clock.weekday_label(day),
        date_label=clock.date_label(day),
        long_label=clock.long_day_label(day),
        free_count=free_count,
        state=state,
        note=note,
        **{part: [one for one in mine if one.part == part] for part in ("morning", "afternoon", "evening")},
    )


def _unfree(
    day: date, mine: Sequence[SlotView], offered: Sequence[SlotView], plan: schedule.Plan, now: datetime
) -> tuple[str, str]:
    """State and note of a day without a free time: full and what comes next, too near, closed and why, over, or ahead."""
    today = clock.today(now, settings().zone)
    planned = [] if mine else schedule.day_slots(plan, day)
    earliest = terms.earliest_start(now)
    if planned and now < planned[-1][0] <= earliest:
        notice = clock.duration_label(earliest - now)
        return "over", _("Too near to book online: at least {notice} ahead", notice=notice)
    within = today < day <= today + timedelta(days=settings().booking_horizon_days)
    # Visits of other hours than today's may lie in the way of every time: they are not shown.
    if mine or (within and planned):
        later = next((one for one in offered if one.day > day.isoformat() and one.status == FREE), None)
        if later is None:
            return "full", _("Fully booked")
        return "full", _("Fully booked. Next free: {day}, {time}", day=later.day_label, time=later.time_label)
    if reason := schedule.closed_note(plan, day):
        return "closed", reason
    if day <= today:
        return "over", _("Over for today") if day == today else _("This day is over")
    beyond = day > today + timedelta(days=settings().booking_horizon_days)
    return ("ahead", _("Not open for booking yet")) if beyond else ("closed", _("Closed on this day"))


def _plan(tx: Session, doctor_id: int) -> schedule.Plan | None:
    """The doctor's plan; None for one who is not with the clinic."""
    doctor = tx.get(Doctor, doctor_id)
    return plans(tx, [doctor])[doctor_id] if doctor is not None and doctor.active else None


def plans(tx: Session, doctors: Sequence[Doctor]) -> dict[int, schedule.Plan]:
    """Hours and leave of each doctor, by doctor id, in two queries."""
    ids = [pk(doctor) for doctor in doctors]
    hours = tx.exec(select(WorkingHours).where(col(WorkingHours.doctor_id).in_(ids))).all()
    off = tx.exec(
        select(DayOff).where(or_(col(DayOff.doctor_id).is_(None), col(DayOff.doctor_id).in_(ids)))
    ).all()
    zone = settings().zone
    return {
        pk(doctor): schedule.Plan(
            hours=[
                schedule.Hours(one.weekday, one.starts, one.ends, one.kind is HoursKind.BREAK)
                for one in hours
                if one.doctor_id == doctor.id
            ],
            slot_minutes=doctor.slot_minutes,
            zone=zone,
            off=[
                schedule.Off(one.first_day, one.last_day, one.name, one.doctor_id is None)
                for one in off
                if one.doctor_id in (None, doctor.id)
            ],
        )
        for doctor in doctors
    }


def without_doctor(tx: Session, withdrawn: Sequence[Slot]) -> set[int]:
    """The ids of those withdrawn slots at which the doctor sees nobody: on leave, out of hours, or away from the clinic.

    The others were withdrawn because the length of visits changed: the doctor is there.
    """
    doctors = {
        pk(one): one
        for one in tx.exec(select(Doctor).where(col(Doctor.id).in_({one.doctor_id for one in withdrawn})))
    }
    found = plans(tx, list(doctors.values()))
    return {
        pk(one)
        for one in withdrawn
        if not (
            doctors[one.doctor_id].active and schedule.works(found[one.doctor_id], one.starts_at, one.ends_at)
        )
    }


# ── Keeping them filled ───────────────────────────────────────────────────────────────────────────────────────────


def extend_horizon(*, now: datetime) -> int:
    """Bring every doctor's slots in step with hours and leave, up to the booking horizon; the number of new ones.

    Runs again change nothing, and two at once take turns. Doctors who left the clinic lose their free times.
    """
    with write() as tx:
        doctors = all_locked(tx)
        return follow(tx, doctors, now)


def all_locked(tx: Session) -> Sequence[Doctor]:
    """Every doctor, locked in order: changes of hours, leave or slots happen one after the other.

    NO KEY UPDATE waits for another such change, never for a patient who is booking.
    """
    return tx.exec(select(Doctor).order_by(col(Doctor.id)).with_for_update(key_share=True)).all()


def follow(tx: Session, doctors: Sequence[Doctor], now: datetime) -> int:
    """Bring the slots of these doctors, all of them locked, in step with what the caller's transaction has changed."""
    found = plans(tx, doctors)
    gone = {doctor.id for doctor in doctors if not doctor.active}
    kept = {one: replace(plan, hours=()) if one in gone else plan for one, plan in found.items()}
    return horizon.fill(tx, kept, now)
