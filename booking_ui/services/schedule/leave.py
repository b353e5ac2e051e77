"""The desk's changes to who works when: leave, holidays, and doctors who come and go.

Times follow in the same transaction. Visits already booked stay: they are listed, and somebody calls the patients; who
cancels or moves one gives its time to nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db import holds
from booking_ui.db.models import Appointment, DayOff, Doctor, Person, Slot, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors, clock
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clinic import schedule
from booking_ui.domain.clock import day_label, instant_label
from booking_ui.domain.errors import BadInput, FieldError, NotFound
from booking_ui.domain.money import rupees
from booking_ui.domain.people.person import spaced_phone
from booking_ui.services.journal import audit
from booking_ui.services.schedule import slots
from booking_ui.services.views import DayOffView, HitView, Principal, Rota, RotaDoctor
from booking_ui.services.visits.patient_view import initials, tint

LONGEST = timedelta(days=366)


# ── Looking ───────────────────────────────────────────────────────────────────────────────────────────────────────


def shown(*, now: datetime) -> Rota:
    """Every doctor with what lies ahead of her, and the clinic's holidays; in four queries."""
    today = clock.today(now, settings().zone)
    with read() as tx:
        doctors = tx.exec(select(Doctor).order_by(col(Doctor.name))).all()
        off = tx.exec(
            select(DayOff)
            .where(col(DayOff.last_day) >= today)
            .order_by(col(DayOff.first_day), col(DayOff.id))
        ).all()
        ahead = _days_of_visits(tx, now)
        free = _free_counts(tx, now)
    visits = Counter(doctor_id for doctor_id, _ in ahead)
    views = [_off_view(one, ahead) for one in off]
    return Rota(
        doctors=[_doctor_view(one, free, visits, views) for one in doctors],
        holidays=[one for one in views if not one.doctor_id],
        until_label=day_label(today + timedelta(days=settings().booking_horizon_days)),
    )


def hits(*, doctor_id: int, first_day: date, last_day: date, name: str, now: datetime) -> list[HitView]:
    """The visits that lie on days to be closed, soonest first; doctor 0 is the whole clinic. Raises BadInput."""
    _checked(first_day, last_day, name, now)
    with read() as tx:
        return _hits(tx, doctor_id, first_day, last_day, now)


def _days_of_visits(tx: Session, now: datetime) -> list[tuple[int, date]]:
    """Doctor and day of every visit ahead."""
    zone = settings().zone
    query = select(Appointment.doctor_id, Appointment.starts_at).where(*_ahead(now))
    return [(doctor_id, starts_at.astimezone(zone).date()) for doctor_id, starts_at in tx.exec(query)]


def _ahead(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    coming = sa.or_(col(Appointment.status) == AppointmentStatus.CONFIRMED, holds.held(now))
    return col(Appointment.starts_at) > now, coming


def _free_counts(tx: Session, now: datetime) -> dict[int, int]:
    query = select(Slot.doctor_id, func.count()).where(slots.free(now)).group_by(col(Slot.doctor_id))
    return dict(tx.exec(query).all())


def _doctor_view(
    one: Doctor, free: dict[int, int], visits: Counter[int], off: Sequence[DayOffView]
) -> RotaDoctor:
    return RotaDoctor(
        id=pk(one),
        slug=one.slug,
        name=one.name,
        initials=initials(one.name),
        tint=tint(one.name),
        speciality=one.speciality,
        city=one.city,
        fee_label=rupees(one.fee_paise),
        active=one.active,
        free_times=free.get(pk(one), 0) if one.active else 0,
        visits=visits[pk(one)],
        off=[leave for leave in off if leave.doctor_id == one.id],
    )


def _off_view(one: DayOff, ahead: Sequence[tuple[int, date]]) -> DayOffView:
    on_it = [
        day
        for doctor_id, day in ahead
        if one.doctor_id in (None, doctor_id) and one.first_day <= day <= one.last_day
    ]
    return DayOffView(
        id=pk(one),
        doctor_id=one.doctor_id or 0,
        name=one.name,
        days_label=days_label(one.first_day, one.last_day),
        first_day=one.first_day.isoformat(),
        last_day=one.last_day.isoformat(),
        visits=len(on_it),
    )


def days_label(first: date, last: date) -> str:
    """Tue 24 Nov; Tue 24 Nov to Thu 26 Nov."""
    return day_label(first) if first == last else f"{day_label(first)} to {day_label(last)}"


def _hits(tx: Session, doctor_id: int, first: date, last: date, now: datetime) -> list[HitView]:
    zone = settings().zone
    whose = [Appointment.doctor_id == doctor_id] if doctor_id else []
    found = coming(
        tx,
        now,
        *whose,
        col(Appointment.starts_at) >= schedule.instant(first, time.min, zone),
        col(Appointment.starts_at) < schedule.instant(last + timedelta(days=1), time.min, zone),
    )
    return [view for _, view in found]


def coming(
    tx: Session, now: datetime, *which: sa.ColumnElement[bool] | bool
) -> list[tuple[Appointment, HitView]]:
    """The visits ahead that fulfil `which`, soonest first, as the desk calls their patients."""
    zone = settings().zone
    rows = tx.exec(
        select(Appointment, Person, Doctor.name)
        .join(Person, col(Person.id) == Appointment.patient_id)
        .join(Doctor, col(Doctor.id) == Appointment.doctor_id)
        .where(*_ahead(now), *which)
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    ).all()
    return [(visit, _hit_view(visit, person, name, zone)) for visit, person, name in rows]


def _hit_view(visit: Appointment, person: Person, doctor_name: str, zone: ZoneInfo) -> HitView:
    return HitView(
        reference=visit.reference,
        patient_name=person.name,
        patient_phone=person.phone,
        phone_label=spaced_phone(person.phone),
        doctor_name=doctor_name,
        when_label=instant_label(visit.starts_at, zone),
        paid=visit.status is AppointmentStatus.CONFIRMED,
    )


# ── Changing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def close_days(
    *, admin: Principal, doctor_id: int, first_day: date, last_day: date, name: str, now: datetime
) -> list[HitView]:
    """Close days of one doctor, or of the whole clinic (doctor 0): free times go, the visits on them are returned.

    The same days for the same reason again change nothing. Raises BadInput, NotFound.
    """
    reason = _checked(first_day, last_day, name, now)
    with write() as tx:
        doctors = slots.all_locked(tx)
        _known(doctors, doctor_id)
        row = DayOff(doctor_id=doctor_id or None, first_day=first_day, last_day=last_day, name=reason)
        if not _there(tx, row):
            tx.add(row)
            tx.flush()
            note(tx, admin, doctor_id, "closed", after=_span(row), reason=reason, now=now)
            slots.follow(tx, doctors, now)
        return _hits(tx, doctor_id, first_day, last_day, now)


