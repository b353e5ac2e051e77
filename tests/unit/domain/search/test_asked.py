"""Filters narrow each other down, and each one's choices are counted without itself."""

from __future__ import annotations

import pytest

from booking_ui.domain.search.asked import Asked, When, narrowed
from booking_ui.domain.search.catalogue import Catalogue, Listed

CLINIC = Catalogue(
    [
        Listed(1, "Dr Chandra", "Cardiologist", "Mumbai", "Dadar", ("English", "Hindi"), "male", 90_000),
        Listed(2, "Dr Farah", "Dentist", "Mumbai", "Dadar", ("Hindi",), "female", 50_000),
        Listed(3, "Dr Gita", "Dentist", "Delhi", "Saket", ("English",), "", 30_000),
    ]
)
FREE = {1: frozenset({When.TODAY, When.WEEK}), 3: frozenset({When.WEEK})}


def fits(**asked: object) -> set[int]:
    return set(narrowed(CLINIC, Asked(**asked), FREE).fits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ({}, {1, 2, 3}),
        ({"speciality": "Dentist"}, {2, 3}),
        ({"city": "mumbai"}, {1, 2}),
        ({"language": "HINDI"}, {1, 2}),
        ({"gender": "female"}, {2}),
        ({"max_fee_paise": 50_000}, {2, 3}),
        ({"max_fee_paise": 0}, set()),
        ({"when": "today"}, {1}),
        ({"when": "tomorrow"}, set()),
        ({"when": "week"}, {1, 3}),
        ({"speciality": "Dentist", "city": "Delhi", "q": "gita"}, {3}),
        ({"speciality": "Dentist", "city": "Delhi", "q": "farah"}, set()),
    ],
)
def test_every_filter_and_every_word_narrows(asked: dict[str, object], right: set[int]) -> None:
    assert fits(**asked) == right


def test_the_choices_of_a_filter_are_counted_as_if_it_were_not_set() -> None:
    found = narrowed(CLINIC, Asked(speciality="Dentist", city="Mumbai"), FREE)
    assert found.values["speciality"] == {"Dentist": 1, "Cardiologist": 1}
    assert found.values["city"] == {"Mumbai": 1, "Delhi": 1}
    assert found.values["gender"] == {"female": 1}
    assert found.values["when"] == {}
    assert found.fees == [50_000]


def test_two_filters_that_refuse_a_doctor_count_them_nowhere() -> None:
    found = narrowed(CLINIC, Asked(city="Delhi", max_fee_paise=10_000), FREE)
    assert found.fits == {}
    assert found.values["city"] == {}
    assert found.fees == [30_000]
