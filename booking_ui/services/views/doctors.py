"""Doctors and their days off, for the desk."""

from __future__ import annotations

from dataclasses import dataclass, field

from booking_ui.domain.clinic.practice import Written


@dataclass(frozen=True)
class DayOffView:
    """Leave of one doctor, or a holiday of the whole clinic. `visits` still lie on those days: call their patients."""

    id: int
    doctor_id: int  # 0: the whole clinic
    name: str
    days_label: str  # Tue 24 Nov; Tue 24 Nov to Thu 26 Nov
    first_day: str  # 2026-11-24
    last_day: str
    visits: int


@dataclass(frozen=True)
class RotaDoctor:
    """A doctor as the desk plans with her. Counts are of what lies ahead."""

    id: int
    slug: str
    name: str
    initials: str
    tint: int
    speciality: str
    city: str
    fee_label: str
    active: bool
    free_times: int
    visits: int
    off: list[DayOffView] = field(default_factory=list)


@dataclass(frozen=True)
class Rota:
    """Every doctor by name, and the holidays that everybody shares."""

    doctors: list[RotaDoctor] = field(default_factory=list)
    holidays: list[DayOffView] = field(default_factory=list)
    until_label: str = ""  # the last day of the counts of free times: Sat 12 Dec


@dataclass(frozen=True)
class HitView:
    """A visit on a day that is to be closed: it stays, so somebody has to call."""

    reference: str
    patient_name: str
    patient_phone: str  # as it is dialled
    phone_label: str  # as it is read
    doctor_name: str
    when_label: str
    paid: bool


@dataclass(frozen=True)
class DoctorSheet:
    """A doctor as the desk edits her. `seen` is the mark of what is stored: whoever saves says what she looked at."""

    id: int = 0
    slug: str = ""
    active: bool = True
    seen: str = ""
    written: Written = field(default_factory=Written)
    email: str = ""  # of her sign-in; empty: she has none
    email_verified: bool = False


@dataclass(frozen=True)
class SavedDoctor:
    """What came of a change. Not `saved`: `hits` would lie outside the new hours, and the desk has not agreed yet."""

    saved: bool
    hits: list[HitView]


@dataclass(frozen=True)
class StaffView:
    """Somebody who works here and may sign in."""

    name: str
    email: str
    role: str
    doctor_name: str
    since_label: str
