"""A search as it was asked: words and filters. Filters narrow each other down, and each one's choices are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import chain

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

    @cached_property
    def wanted(self) -> list[tuple[str, str]]:
        """The filters that are set, but for the fee, with their values."""
        return [(name, value) for name in _VALUES if (value := getattr(self, name))]


@dataclass(frozen=True)
class Narrowed:
    """The doctors that fit a search, by id with how well; and for each filter how many of each value there would be.

    The counts of a filter are of the doctors that every other filter and the words leave. `fees` are in paise.
    """

    fits: dict[int, float] = field(default_factory=dict)
    values: dict[str, Counter[str]] = field(default_factory=dict)
    fees: list[int] = field(default_factory=list)


def narrowed(catalogue: Catalogue, asked: Asked, free: Free) -> Narrowed:
    passing: list[Listed] = []
    but_for: dict[str, list[Listed]] = {}  # doctors whom one filter alone refuses
    scores = catalogue.fitting(catalogue.read(asked.q))
    for doctor_id in scores:
        one = catalogue.doctors[doctor_id]
        refused = refusals(asked, one, free.get(doctor_id, NEVER))
        if not refused:
            passing.append(one)
        elif len(refused) == 1:
            but_for.setdefault(refused[0], []).append(one)

    def among(name: str) -> Iterator[Listed]:
        return chain(passing, but_for.get(name, ()))

    return Narrowed(
        fits={one.id: scores[one.id] for one in passing},
        values={
            name: Counter(value for one in among(name) for value in values(one, free.get(one.id, NEVER)))
            for name, values in _VALUES.items()
        },
        fees=[one.fee_paise for one in among("max_fee_paise")],
    )


def refusals(asked: Asked, one: Listed, days: frozenset[When]) -> list[str]:
    """The names of the filters that the doctor does not pass."""
    refused = [name for name, wanted in asked.wanted if not _among(wanted, _VALUES[name](one, days))]
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
