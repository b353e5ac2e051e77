"""Doctors and their days off, for the desk."""

from __future__ import annotations

from dataclasses import dataclass, field

from booking_ui.domain.clinic.practice import Translated, Written


@dataclass(frozen=True)
class WordView:
    """A reason of leave in another language; `text` is empty while it is said in English."""

    language: str
    language_label: str  # Hindi (हिन्दी)
    text: str


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
    words: list[WordView] = field(default_factory=list)


@dataclass(frozen=True)
class ListedDoctor:
    """A doctor in the desk's list; `free_times` and `visits` count those ahead."""

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
class DoctorList:
    """Every doctor by name, and the holidays of the whole clinic."""

    doctors: list[ListedDoctor] = field(default_factory=list)
    holidays: list[DayOffView] = field(default_factory=list)
    until_label: str = ""  # the last day of the counts of free times: Sat 12 Dec


@dataclass(frozen=True)
class AffectedVisit:
    """A visit on a day to be closed or outside new hours. It stays, so the desk has to call the patient."""

    reference: str
    patient_name: str
    patient_phone: str  # to dial
    phone_label: str  # to read
    doctor_name: str
    when_label: str
    paid: bool


@dataclass(frozen=True)
class DoctorWords:
    """The words about a doctor in another language. `seen` is the version of them and of their English."""

    language: str
    language_label: str  # Hindi (हिन्दी)
    seen: str
    written: Translated


@dataclass(frozen=True)
class DoctorSheet:
    """A doctor as the desk edits them. `seen` is the version on the page: a save that names an older one is refused."""

    id: int = 0
    slug: str = ""
    active: bool = True
    seen: str = ""
    written: Written = field(default_factory=Written)
    words: list[DoctorWords] = field(default_factory=list)
    email: str = ""  # of the doctor's sign-in; empty without one
    email_verified: bool = False


@dataclass(frozen=True)
class SavedDoctor:
    """The result of a change. When not `saved`, the desk has not agreed yet to the `affected` visits outside the new hours."""

    saved: bool
    affected: list[AffectedVisit]


@dataclass(frozen=True)
class StaffView:
    """An account of staff."""

    name: str
    email: str
    role: str
    doctor_name: str
    since_label: str
