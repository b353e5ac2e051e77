"""The doctors by the words that find them: name, speciality, ailment, city, area, language, in any order and spelling.

Every word of a search must fit a doctor, with two allowances: several ailments ask for the specialities that treat most of
them, and beside a named speciality they only decide which doctor comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from booking_ui.domain.search import symptoms
from booking_ui.domain.search.places import OTHER_NAMES
from booking_ui.domain.search.spelling import folded, pieces
from booking_ui.domain.search.vocabulary import ALIKE, Kind, Meaning, Vocabulary, Weights, entered

_SECOND = 0.85  # of an ailment that another speciality treats first
_MOST_WORDS = 8
_OTHER_LANGUAGES = {"bangla": "Bengali", "oriya": "Odia", "gujrati": "Gujarati", "panjabi": "Punjabi"}
_LANGUAGES = """English Hindi Bengali Telugu Marathi Tamil Urdu Gujarati Kannada Odia Malayalam Punjabi Assamese Nepali Konkani
Tulu"""


@dataclass(frozen=True)
class Listed:
    """A doctor as the search knows them, in the clinic's own English."""

    id: int
    name: str
    speciality: str
    city: str
    area: str
    languages: tuple[str, ...]
    gender: str = ""  # female, male, or not told
    fee_paise: int = 0


@dataclass(frozen=True)
class Word:
    """A word of a search with its meanings; none when nobody knows it. `narrows` is false for one that only ranks."""

    typed: str
    meanings: Weights
    narrows: bool = True

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(one.kind for one in self.meanings)

    def surest(self) -> Meaning | None:
        return max(self.meanings, key=lambda one: self.meanings[one], default=None)


class Catalogue:
    def __init__(self, doctors: Sequence[Listed], said: Mapping[str, Collection[str]] | None = None) -> None:
        """`said` has what the clinic calls its English words in other languages."""
        self.doctors = {one.id: one for one in doctors}
        self._said = said or {}
        self._holders: dict[Meaning, set[int]] = {}
        for one in doctors:
            for meaning in _facts(one):
                self._holders.setdefault(meaning, set()).add(one.id)
        self._values: dict[Kind, list[str]] = {}
        for meaning in self._holders:
            self._values.setdefault(meaning.kind, []).append(meaning.value)
        self.vocabulary = Vocabulary(entered(self._words()))

    # ── What is known ─────────────────────────────────────────────────────────────────────────────────────────────

    def values(self, kind: Kind) -> Collection[str]:
        return self._values.get(kind, ())

    def holders(self, meaning: Meaning) -> Collection[int]:
        """The ids of the doctors of whom this is true."""
        fact = Meaning(Kind.SPECIALITY, meaning.value) if meaning.kind is Kind.AILMENT else meaning
        return self._holders.get(fact, ())

    def _words(self) -> Iterator[tuple[str, Meaning, float]]:
        for meaning in self._holders:
            texts = [meaning.value, *self._said.get(meaning.value, ())]
            yield from ((word, meaning, 1.0) for text in texts for word in _entries(text))
        for gender in self.values(Kind.GENDER):
            yield from (
                (word, Meaning(Kind.GENDER, gender), 1.0) for word in symptoms.GENDERS[gender].split()
            )
        yield from _specialities(self.values(Kind.SPECIALITY))
        yield from _cities(self.values(Kind.CITY))
        for word, language in [
            *_OTHER_LANGUAGES.items(),
            *((folded(one), one) for one in _LANGUAGES.split()),
        ]:
            yield word, Meaning(Kind.LANGUAGE, language), 1.0

    # ── What was asked ────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, q: str, *, typing: bool = False) -> list[Word]:
        """The words of a search; `typing`: the last one may be unfinished."""
        typed = _typed(q)
        found = [
            Word(one, self.vocabulary.means(one, typing and at == len(typed) - 1))
            for at, one in enumerate(typed)
        ]
        return _weighed(self._joined(found), self.values(Kind.SPECIALITY))

    def _joined(self, words: list[Word]) -> list[Word]:
        """Words that somebody wrote apart, put together: "cardio logist", "indira nagar"."""
        joined: list[Word] = []
        for word in words:
            both = self._both(joined[-1], word) if joined else None
            if both:
                joined[-1] = both
            else:
                joined.append(word)
        return joined

    def _both(self, one: Word, other: Word) -> Word | None:
        """The two as one word: where one alone means nothing, or nobody has both and the whole word is known."""
        whole = Word(one.typed + other.typed, self.vocabulary.means(one.typed + other.typed, False))
        if one.meanings and other.meanings:
            known = max(whole.meanings.values(), default=0.0) >= ALIKE
            return whole if known and not self._scores(one).keys() & self._scores(other).keys() else None
        return whole if whole.meanings else None

    def fitting(self, words: Iterable[Word]) -> dict[int, float]:
        """The ids of the doctors whom every word fits, with how well: 1 for words that are theirs to the letter.

        A word that nobody knows fits none; no word at all fits everybody.
        """
        asked = list(words)
        scores = [self._scores(one) for one in asked]
        needed = [score for word, score in zip(asked, scores, strict=True) if word.narrows]
        fit = set(self.doctors).intersection(*needed)
        return {one: sum(score.get(one, 0.0) for score in scores) / max(1, len(scores)) for one in fit}

    def _scores(self, word: Word) -> dict[int, float]:
        found: dict[int, float] = {}
        for meaning, weight in sorted(word.meanings.items(), key=lambda pair: pair[1]):
            found.update(dict.fromkeys(self.holders(meaning), weight))
        return found


