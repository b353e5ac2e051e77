"""The searches near one that finds nobody."""

from __future__ import annotations

import pytest

from booking_ui.domain.search.asked import Asked, When
from booking_ui.domain.search.catalogue import Catalogue, Listed
from booking_ui.domain.search.near import Meant, meant, near

DENTISTS = [
    Listed(number, f"Dr Number{number}", "Dentist", city, "Centre", ("English",), "female", 50_000)
    for number, city in enumerate(["Delhi", "Delhi", "Delhi", "Mumbai", "Hyderabad", "Atlantis"], 1)
]
HEART = Listed(7, "Dr Chandra Rao", "Cardiologist", "Mumbai", "Dadar", ("Hindi",), "male", 90_000)
CLINIC = Catalogue([*DENTISTS, HEART])
FREE = {7: frozenset({When.WEEK})}


def found(**asked: object) -> list[tuple[str, str, int]]:
    return [(one.given.value, one.value, one.count) for one in near(CLINIC, Asked(**asked), FREE)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "asked", [{"q": "dentist pune"}, {"q": "daant poona"}, {"q": "dentist", "city": "Pune"}]
)
def test_the_nearest_cities_come_first(asked: dict[str, object]) -> None:
    assert found(**asked) == [("city", "Mumbai", 1), ("city", "Hyderabad", 1), ("city", "Delhi", 3)]


def test_a_city_that_nobody_can_place_comes_last() -> None:
    assert found(q="cardiologist atlantis") == [("city", "Mumbai", 1)]


def test_a_search_that_is_near_finds_as_many_as_it_says() -> None:
    (first, *_) = near(CLINIC, Asked(q="tooth pune"), FREE)
    assert first.asked == Asked(q="tooth", city="Mumbai")


@pytest.mark.parametrize(("when", "other"), [("today", "week"), ("tomorrow", "week")])
def test_the_next_days_on_which_somebody_is_free_are_named(when: str, other: str) -> None:
    assert found(q="heart", when=when) == [("when", other, 1)]


def test_any_day_is_near_where_nobody_is_free_for_days() -> None:
    assert found(q="dentist atlantis", when="week") == [("when", "", 1)]


def test_each_filter_is_given_up_by_itself() -> None:
    assert found(q="heart", max_fee_paise=50_000) == [("fee", "", 1)]
    assert found(q="heart", language="English") == found(q="heart english") == [("language", "", 1)]
    assert found(q="heart", gender="female") == found(q="lady cardiologist") == [("gender", "", 1)]
    assert found(q="rao", speciality="Dentist") == [("speciality", "", 1)]


def test_words_that_nobody_knows_are_left_out() -> None:
    assert found(q="qwerty dentist delhi") == [("words", "dentist delhi", 3)]
    assert found(q="chandra dentist") == [("words", "dentist", 6)]


def test_nothing_is_near_what_nobody_knows() -> None:
    assert found(q="qwerty") == []


def test_the_speciality_and_the_city_of_a_search_are_named_in_english() -> None:
    assert meant(CLINIC, Asked(q="dil ka doctor poona")) == Meant("Cardiologist", "Pune")
    assert meant(CLINIC, Asked(q="qwerty", speciality="Dentist", city="Delhi")) == Meant(
        "Dentist", "Delhi", "qwerty"
    )
    assert meant(CLINIC, Asked(q="aankh")) == Meant("Ophthalmologist")
