"""Leave and holidays: the desk closes days of one doctor or of the whole clinic, and opens them again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words
from booking_ui.db.models import Appointment, DayOff
from booking_ui.db.session import read, write
from booking_ui.domain import clock
from booking_ui.domain.clinic import schedule
from booking_ui.domain.errors import BadInput, FieldError, NotFound
from booking_ui.languages import _
from booking_ui.services.schedule import doctor_words, slots
from booking_ui.services.schedule.doctor_changes import note, short, visits_ahead
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import AffectedVisit

LONGEST = timedelta(days=366)


def visits_on_days(
    *, doctor_id: int, first_day: date, last_day: date, name: str, now: datetime
) -> list[AffectedVisit]:
    """The visits on days to be closed, soonest first; doctor 0 is the whole clinic. Raises BadInput."""
    _checked_reason(first_day, last_day, name, now)
    with read() as tx:
        return _visits_on(tx, doctor_id, first_day, last_day, now)


def close_days(
    *, admin: Principal, doctor_id: int, first_day: date, last_day: date, name: str, now: datetime
) -> list[AffectedVisit]:
    """Close days of one doctor, or of the whole clinic (doctor 0). Free times go; returns the visits, which stay.

    Closing the same days for the same reason again changes nothing. Raises BadInput, NotFound.
    """
    reason = _checked_reason(first_day, last_day, name, now)
    with write() as tx:
        doctors = slots.all_locked(tx)
        if doctor_id and all(one.id != doctor_id for one in doctors):
            raise NotFound(_("We couldn't find that doctor."))
        row = DayOff(doctor_id=doctor_id or None, first_day=first_day, last_day=last_day, name=reason)
        if not _is_closed(tx, row):
            tx.add(row)
            tx.flush()
            note(tx, admin, doctor_id, "closed", after=_days(row), reason=reason, now=now)
            slots.follow(tx, doctors, now)
        return _visits_on(tx, doctor_id, first_day, last_day, now)


def open_days(*, admin: Principal, day_off_id: int, now: datetime) -> None:
    """Take leave or a holiday back: its times are offered again at once. Raises NotFound."""
    with write() as tx:
        doctors = slots.all_locked(tx)
        row = tx.get(DayOff, day_off_id)
        if row is None:
            raise NotFound(_("Those days are open already."))
        note(tx, admin, row.doctor_id or 0, "opened", before=_days(row), reason=row.name, now=now)
        tx.delete(row)
        tx.flush()
        slots.follow(tx, doctors, now)


def say(*, admin: Principal, day_off_id: int, language: str, text: str, now: datetime) -> None:
    """Say the reason of closed days in another language, for all days with that reason; empty is in English again.

    Saying what is said already changes nothing. Raises BadInput, NotFound.
    """
    tidy = " ".join(text.split())
    if tidy and not _is_reason(tidy):
        raise BadInput(FieldError("text", _("Write 2 to 80 characters, or nothing.")))
    if language not in doctor_words.others():
        raise NotFound
    with write() as tx:
        slots.all_locked(tx)
        row = tx.get(DayOff, day_off_id)
        if row is None:
            raise NotFound(_("Those days are open already."))
        before = clinic_words.known(tx, language, [row.name]).by_english.get(row.name, "")
        after = "" if tidy == row.name else tidy
        if before == after:
            return
        clinic_words.keep(tx, language, row.name, after)
        said = {"before": short(before), "after": short(after)}
        action = f"closed_{language}"
        note(tx, admin, row.doctor_id or 0, action, **said, reason=row.name, now=now)


def _is_reason(tidy: str) -> bool:
    return 2 <= len(tidy) <= 80


def _visits_on(tx: Session, doctor_id: int, first: date, last: date, now: datetime) -> list[AffectedVisit]:
    zone = settings().zone
    of_doctor = [Appointment.doctor_id == doctor_id] if doctor_id else []
    found = visits_ahead(
        tx,
        now,
        *of_doctor,
        col(Appointment.starts_at) >= schedule.instant(first, time.min, zone),
        col(Appointment.starts_at) < schedule.instant(last + timedelta(days=1), time.min, zone),
    )
    return [view for _, view in found]


def _checked_reason(first: date, last: date, name: str, now: datetime) -> str:
    """The reason, tidied, for days that may be closed. Raises BadInput with every wrong field."""
    reason, today = " ".join(name.split()), clock.today(now, settings().zone)
    rules = (
        (first < today, "first_day", _("Days that have passed can't be closed.")),
        (last < first, "last_day", _("The last day can't come before the first.")),
        (last - today > LONGEST, "last_day", _("Choose days within a year from today.")),
        (not _is_reason(reason), "name", _("Say why, in 2 to 80 characters: patients read it.")),
    )
    if problems := [FieldError(field, sentence) for broken, field, sentence in rules if broken]:
        raise BadInput(*problems)
    return reason


def _is_closed(tx: Session, wanted: DayOff) -> bool:
    same = select(DayOff.id).where(
        col(DayOff.doctor_id) == wanted.doctor_id if wanted.doctor_id else col(DayOff.doctor_id).is_(None),
        DayOff.first_day == wanted.first_day,
        DayOff.last_day == wanted.last_day,
        DayOff.name == wanted.name,
    )
    return tx.exec(same).first() is not None


def _days(row: DayOff) -> str:
    return f"{row.first_day.isoformat()} to {row.last_day.isoformat()}"