# ── Facts and words ───────────────────────────────────────────────────────────────────────────────────────────────────


def _facts(one: Listed) -> Iterator[Meaning]:
    yield from (Meaning(Kind.NAME, word) for word in pieces(one.name))
    yield Meaning(Kind.SPECIALITY, one.speciality)
    yield Meaning(Kind.CITY, one.city)
    yield Meaning(Kind.AREA, one.area)
    yield from (Meaning(Kind.LANGUAGE, language) for language in one.languages)
    if one.gender:
        yield Meaning(Kind.GENDER, one.gender)


def _entries(text: str) -> Iterator[str]:
    """The words of a text; letters that stand alone also as one word: "M. G. Road" is found by "mg"."""
    words = pieces(text)
    yield from words
    initials = "".join(one for one in words if len(one) == 1)
    if len(initials) > 1:
        yield initials


def _specialities(own: Collection[str]) -> Iterator[tuple[str, Meaning, float]]:
    """Titles and ailments, for the clinic's own words for a speciality; for those that it lacks, under their usual name."""
    called: dict[str, list[str]] = {}
    for speciality in own:
        for profession in symptoms.professions(speciality):
            called.setdefault(profession, []).append(speciality)
    for profession, titles in symptoms.TITLES.items():
        meant = [Meaning(Kind.SPECIALITY, one) for one in called.get(profession, [profession])]
        words = {*titles.split(), *_entries(profession)}
        yield from ((word, meaning, 1.0) for word in words for meaning in meant)
    for word, treated_by in symptoms.ailments().items():
        for rank, profession in enumerate(treated_by):
            for one in called.get(profession, [profession]):
                yield word, Meaning(Kind.AILMENT, one), _SECOND if rank else 1.0


def _cities(own: Collection[str]) -> Iterator[tuple[str, Meaning, float]]:
    """Every name of a city, for the one that the clinic uses."""
    called = {folded(one): one for one in own}
    whole = {folded(name) for city, others in OTHER_NAMES.items() for name in (city, *others)}
    for city, others in OTHER_NAMES.items():
        names = [city, *others]
        meant = next((called[folded(one)] for one in names if folded(one) in called), city)
        for name in names:
            words = pieces(name)
            # "Mumbai" alone is not Navi Mumbai.
            yield from (
                (one, Meaning(Kind.CITY, meant), 1.0) for one in words if len(words) == 1 or one not in whole
            )


# ── The words of a search ─────────────────────────────────────────────────────────────────────────────────────────────


def _typed(q: str) -> list[str]:
    """At most eight folded words without fillers; signs alone only where there is nothing else."""
    words = [piece for word in symptoms.search_words(symptoms.meant(q)) for piece in pieces(word) or [word]]
    with_letters = [one for one in words if any(letter.isalnum() for letter in one)]
    return (with_letters or words)[:_MOST_WORDS]


def _weighed(words: list[Word], treated: Collection[str]) -> list[Word]:
    """The words with their allowances; `treated` are the specialities that the clinic has."""
    bodily = [one for one in words if one.kinds & {Kind.SPECIALITY, Kind.AILMENT} and not _complains(one)]
    told = [one for one in words if not (bodily and _complains(one))]
    ailments = [one for one in told if one.kinds == {Kind.AILMENT}]
    others = [one for one in told if one not in ailments]
    if any(_names_speciality(one) for one in others):
        return [*others, *(replace(one, narrows=False) for one in ailments)]
    return [*others, *_together(ailments, treated)]


def _complains(word: Word) -> bool:
    return word.typed in symptoms.COMPLAINTS


def _names_speciality(word: Word) -> bool:
    most = max(word.meanings.values(), default=0.0)
    return any(one.kind is Kind.SPECIALITY and weight == most for one, weight in word.meanings.items())


def _together(ailments: Sequence[Word], treated: Collection[str]) -> list[Word]:
    """Ailments as one word that means the specialities which treat most of them, of those that the clinic has if any."""
    counts = Counter(one.value for word in ailments for one in word.meanings)
    here = {value: count for value, count in counts.items() if value in treated} or dict(counts)
    most = max(here.values(), default=0)
    meant = [Meaning(Kind.AILMENT, value) for value, count in here.items() if count == most]
    weights = {one: sum(word.meanings.get(one, 0.0) for word in ailments) / len(ailments) for one in meant}
    return [Word(" ".join(one.typed for one in ailments), weights)] if ailments else []
