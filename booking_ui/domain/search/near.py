"""The searches closest to one that finds nobody, each with one part of it given up."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from booking_ui.domain.search.asked import Asked, Free, When, narrowed
from booking_ui.domain.search.catalogue import Catalogue, Word
from booking_ui.domain.search.places import kilometres
from booking_ui.domain.search.vocabulary import Kind

_CITIES = 3
_WHERE = frozenset({Kind.CITY, Kind.AREA})
_WIDER = {When.TODAY: (When.TOMORROW, When.WEEK, ""), When.TOMORROW: (When.WEEK, ""), When.WEEK: ("",)}


class Given(StrEnum):
    """The part of a search that is given up, or of a place the other one."""

    CITY = "city"
    WHEN = "when"
    FEE = "fee"
    LANGUAGE = "language"
    GENDER = "gender"
    SPECIALITY = "speciality"
    WORDS = "words"


@dataclass(frozen=True)
class Near:
    """A search that finds `count` doctors. `value` is its city, its days or its words, whatever `given` was."""

    given: Given
    asked: Asked
    count: int
    value: str = ""


@dataclass(frozen=True)
class Meant:
    """The speciality and the city that a search names, in English; the words of it that nobody knows."""

    speciality: str = ""
    city: str = ""
    unknown: str = ""


def meant(catalogue: Catalogue, asked: Asked) -> Meant:
    words = catalogue.read(asked.q)
    return Meant(
        speciality=asked.speciality or _named(words, {Kind.SPECIALITY, Kind.AILMENT}),
        city=asked.city or _named(words, {Kind.CITY}),
        unknown=" ".join(one.typed for one in words if not one.meanings),
    )


def _named(words: list[Word], kinds: Collection[Kind]) -> str:
    surest = (one.surest() for one in words)
    return next((one.value for one in surest if one and one.kind in kinds), "")


def near(catalogue: Catalogue, asked: Asked, free: Free) -> list[Near]:
    """The searches that find somebody: first without the words that nobody knows, then by other cities, days and the rest."""
    tried = [
        *_other_words(catalogue, asked),
        *_other_cities(catalogue, asked, free),
        *_other_filters(catalogue, asked),
    ]
    counted = [replace(one, count=len(narrowed(catalogue, one.asked, free).fits)) for one in tried]
    found = [one for one in counted if one.count]
    first_day = next((one for one in found if one.given is Given.WHEN), None)
    return [one for one in found if one.given is not Given.WHEN or one is first_day]


def _other_words(catalogue: Catalogue, asked: Asked) -> Iterator[Near]:
    words = catalogue.read(asked.q)
    known = [one for one in words if one.meanings]
    for kept in (known, [one for one in known if Kind.NAME not in one.kinds]):
        if 0 < len(kept) < len(words):
            q = _text(kept)
            yield Near(Given.WORDS, replace(asked, q=q), 0, q)
            return


def _other_cities(catalogue: Catalogue, asked: Asked, free: Free) -> Iterator[Near]:
    """The nearest cities; those of which nobody knows the distance after them, the one with most doctors first."""
    words = catalogue.read(asked.q)
    where = [one for one in words if _is_where(one)]
    if not where and not asked.city:
        return
    elsewhere = replace(asked, q=_text([one for one in words if one not in where]), city="")
    cities = narrowed(catalogue, elsewhere, free).values["city"]
    here = asked.city or _named(where, {Kind.CITY})
    ranked = sorted(cities, key=lambda city: (_far(here, city), -cities[city], city))
    for city in [one for one in ranked if one != here][:_CITIES]:
        yield Near(Given.CITY, replace(elsewhere, city=city), 0, city)


def _is_where(word: Word) -> bool:
    surest = word.surest()
    return surest is not None and surest.kind in _WHERE


def _far(here: str, city: str) -> float:
    distance = kilometres(here, city)
    return float("inf") if distance is None else distance


def _other_filters(catalogue: Catalogue, asked: Asked) -> Iterator[Near]:
    if asked.when:
        for wider in _WIDER[When(asked.when)]:
            yield Near(Given.WHEN, replace(asked, when=wider), 0, wider)
    if asked.max_fee_paise is not None:
        yield Near(Given.FEE, replace(asked, max_fee_paise=None), 0)
    words = catalogue.read(asked.q)
    if asked.language or _any(words, Kind.LANGUAGE):
        yield Near(Given.LANGUAGE, replace(asked, q=_without(asked.q, words, Kind.LANGUAGE), language=""), 0)
    if asked.gender or _any(words, Kind.GENDER):
        yield Near(Given.GENDER, replace(asked, q=_without(asked.q, words, Kind.GENDER), gender=""), 0)
    if asked.speciality:
        yield Near(Given.SPECIALITY, replace(asked, speciality=""), 0)


def _any(words: list[Word], kind: Kind) -> bool:
    return any(kind in one.kinds for one in words)


def _without(q: str, words: list[Word], kind: Kind) -> str:
    """The search without its words of a kind; as it was typed where it has none."""
    return _text([one for one in words if kind not in one.kinds]) if _any(words, kind) else q


def _text(words: Collection[Word]) -> str:
    return " ".join(one.typed for one in words)
