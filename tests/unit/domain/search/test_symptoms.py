"""Ailments, titles and the specialities that they mean."""

from __future__ import annotations

import pytest

from booking_ui.domain.search.symptoms import CARES_FOR, IN_HINDI, TITLES, ailments, meant, professions


@pytest.mark.parametrize(
    ("speciality", "means"),
    [
        ("Dentist", ("Dentist",)),
        ("Consultant Cardiologist", ("Cardiologist",)),
        ("Paediatrics", ("Paediatrician",)),
        ("Eye Specialist", ("Ophthalmologist",)),
        ("हृदय रोग", ("Cardiologist",)),
        ("Homeopath", ()),
    ],
)
def test_the_clinics_own_word_means_a_speciality_of_the_tables(
    speciality: str, means: tuple[str, ...]
) -> None:
    assert professions(speciality) == means


def test_the_tables_name_the_same_specialities() -> None:
    assert set(CARES_FOR) == set(IN_HINDI) == set(TITLES)


def test_the_speciality_that_stands_first_treats_an_ailment_first() -> None:
    assert ailments()["fever"] == ("General Physician", "Paediatrician")


@pytest.mark.parametrize("q", ["bal rog", "baal rog", "बाल रोग"])
def test_a_pair_may_mean_something_else_than_its_words(q: str) -> None:
    assert meant(f"{q} mumbai") == "paediatrician mumbai"
    assert meant("baal girna") == "baal girna"
