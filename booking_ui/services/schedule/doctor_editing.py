"""The desk adds a doctor, changes their facts, fee and weekly hours, or takes them out of booking and back in.

Free times follow in the same transaction, under the doctors' locks. Booked visits keep their time and their price; those
that would lie outside new hours are listed before anything is saved.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Doctor, HoursKind, Person, Role, WorkingHours, pk
from booking_ui.db.session import read, write
from booking_ui.domain import clock
from booking_ui.domain.clinic import schedule, weekly
from booking_ui.domain.clinic.practice import Practice, Written, fee_text, practice
from booking_ui.domain.clinic.schedule import Hours, Plan
from booking_ui.domain.clinic.weekly import Week
from booking_ui.domain.errors import BadInput, ChangedMeanwhile, FieldError, NotFound
from booking_ui.languages import _
from booking_ui.services.journal.audit import Action
from booking_ui.services.schedule import doctor_words, slots
from booking_ui.services.schedule.doctor_changes import CHANGED, note, one_of, short, visits_ahead
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import AffectedVisit, DoctorSheet, SavedDoctor


def sheet(*, slug: str) -> DoctorSheet:
    """One doctor as the desk edits them, bookable or not. Raises NotFound."""
    with read() as tx:
        doctor = tx.exec(select(Doctor).where(Doctor.slug == slug)).first()
        if doctor is None:
            raise NotFound(_("We couldn't find that doctor."))
        written = _written(doctor, _week(tx, pk(doctor)))
        account = sign_in_of(tx, pk(doctor))
        return DoctorSheet(
            id=pk(doctor),
            slug=doctor.slug,
            active=doctor.active,
            seen=_version(written),
            written=written,
            words=doctor_words.of_doctor(tx, doctor),
            email=(account.email or "") if account else "",
            email_verified=account is not None and account.email_verified_at is not None,
        )


def sign_in_of(tx: Session, doctor_id: int) -> Person | None:
    query = select(Person).where(Person.doctor_id == doctor_id, Person.role == Role.DOCTOR)
    return tx.exec(query.order_by(col(Person.id))).first()


def specialities() -> list[str]:
    with read() as tx:
        return list(tx.exec(select(Doctor.speciality).distinct().order_by(col(Doctor.speciality))).all())


def add(*, admin: Principal, written: Written, now: datetime) -> str:
    """Add a doctor with their free times; returns the slug of their page. Raises BadInput.

    A second doctor of one name and speciality is refused, so a form that arrives twice adds one.
    """
    wanted = practice(written, clock.today(now, settings().zone).year)
    try:
        with write() as tx:
            others = slots.all_locked(tx)
            if _exists(tx, wanted):
                raise _already_here(wanted)
            doctor = Doctor(slug=_slug(tx, wanted.facts["name"]), **wanted.facts)
            tx.add(doctor)
            tx.flush()
            _write_hours(tx, doctor, wanted.week)
            note(tx, admin, pk(doctor), Action.DOCTOR_ADDED, now=now)
            _note_changes(tx, admin, doctor, Written(), _written(doctor, wanted.week), now)
            slots.follow(tx, [*others, doctor], now)
            return doctor.slug
    except IntegrityError as race:
        # The first doctor of all, added twice at once: no row was there to be locked.
        raise _already_here(wanted) from race


def change(
    *,
    admin: Principal,
    doctor_id: int,
    seen: str,
    written: Written,
    agreed: Collection[str] = (),
    now: datetime,
) -> SavedDoctor:
    """Save the form of a doctor; a new fee is for new bookings.

    Returns the visits inside the old hours and outside the new ones. Nothing is saved unless all their references are
    `agreed` to. A form that is stored already changes nothing, so it may arrive twice.

    Raises:
        BadInput: every wrong field with its sentence.
        NotFound: there is no such doctor.
        ChangedMeanwhile: the stored version is not `seen`: another admin saved first.
    """
    wanted = practice(written, clock.today(now, settings().zone).year)
    try:
        with write() as tx:
            doctors = slots.all_locked(tx)
            doctor = one_of(doctors, doctor_id)
            week = _week(tx, doctor_id)
            if _is_stored(doctor, week, wanted):
                return SavedDoctor(saved=True, affected=[])
            if seen != _version(_written(doctor, week)):
                raise ChangedMeanwhile
            _save(tx, admin, doctor, week, wanted, now)
            slots.follow(tx, doctors, now)
            # Only now are the slots that no longer fit locked, so nobody books one between the question and the commit.
            affected = _visits_outside(tx, doctor_id, week, wanted.week, now)
            if {one.reference for one in affected} - set(agreed):
                raise _NotAgreedError(affected)
            return SavedDoctor(saved=True, affected=affected)
    except _NotAgreedError as unagreed:  # all of it was rolled back
        return SavedDoctor(saved=False, affected=unagreed.visits)


def set_active(*, admin: Principal, doctor_id: int, active: bool, now: datetime) -> None:
    """Take a doctor out of search and booking, or back in; booked visits stay. Raises NotFound."""
    with write() as tx:
        doctors = slots.all_locked(tx)
        doctor = one_of(doctors, doctor_id)
        if doctor.active is active:
            return
        doctor.active = active
        tx.add(doctor)
        tx.flush()
        before, after = ("away", "working") if active else ("working", "away")
        note(tx, admin, doctor_id, "doctor", before=before, after=after, now=now)
        slots.follow(tx, doctors, now)


class _NotAgreedError(Exception):
    def __init__(self, visits: list[AffectedVisit]) -> None:
        super().__init__()
        self.visits = visits


def _is_stored(doctor: Doctor, week: Week, wanted: Practice) -> bool:
    return week == wanted.week and all(getattr(doctor, name) == value for name, value in wanted.facts.items())


def _save(tx: Session, admin: Principal, doctor: Doctor, week: Week, wanted: Practice, now: datetime) -> None:
    before = _written(doctor, week)
    for name, value in wanted.facts.items():
        setattr(doctor, name, value)
    tx.add(doctor)
    tx.flush()
    if wanted.week != week:
        _write_hours(tx, doctor, wanted.week)
    _note_changes(tx, admin, doctor, before, _written(doctor, wanted.week), now)


# ── Stored facts and hours ────────────────────────────────────────────────────────────────────────────────────────────────


def _week(tx: Session, doctor_id: int) -> Week:
    rows = tx.exec(select(WorkingHours).where(WorkingHours.doctor_id == doctor_id)).all()
    return weekly.week_of(
        Hours(one.weekday, one.starts, one.ends, one.kind is HoursKind.BREAK) for one in rows
    )


def _write_hours(tx: Session, doctor: Doctor, week: Week) -> None:
    tx.exec(delete(WorkingHours).where(col(WorkingHours.doctor_id) == pk(doctor)))
    tx.add_all(
        WorkingHours(doctor_id=pk(doctor), weekday=one.weekday, starts=one.starts, ends=one.ends)
        for one in weekly.hours_of(week)
    )
    tx.flush()


def _written(doctor: Doctor, week: Week) -> Written:
    lines = dict(zip(weekly.DAYS, map(weekly.day_line, week), strict=True))
    return Written(
        name=doctor.name,
        qualifications=doctor.qualifications,
        registration=doctor.registration,
        gender=doctor.gender or "",
        speciality=doctor.speciality,
        languages=", ".join(doctor.languages),
        city=doctor.city,
        area=doctor.area,
        address=doctor.address,
        practising_since=str(doctor.practising_since),
        about=doctor.about,
        fee=fee_text(doctor.fee_paise),
        slot_minutes=str(doctor.slot_minutes),
        **lines,
    )


def _version(written: Written) -> str:
    """A hash of a doctor's facts and hours, by which a later save is noticed."""
    return hashlib.sha256(json.dumps(asdict(written)).encode()).hexdigest()[:32]


