"""A search as it was asked: words and filters. Filters narrow each other down, and each one's choices are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from booking_ui.domain.search.catalogue import Catalogue, Listed


class When(StrEnum):
    """The days on which a patient wants to come; `week` is the seven days from today on."""

    TODAY = "today"
    TOMORROW = "tomorrow"
    WEEK = "week"


Free = Mapping[int, frozenset[When]]
"""The days on which each doctor has a free time, by doctor id."""

NEVER: frozenset[When] = frozenset()


@dataclass(frozen=True)
class Asked:
    """An empty field narrows nothing. Values of filters are English, as the clinic stores them; case is ignored."""

    q: str = ""
    speciality: str = ""
    city: str = ""
    language: str = ""
    gender: str = ""
    max_fee_paise: int | None = None
    when: str = ""


@dataclass(frozen=True)
class Narrowed:
    """The doctors that fit a search, by id with how well; and for each filter how many of each value there would be.

    The counts of a filter are of the doctors that every other filter and the words leave. `fees` are in paise.
    """

    fits: dict[int, float] = field(default_factory=dict)
    values: dict[str, Counter[str]] = field(default_factory=dict)
    fees: list[int] = field(default_factory=list)


def narrowed(catalogue: Catalogue, asked: Asked, free: Free) -> Narrowed:
    scores = catalogue.fitting(catalogue.read(asked.q))
    found = Narrowed(values={name: Counter() for name in _VALUES})
    for doctor_id, score in scores.items():
        one, days = catalogue.doctors[doctor_id], free.get(doctor_id, NEVER)
        refused = refusals(asked, one, days)
        if not refused:
            found.fits[doctor_id] = score
        if len(refused) <= 1:
            _count(found, one, days, refused)
    return found


def _count(found: Narrowed, one: Listed, days: frozenset[When], refused: list[str]) -> None:
    for name, values in _VALUES.items():
        if not refused or refused == [name]:
            found.values[name].update(values(one, days))
    if not refused or refused == ["max_fee_paise"]:
        found.fees.append(one.fee_paise)


def refusals(asked: Asked, one: Listed, days: frozenset[When]) -> list[str]:
    """The names of the filters that the doctor does not pass."""
    refused = [
        name
        for name, values in _VALUES.items()
        if (wanted := getattr(asked, name)) and not _among(wanted, values(one, days))
    ]
    if asked.max_fee_paise is not None and one.fee_paise > asked.max_fee_paise:
        refused.append("max_fee_paise")
    return refused


_VALUES: dict[str, Callable[[Listed, frozenset[When]], Iterable[str]]] = {
    "speciality": lambda one, _: (one.speciality,),
    "city": lambda one, _: (one.city,),
    "language": lambda one, _: one.languages,
    "gender": lambda one, _: (one.gender,) if one.gender else (),
    "when": lambda _, days: days,
}


def _among(wanted: str, values: Iterable[str]) -> bool:
    return any(wanted == one or wanted.casefold() == one.casefold() for one in values)
