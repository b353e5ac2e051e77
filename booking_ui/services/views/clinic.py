"""The clinic for patients: doctors, days and slots."""

from __future__ import annotations

from dataclasses import dataclass, field

from booking_ui.domain.search.asked import Asked


@dataclass(frozen=True)
class SlotView:
    """One bookable time. `status` is free, held or booked; `part` is morning, afternoon or evening."""

    id: int = 0
    doctor_id: int = 0
    starts_at: str = ""
    day: str = ""  # 2026-11-24, in the clinic's zone
    day_label: str = ""  # Tue 24 Nov
    time_label: str = ""  # 10:30 am
    part: str = ""
    status: str = ""


@dataclass(frozen=True)
class DayView:
    """One day of the strip. `state` is open, full, closed, over or ahead (of the horizon); `note` says why none is free."""

    day: str = ""
    weekday_label: str = ""  # Tue
    date_label: str = ""  # 24 Nov
    long_label: str = ""  # Tuesday 24 November 2026
    free_count: int = 0
    state: str = ""
    note: str = ""
    morning: list[SlotView] = field(default_factory=list)
    afternoon: list[SlotView] = field(default_factory=list)
    evening: list[SlotView] = field(default_factory=list)


@dataclass(frozen=True)
class StripView:
    """The days that stand side by side, and the first ones of the strips before and after it; "" when there is none."""

    days: list[DayView]
    earlier: str
    later: str


@dataclass(frozen=True)
class DoctorView:
    """A doctor as a card or a page shows them. `next_slots` are their next free times, soonest first."""

    id: int = 0
    slug: str = ""
    name: str = ""
    initials: str = ""
    tint: int = 0  # 0..7, from the name: the colour behind the initials
    speciality: str = ""
    qualifications: str = ""
    experience_label: str = ""  # 12 years
    languages_label: str = ""  # English, Hindi, Kannada
    city: str = ""
    area: str = ""
    address: str = ""
    fee_paise: int = 0
    fee_label: str = ""  # ₹500
    about: str = ""
    next_slots: list[SlotView] = field(default_factory=list)
    next_free_label: str = ""  # Thu 26 Nov, 9:15 am; empty when nothing is free within the horizon


@dataclass(frozen=True)
class Facet:
    """One choice of a filter: addresses ask for `value`, which is English; people read `label`.

    `count` is how many doctors there would be with this choice, the others staying as they are.
    """

    value: str
    label: str
    count: int = 0


@dataclass(frozen=True)
class Facets:
    """The choices of the search page, each list in the order of its labels; nothing here is typed twice in a page.

    `genders` is empty where the clinic tells none; `fees` are highest fees in rupees.
    """

    specialities: list[Facet] = field(default_factory=list)
    cities: list[Facet] = field(default_factory=list)
    languages: list[Facet] = field(default_factory=list)
    genders: list[Facet] = field(default_factory=list)
    days: list[Facet] = field(default_factory=list)
    fees: list[Facet] = field(default_factory=list)


@dataclass(frozen=True)
class NearSearch:
    """A search that finds somebody, close to one that does not; `asked` has its words and filters."""

    label: str  # 3 in Mumbai
    asked: Asked


@dataclass(frozen=True)
class ResultsView:
    """The first doctors of a search and how many there are; when there is none, why, and what is near."""

    total: int = 0
    doctors: list[DoctorView] = field(default_factory=list)
    facets: Facets = field(default_factory=Facets)
    why_none: str = ""  # No dentist in Pune
    near: list[NearSearch] = field(default_factory=list)


@dataclass(frozen=True)
class Suggestion:
    """A line below the search field while somebody types: a doctor with their page's slug, or the text to search for."""

    kind: str  # doctor, speciality, city, area, language, gender
    label: str
    detail: str
    q: str = ""
    slug: str = ""
