"""The demo clinic of clinic.json: doctors with their hours, leave and a holiday, and people; its words of words.json."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from booking_ui.db import clinic_words
from booking_ui.db.models import DayOff, Doctor, HoursKind, Person, Role, WorkingHours, pk
from booking_ui.services.accounts import staff
from booking_ui.services.accounts.passwords import NO_PASSWORD
from booking_ui.services.views import Principal

CLINIC = Path(__file__).with_name("clinic.json")
WORDS = Path(__file__).with_name("words.json")

Facts = dict[str, Any]


def facts() -> Facts:
    found: Facts = json.loads(CLINIC.read_text(encoding="utf-8"))
    return found


def doctors(tx: Session, clinic: Facts, today: date) -> None:
    """Write the doctors, their weekly hours, leave and the holiday, without any slot yet."""
    for one in clinic["doctors"]:
        kept = {key: value for key, value in one.items() if key not in ("fee", "hours")}
        doctor = Doctor(slug=_slug(one["name"]), fee_paise=one["fee"] * 100, **kept)
        tx.add(doctor)
        tx.flush()
        tx.add_all(_hours(pk(doctor), one["hours"]))
    for leave in clinic["leave"]:
        doctor_id = tx.exec(select(Doctor.id).where(Doctor.slug == leave["doctor"])).one()
        first = today + timedelta(days=leave["day"])
        last = first + timedelta(days=leave["days"] - 1)
        tx.add(DayOff(doctor_id=doctor_id, first_day=first, last_day=last, name=leave["name"]))
    holiday = today + timedelta(days=clinic["holiday"]["day"])
    holiday += timedelta(days=holiday.weekday() == 6)  # on a Sunday it would not show
    tx.add(DayOff(first_day=holiday, last_day=holiday, name=clinic["holiday"]["name"]))


def words(tx: Session) -> None:
    """Write the words of the clinic in the other languages that it has."""
    for language, said in json.loads(WORDS.read_text(encoding="utf-8")).items():
        for english, text in said.items():
            clinic_words.keep(tx, language, english, text)


def _hours(doctor_id: int, weekly: list[Facts]) -> list[WorkingHours]:
    """Rows for [{"days": "0-4", "work": ["09:00-13:00"], "breaks": ["11:00-11:15"]}]; Monday is 0."""
    return [
        WorkingHours(doctor_id=doctor_id, weekday=weekday, kind=kind, **_span(span))
        for one in weekly
        for weekday in _weekdays(one["days"])
        for kind, key in ((HoursKind.WORK, "work"), (HoursKind.BREAK, "breaks"))
        for span in one.get(key, ())
    ]


def _weekdays(text: str) -> list[int]:
    if "-" in text:
        first, last = text.split("-")
        return list(range(int(first), int(last) + 1))
    return [int(one) for one in text.split(",")]


def _span(text: str) -> dict[str, Any]:
    starts, ends = text.split("-")
    return {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}


def people(tx: Session, clinic: Facts, password_hash: str, now: datetime) -> Principal:
    """Write the demo logins, and patients who can't sign in; returns the desk's admin."""
    doctors = dict(tx.exec(select(Doctor.slug, Doctor.id)).all())
    rows = [
        Person(
            name=facts["name"],
            email=facts["email"],
            phone=facts["phone"],
            role=Role(facts["role"]),
            doctor_id=doctors.get(facts.get("doctor", "")),
            password_hash=password_hash if facts["login"] else NO_PASSWORD,
            demo=True,
            email_verified_at=now - timedelta(days=30),
            created_at=now - timedelta(days=30),
        )
        for facts in clinic["people"]
    ]
    tx.add_all(rows)
    tx.flush()
    for one in rows:
        staff.record_first_role(tx, one, now)
    devi = next(one for one in rows if one.role is Role.ADMIN)
    return Principal(pk(devi), devi.name, devi.email or "", devi.phone, devi.role.value)


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")[:80]
