"""The words by which doctors are found, and what a typed word means: exactly, by its sound, by its beginning, misspelt.

A vocabulary knows no doctor; it maps words to meanings.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category, combining

from rapidfuzz import process
from rapidfuzz.distance import OSA

from booking_ui.domain.search.spelling import sound


class Kind(StrEnum):
    NAME = "name"
    SPECIALITY = "speciality"
    AILMENT = "ailment"
    CITY = "city"
    AREA = "area"
    LANGUAGE = "language"
    GENDER = "gender"


class Meaning(NamedTuple):
    """A thing that a word can stand for. `value` is English as the clinic stores it; of a name it is one word of it, folded.

    Of an ailment it is a speciality that treats it.
    """

    kind: Kind
    value: str


Forms = Mapping[str, str]
"""Words of the vocabulary with what of them is compared: the whole, or their beginning."""

Weights = Mapping[Meaning, float]
"""Meanings of a typed word, with how surely it has each: above 0 and at most 1."""

EXACT, ALIKE, BEGUN, FORM, NEAR, FAR = 1.0, 0.95, 0.8, 0.75, 0.6, 0.5
_WHOLE = 1_000  # longer than any word
_LONGEST = 24  # letters of a word that may be misspelt; bounds what is kept for each length
_REMEMBERED = 4_000  # typed words of one vocabulary


class Vocabulary:
    def __init__(self, entries: Mapping[str, Weights]) -> None:
        """`entries` has the meanings of each folded word."""
        self._exact = entries
        self._words = sorted(entries)
        by_sound: dict[str, dict[Meaning, float]] = {}
        for word, meanings in entries.items():
            _add(by_sound.setdefault(sound(word), {}), meanings, 1.0)
        self._by_sound = by_sound
        self._sounds = sorted(by_sound)
        self._cuts: dict[int, tuple[Forms, Forms]] = {}
        self.means: Callable[[str, bool], Weights] = lru_cache(_REMEMBERED)(self._means)

    def _means(self, typed: str, begun: bool) -> Weights:
        """The meanings of a folded word, none for one that nobody knows.

        `begun`: the word may be unfinished although it is a word already, as while somebody types.
        """
        found: dict[Meaning, float] = {}
        _add(found, self._exact.get(typed, {}), EXACT)
        key = sound(typed)
        if len(key) > 2 or not typed.isascii():
            _add(found, self._by_sound.get(key, {}), ALIKE)
        settled = any(meaning.kind is not Kind.NAME for meaning in found)
        if begun or not settled:
            for word in _beginning(self._words, typed):
                _add(found, self._exact[word], BEGUN)
            for one in _beginning(self._sounds, key) if len(key) > 2 else ():
                _add(found, self._by_sound[one], BEGUN)
        return found or dict(self._other_form(typed)) or self._misspelt(typed, key)

    def _other_form(self, typed: str) -> Iterator[tuple[Meaning, float]]:
        """Ailments of which the typed word is a longer form: "rashes" of "rash"."""
        for end in range(len(typed) - 1, max(3, len(typed) - 5), -1):
            for meaning, weight in self._exact.get(typed[:end], {}).items():
                if meaning.kind is Kind.AILMENT:
                    yield meaning, weight * FORM

    def _misspelt(self, typed: str, key: str) -> Weights:
        """The meanings of the nearest words, by letters or by sound; where none is near, of those that begin nearly so."""
        slips = _slips(typed)
        if not slips:
            return {}
        whole = self._nearest(typed, key, slips, self._forms(_WHOLE))
        return whole or (self._nearest(typed, key, 1, self._forms(len(typed))) if len(typed) > 4 else {})

    def _forms(self, length: int) -> tuple[Forms, Forms]:
        """The words and the sounds, cut to a length."""
        if length not in self._cuts:
            self._cuts[length] = (
                {one: one[:length] for one in self._words if len(one) > 3},
                {one: one[:length] for one in self._sounds if len(one) > 2},
            )
        return self._cuts[length]

    def _nearest(self, typed: str, key: str, slips: int, forms: tuple[Forms, Forms]) -> Weights:
        words, sounds = forms
        near = [(far, self._exact[one]) for one, far in _within(typed, words, slips)]
        # A sound is shorter than its word, and one of two letters is near to everything.
        near += [(far, self._by_sound[one]) for one, far in _within(key, sounds, min(slips, _slips(key)))]
        least = min((far for far, _ in near), default=0)
        found: dict[Meaning, float] = {}
        for far, meanings in near:
            if far == least:
                _add(found, meanings, NEAR if far < 2 else FAR)
        return found


def entered(pairs: Iterable[tuple[str, Meaning, float]]) -> dict[str, dict[Meaning, float]]:
    """The entries of a vocabulary, of words with one meaning each; the surest weight counts."""
    entries: dict[str, dict[Meaning, float]] = {}
    for word, meaning, weight in pairs:
        _add(entries.setdefault(word, {}), {meaning: weight}, 1.0)
    return entries


def _add(found: dict[Meaning, float], meanings: Weights, factor: float) -> None:
    for meaning, weight in meanings.items():
        found[meaning] = max(found.get(meaning, 0.0), weight * factor)


def _beginning(words: list[str], typed: str) -> Iterator[str]:
    for at in range(bisect_left(words, typed), len(words)):
        if not words[at].startswith(typed):
            return
        yield words[at]


def _slips(typed: str) -> int:
    """The number of letters that may be wrong: none of a short or very long one, or of one with digits or signs."""
    if not 4 <= len(typed) <= _LONGEST or not all(
        one.isalpha() or combining(one) or category(one) == "Mc" for one in typed
    ):
        return 0
    return 1 if len(typed) < 8 else 2


def _within(typed: str, forms: Forms, slips: int) -> Iterator[tuple[str, int]]:
    """The words at most so many slips away; the first letter of a short one must be right."""
    for form, far, word in process.extract(typed, forms, scorer=OSA.distance, score_cutoff=slips, limit=None):
        if len(typed) > 5 or form[:1] == typed[:1]:
            yield word, int(far)
