"""A doctor's day, as the doctor sees it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DoctorDayVisit:
    """One visit as its doctor sees it: no phone, no mail, no money but whether it is paid."""

    reference: str
    time_label: str  # 10:30 am
    until_label: str  # 11:00 am
    patient_name: str  # who comes
    reason: str
    status: str
    paid: bool
    over: bool


@dataclass(frozen=True)
class DoctorDayView:
    """A doctor's visits of one day, first to last. Days are 2026-11-24; `next_with_visits` is empty when there is none."""

    day: str
    day_label: str
    is_today: bool
    previous: str
    next: str
    next_with_visits: str
    next_with_visits_label: str
    doctor_name: str
    visits: list[DoctorDayVisit] = field(default_factory=list)
    expected: int = 0
    done: int = 0
    missed: int = 0
    unpaid: int = 0
    cancelled: int = 0
