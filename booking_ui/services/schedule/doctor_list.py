"""The desk's list of doctors, with the free times, visits and days off that lie ahead of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words
from booking_ui.db.clinic_words import Words
from booking_ui.db.models import Appointment, DayOff, Doctor, Slot, pk
from booking_ui.db.session import read
from booking_ui.domain import clock
from booking_ui.domain.clock import day_label, days_label
from booking_ui.domain.money import rupees
from booking_ui.domain.people.short_name import initials, tint
from booking_ui.languages import named
from booking_ui.services.schedule import doctor_words, slots
from booking_ui.services.schedule.doctor_changes import is_ahead
from booking_ui.services.views.desk import DayOffView, DoctorList, ListedDoctor, WordView


def list_doctors(*, now: datetime) -> DoctorList:
    """Every doctor by name, and the clinic's holidays; in four queries, and one for each other language."""
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
        words = clinic_words.words(tx)
        reasons = [one.name for one in off]
        others = {language: clinic_words.known(tx, language, reasons) for language in doctor_words.others()}
    visits = Counter(doctor_id for doctor_id, _ in ahead)
    views = [_day_off(one, ahead, words, others) for one in off]
    return DoctorList(
        doctors=[_listed(one, words, free, visits, views) for one in doctors],
        holidays=[one for one in views if not one.doctor_id],
        until_label=day_label(today + timedelta(days=settings().booking_horizon_days)),
    )


def _days_of_visits(tx: Session, now: datetime) -> list[tuple[int, date]]:
    zone = settings().zone
    query = select(Appointment.doctor_id, Appointment.starts_at).where(is_ahead(now))
    return [(doctor_id, starts_at.astimezone(zone).date()) for doctor_id, starts_at in tx.exec(query)]


def _free_counts(tx: Session, now: datetime) -> dict[int, int]:
    query = select(Slot.doctor_id, func.count()).where(slots.free(now)).group_by(col(Slot.doctor_id))
    return dict(tx.exec(query).all())


def _listed(
    one: Doctor, words: Words, free: dict[int, int], visits: Counter[int], off: Sequence[DayOffView]
) -> ListedDoctor:
    return ListedDoctor(
        id=pk(one),
        slug=one.slug,
        name=one.name,
        initials=initials(one.name),
        tint=tint(one.name),
        speciality=words.said(one.speciality),
        city=words.said(one.city),
        fee_label=rupees(one.fee_paise),
        active=one.active,
        free_times=free.get(pk(one), 0) if one.active else 0,
        visits=visits[pk(one)],
        off=[leave for leave in off if leave.doctor_id == one.id],
    )


def _day_off(
    one: DayOff, ahead: Sequence[tuple[int, date]], words: Words, others: Mapping[str, Words]
) -> DayOffView:
    on_it = [
        day
        for doctor_id, day in ahead
        if one.doctor_id in (None, doctor_id) and one.first_day <= day <= one.last_day
    ]
    return DayOffView(
        id=pk(one),
        doctor_id=one.doctor_id or 0,
        name=words.said(one.name),
        days_label=days_label(one.first_day, one.last_day),
        first_day=one.first_day.isoformat(),
        last_day=one.last_day.isoformat(),
        visits=len(on_it),
        words=[
            WordView(language, named(language), known.by_english.get(one.name, ""))
            for language, known in others.items()
        ],
    )
