"""Suggestions while somebody types."""

from __future__ import annotations

import pytest

from booking_ui.db import clinic_words
from booking_ui.db.session import write
from booking_ui.languages import speaking
from booking_ui.services.schedule import doctor_search, doctor_suggestions
from booking_ui.services.views import Suggestion
from tests.support.schedule import NOW, a_doctor, counted

pytestmark = pytest.mark.usefixtures("db")


def suggested(q: str) -> list[Suggestion]:
    return doctor_suggestions.suggestions(q=q)


def two_dentists() -> None:
    a_doctor("Dr Farah Siddiqui", speciality="Dentist", city="Mumbai", area="Bandra West")
    a_doctor("Dr Denzil Pinto", speciality="Dentist", city="Delhi", area="Saket", gender="male")


def test_specialities_come_before_their_cities_and_doctors() -> None:
    two_dentists()
    assert suggested("den") == [
        Suggestion("speciality", "Dentist", "2 doctors", q="Dentist"),
        Suggestion("city", "Dentist in Delhi", "1 doctor", q="Dentist Delhi"),
        Suggestion("city", "Dentist in Mumbai", "1 doctor", q="Dentist Mumbai"),
        Suggestion("doctor", "Dr Denzil Pinto", "Dentist · Saket, Delhi", slug="dr-denzil-pinto"),
    ]


def test_suggestions_speak_the_language_and_find_what_they_say() -> None:
    two_dentists()
    with write() as tx:
        for english, text in {"Dentist": "दंत चिकित्सक", "Delhi": "दिल्ली"}.items():
            clinic_words.keep(tx, "hi", english, text)
    with speaking("hi"):
        first, second, *_ = suggested("daant")
        assert (first.label, second.label) == ("दंत चिकित्सक", "दिल्ली में दंत चिकित्सक")
        found = [[one.slug for one in doctor_search.search(now=NOW, q=line.q)] for line in (first, second)]
    assert found == [["dr-denzil-pinto", "dr-farah-siddiqui"], ["dr-denzil-pinto"]]


def test_every_suggestion_finds_as_many_as_it_says() -> None:
    two_dentists()
    for q in ("den", "mu", "dentist sak", "kan", "male"):
        for line in suggested(q):
            if line.q:
                assert (
                    line.detail
                    == f"{(n := len(doctor_search.search(now=NOW, q=line.q)))} doctor{'s' * (n > 1)}"
                )


def test_a_key_press_reads_no_slot_and_after_the_first_hardly_anything() -> None:
    two_dentists()
    suggested("d")
    with counted() as queries:
        suggested("de")
        suggested("den")
    assert [one for one in queries if "slot" in one or "appointment" in one] == []
    assert len(queries) <= 2


@pytest.mark.parametrize("q", ["", " ", "d", "%", "dentist ", "x" * 5000])
def test_what_cannot_be_completed_suggests_nothing(q: str) -> None:
    two_dentists()
    assert suggested(q) == []
