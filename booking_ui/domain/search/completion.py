"""The searches that an unfinished one may become, while somebody types."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from booking_ui.domain.search.catalogue import Catalogue
from booking_ui.domain.search.spelling import pieces
from booking_ui.domain.search.vocabulary import Kind, Meaning, Weights

SHORTEST = 2  # letters of the last word
_MOST_DOCTORS, _MOST_MEANINGS, _MOST_CITIES = 4, 5, 3


@dataclass(frozen=True)
class Completion:
    """A thing that the last word may mean, and the number of doctors whom it and the words before it fit."""

    meaning: Meaning
    count: int


@dataclass(frozen=True)
class Completions:
    """`before` are the words before the last one; `cities` are where the first speciality of `meanings` is found."""

    before: str = ""
    meanings: list[Completion] = field(default_factory=list)
    cities: list[Completion] = field(default_factory=list)
    doctors: list[int] = field(default_factory=list)


def completions(catalogue: Catalogue, q: str) -> Completions:
    """The surest first; none for a last word of one letter, or for one that is finished by a space."""
    last = q.rsplit(maxsplit=1)[-1] if q and not q[-1].isspace() else ""
    typed = pieces(last)
    if not typed or len(typed[-1]) < SHORTEST:
        return Completions()
    before = q[: -len(last)].strip()
    fit = catalogue.fitting(catalogue.read(before))
    means = _shown(catalogue.vocabulary.means(typed[-1], True))
    counted = {
        one: len(fit.keys() & set(catalogue.holders(one))) for one in means if one.kind is not Kind.NAME
    }
    ranked = sorted(
        (one for one in counted if counted[one]), key=lambda one: (-means[one], -counted[one], one.value)
    )
    meanings = [Completion(one, counted[one]) for one in ranked[:_MOST_MEANINGS]]
    named = [one for one in means if one.kind is Kind.NAME]
    return Completions(before, meanings, _cities(catalogue, meanings, fit), _doctors(catalogue, q, named))


def _shown(means: Weights) -> dict[Meaning, float]:
    """The meanings with ailments as the specialities that treat them."""
    shown: dict[Meaning, float] = {}
    for one, weight in means.items():
        kind = Kind.SPECIALITY if one.kind is Kind.AILMENT else one.kind
        meaning = Meaning(kind, one.value)
        shown[meaning] = max(weight, shown.get(meaning, 0.0))
    return shown


def _cities(catalogue: Catalogue, meanings: list[Completion], fit: Collection[int]) -> list[Completion]:
    first = next((one.meaning for one in meanings), None)
    if first is None or first.kind is not Kind.SPECIALITY:
        return []
    theirs = set(catalogue.holders(first)) & set(fit)
    cities = [Meaning(Kind.CITY, city) for city in catalogue.values(Kind.CITY)]
    counted = [Completion(one, len(theirs & set(catalogue.holders(one)))) for one in cities]
    found = sorted((one for one in counted if one.count), key=lambda one: (-one.count, one.meaning.value))
    return found[:_MOST_CITIES] if len(found) > 1 else []


def _doctors(catalogue: Catalogue, q: str, named: list[Meaning]) -> list[int]:
    scores = catalogue.fitting(catalogue.read(q, typing=True))
    holders = {doctor for one in named for doctor in catalogue.holders(one)}
    found = [one for one in scores if one in holders]
    return sorted(found, key=lambda one: (-scores[one], catalogue.doctors[one].name))[:_MOST_DOCTORS]
