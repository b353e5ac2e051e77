"""The words of a search, and the doctors whom they fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking_ui.domain.search.asked import Asked, narrowed
from booking_ui.domain.search.catalogue import Catalogue, Listed
from booking_ui.domain.search.completion import completions
from booking_ui.domain.search.near import near
from booking_ui.domain.search.vocabulary import ALIKE, BEGUN, EXACT, FAR, FORM, NEAR, Kind, Meaning

CHANDRA = Listed(
    1, "Dr Chandra Rao", "Cardiologist", "Bengaluru", "M. G. Road", ("English", "Kannada"), "male"
)
EZHIL = Listed(2, "Dr Ezhil D’Souza", "Skin Specialist", "Madras", "T. Nagar", ("Tamil",))
FARAH = Listed(3, "Dr Farah Menon", "Dentist", "Mumbai", "Bandra West", ("Hindi", "Urdu"), "female")
GITA = Listed(4, "Dr Gita Gala", "Paediatrician", "Mumbai", "Dadar", ("Hindi",), "female")
HARI = Listed(5, "Dr Hari Om", "General Physician", "Mumbai", "Dadar", ("Hindi",), "male")
CLINIC = Catalogue([CHANDRA, EZHIL, FARAH, GITA, HARI], {"Dadar": ("दादर पूर्व",)})


def fit(q: str) -> dict[int, float]:
    return {one: round(score, 2) for one, score in CLINIC.fitting(CLINIC.read(q)).items()}


def surely(word: str) -> set[float]:
    return set(CLINIC.vocabulary.means(word, False).values())


@pytest.mark.parametrize(
    ("word", "weight"),
    [
        ("dentist", EXACT), ("daant", ALIKE), ("denti", BEGUN), ("rashes", FORM), ("dentits", NEAR), ("cardoilogits", FAR),
        ("cardiolgi", NEAR),
    ],
)  # fmt: skip
def test_the_further_a_word_is_from_what_it_means_the_less_it_weighs(word: str, weight: float) -> None:
    assert surely(word) == {weight}


@pytest.mark.parametrize("word", ["xyz", "raq", "qwerty", "400001", "den!st", "x" * 120])
def test_a_word_that_nobody_knows_means_nothing_and_fits_nobody(word: str) -> None:
    assert surely(word) == set()
    assert fit(word) == {}
    assert fit(f"{word} dentist" if len(word) > 3 else word) == {}


def test_no_word_at_all_fits_everybody() -> None:
    assert fit("") == fit("a doctor near me") == dict.fromkeys(range(1, 6), 0.0)


def test_the_clinics_own_word_for_a_speciality_is_found_by_its_usual_names_and_ailments() -> None:
    assert fit("dermatologist") == fit("acne") == {2: 1.0}


def test_the_clinics_own_name_of_a_city_is_found_by_its_other_names() -> None:
    assert fit("chennai") == fit("madras") == {2: 1.0}
    assert fit("bombay").keys() == {3, 4, 5}


def test_a_city_without_a_doctor_is_known() -> None:
    (word,) = CLINIC.read("poona")
    assert word.surest() == Meaning(Kind.CITY, "Pune")
    assert fit("poona") == {}


def test_words_in_the_spoken_language_find_too() -> None:
    assert fit("पूर्व").keys() == {4, 5}


def test_initials_are_found_together_and_apart() -> None:
    assert fit("mg road").keys() == fit("m.g. road").keys() == {1}
    assert fit("d souza").keys() == fit("dsouza").keys() == {2}


def test_of_several_ailments_those_specialities_fit_that_treat_most() -> None:
    assert fit("fever").keys() == {4, 5}
    assert fit("fever")[5] > fit("fever")[4]
    assert fit("child fever").keys() == {4}


def test_beside_a_named_speciality_an_ailment_only_ranks() -> None:
    assert fit("dentist child").keys() == {3}
    assert fit("dentist tooth")[3] > fit("dentist child")[3]


def test_pain_narrows_nothing_beside_what_hurts() -> None:
    assert fit("tooth pain") == fit("tooth")
    assert fit("pain").keys() == {1, 5}


def test_a_word_may_be_a_name_and_an_ailment() -> None:
    assert fit("gala") == {4: 1.0}  # nobody here treats throats


def test_the_gender_of_a_doctor_can_be_asked_for() -> None:
    assert fit("lady doctor").keys() == fit("mahila").keys() == {3, 4}
    assert fit("male doctor mumbai").keys() == {5}


def test_an_unfinished_last_word_may_be_more_than_it_is_already() -> None:
    dad = Catalogue(
        [Listed(1, "Dr Dad", "Dentist", "Pune", "Dadar", ()), Listed(2, "Dr X", "Dentist", "Pune", "Dad", ())]
    )
    finished, typing = dad.read("dad"), dad.read("dad", typing=True)
    assert Meaning(Kind.AREA, "Dadar") not in finished[0].meanings
    assert Meaning(Kind.AREA, "Dadar") in typing[0].meanings


def test_at_most_eight_words_count() -> None:
    assert len(CLINIC.read("dentist " * 50)) <= 8


WORDS = [
    "dentist",
    "skin",
    "child",
    "fever",
    "pune",
    "bombay",
    "tamil",
    "lady",
    "gita",
    "rao",
    "dard",
    "बाल",
    "rog",
    "दाँत",
    "qwerty",
    "dadr",
    "in",
    "%",
]


@given(st.text(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join))
def test_whatever_is_typed_is_read(q: str) -> None:
    words = CLINIC.read(q)
    scores = CLINIC.fitting(words)
    assert scores.keys() <= CLINIC.doctors.keys()
    assert all(0 <= score <= 1 for score in scores.values())
    assert completions(CLINIC, q).doctors == [
        one for one in completions(CLINIC, q).doctors if one in CLINIC.doctors
    ]
    assert all(one.count == len(narrowed(CLINIC, one.asked, {}).fits) for one in near(CLINIC, Asked(q=q), {}))


@pytest.mark.parametrize("q", ["%", "--", "skin - madras"])
def test_signs_alone_mean_nothing_and_beside_words_do_no_harm(q: str) -> None:
    assert fit(q) == (fit("skin madras") if "skin" in q else {})
