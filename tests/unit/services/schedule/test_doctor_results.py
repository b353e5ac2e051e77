"""The answer to a search as the page shows it."""

from __future__ import annotations

from typing import Any

import pytest

from booking_ui.domain.search.asked import Asked
from booking_ui.languages import speaking
from booking_ui.services.schedule import doctor_outlook, doctor_results, doctor_search, slots
from booking_ui.services.views import Facet, ResultsView
from tests.support.schedule import NOW, a_doctor, works

pytestmark = pytest.mark.usefixtures("db")


def look(sort: str = "soonest", shown: int = 20, **asked: Any) -> ResultsView:
    return doctor_results.results(now=NOW, asked=Asked(**asked), sort=sort, shown=shown)


def three_doctors() -> None:
    """Chandra Tuesdays from 9:00, Ezhil Mondays from 9:30, Farah without hours; it is a Monday."""
    chandra = a_doctor(speciality="Cardiologist", fee_paise=90_000, practising_since=2004, gender="male")
    ezhil = a_doctor(
        "Dr Ezhil Arasan", speciality="Dentist", city="Chennai", languages=["Tamil"], practising_since=2015
    )
    a_doctor(
        "Dr Farah Siddiqui",
        speciality="Dentist",
        city="Mumbai",
        languages=["Hindi"],
        gender="female",
        practising_since=2012,
    )
    works(chandra, 1, "09:00", "11:00")
    works(ezhil, 0, "09:30", "10:00")
    slots.extend_horizon(now=NOW)


@pytest.mark.parametrize("sort", ["soonest", "fee", "experience", "name"])
@pytest.mark.parametrize("q", ["", "dentist", "siddiqi"])
def test_it_finds_what_the_search_finds_in_its_order(sort: str, q: str) -> None:
    three_doctors()
    assert look(sort, q=q).doctors == doctor_search.search(now=NOW, q=q, sort=sort)


def test_only_the_first_are_shown_and_all_are_counted() -> None:
    three_doctors()
    first = look(shown=2)
    assert (first.total, [one.slug for one in first.doctors]) == (3, ["dr-ezhil-arasan", "dr-chandra-rao"])


def test_each_choice_says_how_many_doctors_there_would_be() -> None:
    three_doctors()
    found = look(speciality="Dentist", city="Chennai").facets
    assert found.specialities == [Facet("Cardiologist", "Cardiologist", 0), Facet("Dentist", "Dentist", 1)]
    assert [(one.value, one.count) for one in found.cities] == [
        ("Bengaluru", 0),
        ("Chennai", 1),
        ("Mumbai", 1),
    ]
    assert found.days == [
        Facet("today", "Today", 1),
        Facet("tomorrow", "Tomorrow", 0),
        Facet("week", "Within 7 days", 1),
    ]
    assert look().facets.genders == [Facet("female", "Woman", 1), Facet("male", "Man", 1)]
    assert [(one.label, one.count) for one in look().facets.fees] == [
        ("₹500", 2),
        ("₹800", 2),
        ("₹1,000", 3),
        ("₹1,500", 3),
    ]


def test_a_clinic_that_tells_no_gender_offers_none() -> None:
    a_doctor()
    assert look().facets.genders == []


@pytest.mark.parametrize(
    ("asked", "why", "near"),
    [
        ({"q": "dentist poona"}, "No dentist in Pune", ["1 in Mumbai", "1 in Chennai"]),
        ({"q": "daant", "city": "Bengaluru"}, "No dentist in Bengaluru", ["1 in Chennai", "1 in Mumbai"]),
        ({"q": "aankh"}, "No eye doctor at this clinic yet", []),
        ({"q": "qwerty"}, "We found nothing for “qwerty”", []),
        ({"q": "qwerty dentist"}, "We found nothing for “qwerty”", ["2 for “dentist”"]),
        ({"q": "delhi"}, "No doctor in Delhi yet", ["1 in Mumbai", "1 in Bengaluru", "1 in Chennai"]),
        ({"q": "heart", "when": "today"}, "No doctor fits all of that", ["1 tomorrow"]),
        ({"q": "heart", "max_fee_paise": 80_000}, "No doctor fits all of that", ["1 for more than ₹800"]),
        ({"q": "heart", "language": "Tamil"}, "No doctor fits all of that", ["1 who speak other languages"]),
        ({"q": "heart", "gender": "female"}, "No doctor fits all of that", ["1 of any gender"]),
    ],
)
def test_when_nobody_fits_it_says_why_and_what_is_near(
    asked: dict[str, Any], why: str, near: list[str]
) -> None:
    three_doctors()
    found = look(**asked)
    assert (found.total, found.why_none) == (0, why)
    assert [one.label for one in found.near][: len(near)] == near
    for one in found.near:
        assert str(doctor_results.results(now=NOW, asked=one.asked).total) == one.label.split()[0]


def test_it_says_so_in_hindi_too() -> None:
    three_doctors()
    with speaking("hi"):
        assert look(q="dentist poona").why_none == "पुणे में कोई दाँतों के डॉक्टर नहीं"


def test_near_is_silent_while_somebody_fits() -> None:
    three_doctors()
    assert (look(q="heart").why_none, look(q="heart").near) == ("", [])


def test_a_large_clinic_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    three_doctors()
    small = look(when="week")
    monkeypatch.setattr(doctor_outlook, "SMALL", 1)
    assert look(when="week") == small