def _exists(tx: Session, wanted: Practice) -> bool:
    name, speciality = wanted.facts["name"], wanted.facts["speciality"]
    same = select(Doctor.id).where(
        # Lower case on both sides by the database: SQLite folds ASCII alone, Python everything.
        func.lower(Doctor.name) == func.lower(name),
        func.lower(Doctor.speciality) == func.lower(speciality),
    )
    return tx.exec(same).first() is not None


def _already_here(wanted: Practice) -> BadInput:
    sentence = _(
        "{doctor}, {speciality}, is here already: open that page from the list of doctors.",
        doctor=wanted.facts["name"],
        speciality=wanted.facts["speciality"],
    )
    return BadInput(FieldError("name", sentence))


def _slug(tx: Session, name: str) -> str:
    """The end of the doctor's address, dr-chandra-rao. It stays when the name changes, because links point at it."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = [one for one in re.split(r"[^a-z0-9]+", ascii_name) if one not in ("", "dr")]
    base = "-".join(["dr", *words])[:70].rstrip("-")
    taken = set(tx.exec(select(Doctor.slug).where(col(Doctor.slug).startswith(base, autoescape=True))).all())
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (base if words else f"{base}-1", *numbered) if one not in taken)


# ── The consequences of a change ────────────────────────────────────────────────────────────────────────────────────────────


def _visits_outside(
    tx: Session, doctor_id: int, before: Week, after: Week, now: datetime
) -> list[AffectedVisit]:
    if before == after:
        return []
    old = Plan(weekly.hours_of(before), slot_minutes=1, zone=settings().zone)
    new = replace(old, hours=weekly.hours_of(after))
    return [
        view
        for visit, view in visits_ahead(tx, now, Appointment.doctor_id == doctor_id)
        if schedule.fits(old, visit.starts_at, visit.ends_at)
        and not schedule.fits(new, visit.starts_at, visit.ends_at)
    ]


def _note_changes(
    tx: Session, admin: Principal, doctor: Doctor, before: Written, after: Written, now: datetime
) -> None:
    for field, was, becomes in _changes(before, after):
        note(tx, admin, pk(doctor), f"{CHANGED}_{field}", before=was, after=becomes, now=now)


def _changes(before: Written, after: Written) -> Iterator[tuple[str, str, str]]:
    for field, becomes in asdict(after).items():
        was = getattr(before, field)
        if was != becomes:
            yield field, short(was), short(becomes)