def open_days(*, admin: Principal, day_off_id: int, now: datetime) -> None:
    """Take leave or a holiday back: its times are offered again at once. Raises NotFound."""
    with write() as tx:
        doctors = slots.all_locked(tx)
        row = tx.get(DayOff, day_off_id)
        if row is None:
            raise NotFound("Those days are open already.")
        note(tx, admin, row.doctor_id or 0, "opened", before=_span(row), reason=row.name, now=now)
        tx.delete(row)
        tx.flush()
        slots.follow(tx, doctors, now)


def set_active(*, admin: Principal, doctor_id: int, active: bool, now: datetime) -> None:
    """Take a doctor out of search and of booking, or back in; her booked visits stay. Raises NotFound."""
    with write() as tx:
        doctors = slots.all_locked(tx)
        doctor = _known(doctors, doctor_id)
        if doctor is None:
            raise NotFound
        if doctor.active is active:
            return
        doctor.active = active
        tx.add(doctor)
        tx.flush()
        before, after = ("away", "working") if active else ("working", "away")
        note(tx, admin, doctor_id, "doctor", before=before, after=after, now=now)
        slots.follow(tx, doctors, now)


def _checked(first: date, last: date, name: str, now: datetime) -> str:
    """The reason, tidied. Raises BadInput with every wrong field."""
    reason, today = " ".join(name.split()), clock.today(now, settings().zone)
    rules = (
        (first < today, "first_day", "Days that have passed can't be closed."),
        (last < first, "last_day", "The last day can't come before the first."),
        (last - today > LONGEST, "last_day", "Choose days within a year from today."),
        (not 2 <= len(reason) <= 80, "name", "Say why, in 2 to 80 characters: patients read it."),
    )
    if problems := [FieldError(field, sentence) for broken, field, sentence in rules if broken]:
        raise BadInput(*problems)
    return reason


def _known(doctors: Sequence[Doctor], doctor_id: int) -> Doctor | None:
    """The doctor, or None for the whole clinic. Raises NotFound."""
    found = next((one for one in doctors if one.id == doctor_id), None)
    if found is None and doctor_id:
        raise NotFound("We couldn't find that doctor.")
    return found


def _there(tx: Session, wanted: DayOff) -> bool:
    same = select(DayOff.id).where(
        col(DayOff.doctor_id) == wanted.doctor_id if wanted.doctor_id else col(DayOff.doctor_id).is_(None),
        DayOff.first_day == wanted.first_day,
        DayOff.last_day == wanted.last_day,
        DayOff.name == wanted.name,
    )
    return tx.exec(same).first() is not None


def _span(row: DayOff) -> str:
    return f"{row.first_day.isoformat()} to {row.last_day.isoformat()}"


def note(
    tx: Session,
    admin: Principal,
    doctor_id: int,
    action: str,
    *,
    now: datetime,
    before: str = "",
    after: str = "",
    reason: str = "",
) -> None:
    """A row in the doctor's own chain, or the clinic's; every doctor is locked, so `seq` has no rival."""
    audit.record(
        tx,
        f"doctor:{doctor_id}" if doctor_id else "clinic",
        action,
        actor=actors.signed_in(admin),
        before=before,
        after=after,
        reason=reason,
        now=now,
    )
