"""Unfinished searches."""

from __future__ import annotations

import pytest

from booking_ui.domain.search.catalogue import Catalogue, Listed
from booking_ui.domain.search.completion import Completions, completions

CLINIC = Catalogue(
    [
        Listed(1, "Dr Chandra Rao", "Cardiologist", "Mumbai", "Carter Road", ("English",)),
        Listed(2, "Dr Carl Menon", "Dentist", "Mumbai", "Dadar", ("English", "Hindi")),
        Listed(3, "Dr Dev Carma", "Dentist", "Delhi", "Saket", ("Hindi",)),
    ]
)


def meanings(q: str) -> list[tuple[str, int]]:
    return [(one.meaning.value, one.count) for one in completions(CLINIC, q).meanings]


@pytest.mark.parametrize(
    ("q", "right"),
    [
        ("card", [("Cardiologist", 1)]),
        ("car", [("Cardiologist", 1), ("Carter Road", 1)]),
        ("den", [("Dentist", 2)]),
        ("daant", [("Dentist", 2)]),
        ("cardiologst", [("Cardiologist", 1)]),
        ("bomb", [("Mumbai", 2)]),
        ("dentist mum", [("Mumbai", 1)]),
        ("hind", [("Hindi", 2)]),
        ("eye", []),  # nobody here
        ("c", []),
        ("dentist ", []),
        ("", []),
        ("qwerty den", []),
    ],
)
def test_the_last_word_may_mean_what_somebody_here_is(q: str, right: list[tuple[str, int]]) -> None:
    assert meanings(q) == right


def test_a_speciality_comes_with_its_cities() -> None:
    assert [(one.meaning.value, one.count) for one in completions(CLINIC, "dent").cities] == [
        ("Delhi", 1),
        ("Mumbai", 1),
    ]
    assert completions(CLINIC, "cardio").cities == []  # one city alone is no choice


def test_doctors_are_found_by_the_beginnings_of_their_names() -> None:
    assert completions(CLINIC, "car").doctors == [2, 3]
    assert completions(CLINIC, "dentist carm").doctors == [3]
    assert completions(CLINIC, "dentist").doctors == []


def test_the_words_before_the_last_one_stay_as_they_were_typed() -> None:
    assert completions(CLINIC, " Dentist in  mum").before == "Dentist in"
    assert completions(CLINIC, "%") == Completions()
