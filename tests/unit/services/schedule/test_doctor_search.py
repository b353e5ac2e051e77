"""Finding a doctor, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words
from booking_ui.db.models import Doctor
from booking_ui.db.session import write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import BadInput, NotFound
from booking_ui.domain.search.symptoms import CARES_FOR, search_words, specialities_for
from booking_ui.languages import speaking
from booking_ui.services.schedule import doctor_search, slots
from booking_ui.services.views import Facet, Facets
from tests.support.schedule import (
    HOLD,
    NOW,
    TUESDAY_NINE,
    a_doctor,
    a_patient,
    counted,
    occupy,
    slots_of,
    works,
)

pytestmark = pytest.mark.usefixtures("db")

HINDI = {
    "Cardiologist": "हृदय रोग विशेषज्ञ",
    "Dermatologist": "त्वचा रोग विशेषज्ञ",
    "Bengaluru": "बेंगलुरु",
    "Chennai": "चेन्नई",
    "T. Nagar": "टी. नगर",
    "Tamil": "तमिल",
}


def found(**asked: object) -> list[str]:
    return [one.slug for one in doctor_search.search(now=NOW, **asked)]  # type: ignore[arg-type]


def three_doctors() -> None:
    """Chandra Tuesdays from 9:00, Ezhil Tuesdays from 9:30, Farah without hours."""
    chandra = a_doctor(speciality="Cardiologist", fee_paise=90_000, practising_since=2004)
    ezhil = a_doctor(
        "Dr Ezhil Arasan",
        speciality="Dermatologist",
        city="Chennai",
        area="T. Nagar",
        languages=["English", "Tamil"],
        fee_paise=50_000,
        practising_since=2015,
    )
    a_doctor(
        "Dr Farah Siddiqui",
        speciality="Dentist",
        city="Mumbai",
        area="Bandra West",
        languages=["Hindi", "Urdu"],
        fee_paise=50_000,
        practising_since=2012,
    )
    works(chandra, 1, "09:00", "11:00")
    works(ezhil, 1, "09:30", "10:00")
    slots.extend_horizon(now=NOW)


@pytest.mark.parametrize(
    ("q", "slugs"),
    [
        ("chandra", ["dr-chandra-rao"]),
        ("CHANDRA rao", ["dr-chandra-rao"]),
        ("Dr. Chandra", ["dr-chandra-rao"]),
        ("rao", ["dr-chandra-rao"]),
        ("ezh", ["dr-ezhil-arasan"]),  # the beginning of a word is enough
        ("hil", []),  # its middle is not
        ("dermatologist", ["dr-ezhil-arasan"]),
        ("derma", ["dr-ezhil-arasan"]),
        ("skin rash", ["dr-ezhil-arasan"]),
        ("rashes", ["dr-ezhil-arasan"]),
        ("tooth", ["dr-farah-siddiqui"]),
        ("TOOTHACHE", ["dr-farah-siddiqui"]),
        ("chest pain", ["dr-chandra-rao"]),
        ("heart doctor in bengaluru", ["dr-chandra-rao"]),
        ("heart doctor in chennai", []),  # every word must fit
        ("bandra", ["dr-farah-siddiqui"]),
        ("west", ["dr-farah-siddiqui"]),
        ("t. nagar", ["dr-ezhil-arasan"]),
        ("chennai skin", ["dr-ezhil-arasan"]),
        ("dr", ["dr-chandra-rao", "dr-ezhil-arasan", "dr-farah-siddiqui"]),
        ("   ", ["dr-chandra-rao", "dr-ezhil-arasan", "dr-farah-siddiqui"]),
        ("doctor near me", ["dr-chandra-rao", "dr-ezhil-arasan", "dr-farah-siddiqui"]),
        ("qwerty", []),
    ],
)
def test_a_search_finds_by_name_speciality_symptom_and_place(q: str, slugs: list[str]) -> None:
    three_doctors()
    assert found(q=q) == slugs


@pytest.mark.parametrize(
    "q", ["%", "_", "100%", "\\", "/", "dr_chandra", "'; DROP TABLE doctor; --", "%%%", "a" * 400]
)
def test_what_people_type_is_never_a_pattern(q: str) -> None:
    three_doctors()
    assert found(q=q) == ([] if search_words(q) else found())
    assert len(found()) == 3


@pytest.mark.parametrize("word", ["100%", "0_1", "A\\B"])
def test_signs_of_patterns_are_found_as_they_are_written(word: str) -> None:
    a_doctor("Dr Odd", area=f"Block {word}x")
    a_doctor("Dr Even", area="Block 100 0x1 AB")
    assert found(q=word) == ["dr-odd"]


def test_filters_narrow_each_other_down() -> None:
    three_doctors()
    assert found(speciality="Dentist") == ["dr-farah-siddiqui"]
    assert found(city="Chennai") == ["dr-ezhil-arasan"]
    assert found(language="English") == ["dr-chandra-rao", "dr-ezhil-arasan"]
    assert found(max_fee_paise=50_000) == ["dr-ezhil-arasan", "dr-farah-siddiqui"]
    assert found(max_fee_paise=49_999) == []
    assert found(max_fee_paise=0) == []
    assert found(language="English", max_fee_paise=50_000, city="Chennai", q="skin") == ["dr-ezhil-arasan"]
    assert found(language="English", city="Mumbai") == []


@pytest.mark.parametrize(
    ("sort", "slugs"),
    [
        ("soonest", ["dr-chandra-rao", "dr-ezhil-arasan", "dr-farah-siddiqui"]),  # without a time: last
        ("fee", ["dr-ezhil-arasan", "dr-farah-siddiqui", "dr-chandra-rao"]),  # of equal fees the sooner
        ("experience", ["dr-chandra-rao", "dr-farah-siddiqui", "dr-ezhil-arasan"]),
        ("name", ["dr-chandra-rao", "dr-ezhil-arasan", "dr-farah-siddiqui"]),
    ],
)
def test_results_are_sorted_as_asked(sort: str, slugs: list[str]) -> None:
    three_doctors()
    assert found(sort=sort) == slugs


def test_another_order_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        doctor_search.search(now=NOW, sort="-fee")
    assert [one.field for one in refused.value.errors] == ["sort"]


def test_the_next_three_free_times_skip_what_is_taken() -> None:
    three_doctors()
    asha = a_patient()
    nine, half_past = slots_of(1)[:2]
    occupy(nine.id or 0, asha)
    occupy(half_past.id or 0, asha, AppointmentStatus.PENDING_PAYMENT)
    card = doctor_search.bookable_doctor(now=NOW, slug="dr-chandra-rao")
    assert [(one.time_label, one.status) for one in card.next_slots] == [
        ("10:00 am", "free"), ("10:30 am", "free"), ("9:00 am", "free"),
    ]  # fmt: skip
    assert card.next_free_label == "Tue 24 Nov, 10:00 am"
    later = doctor_search.bookable_doctor(now=NOW + HOLD, slug="dr-chandra-rao")  # the hold ended
    assert later.next_free_label == "Tue 24 Nov, 9:30 am"
    begun = doctor_search.bookable_doctor(now=TUESDAY_NINE + timedelta(hours=1), slug="dr-chandra-rao")
    assert begun.next_free_label == "Tue 24 Nov, 10:30 am"


def test_a_time_leaves_the_card_when_the_clinics_notice_begins(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("MINIMUM_NOTICE_MINUTES", "60")
    settings.cache_clear()
    three_doctors()
    notice = TUESDAY_NINE - timedelta(hours=1)
    for now, shown in ((notice - timedelta(seconds=1), "9:00 am"), (notice, "9:30 am")):
        card = doctor_search.bookable_doctor(now=now, slug="dr-chandra-rao")
        assert card.next_free_label == f"Tue 24 Nov, {shown}"


def test_a_card_shows_the_doctor_ready_to_read() -> None:
    three_doctors()
    card = doctor_search.bookable_doctor(now=NOW, doctor_id=1)
    assert (card.name, card.initials, card.speciality) == ("Dr Chandra Rao", "CR", "Cardiologist")
    assert (card.experience_label, card.languages_label) == ("22 years", "English, Kannada")
    assert (card.fee_paise, card.fee_label) == (90_000, "₹900")
    assert 0 <= card.tint < 8
    assert doctor_search.bookable_doctor(now=NOW, doctor_id=3).next_slots == []
    assert doctor_search.bookable_doctor(now=NOW, doctor_id=3).next_free_label == ""


@pytest.mark.parametrize(("since", "label"), [(2026, "First year"), (2025, "1 year"), (2024, "2 years")])
def test_experience_is_counted_in_whole_years(since: int, label: str) -> None:
    a_doctor(practising_since=since)
    assert doctor_search.bookable_doctor(now=NOW, slug="dr-chandra-rao").experience_label == label


def test_a_doctor_who_left_is_found_nowhere() -> None:
    three_doctors()
    with write() as tx:
        tx.get_one(Doctor, 1).active = False
    assert found() == ["dr-ezhil-arasan", "dr-farah-siddiqui"]
    assert "Cardiologist" not in [one.value for one in doctor_search.facets().specialities]
    with pytest.raises(NotFound):
        doctor_search.bookable_doctor(now=NOW, doctor_id=1)


def test_nobody_is_not_found() -> None:
    with pytest.raises(NotFound):
        doctor_search.bookable_doctor(now=NOW, doctor_id=404)
    with pytest.raises(NotFound):
        doctor_search.bookable_doctor(now=NOW, slug="dr-nobody")
    assert found() == []


def test_the_choices_come_from_the_doctors_each_once_in_order() -> None:
    three_doctors()
    a_doctor("Dr Gita")
    assert doctor_search.facets() == Facets(
        specialities=facets("Cardiologist", "Dentist", "Dermatologist", "General Physician"),
        cities=facets("Bengaluru", "Chennai", "Mumbai"),
        languages=facets("English", "Hindi", "Kannada", "Tamil", "Urdu"),
    )


def facets(*english: str) -> list[Facet]:
    return [Facet(one, one) for one in english]


def in_hindi() -> None:
    with write() as tx:
        for english, text in HINDI.items():
            clinic_words.keep(tx, "hi", english, text)


def test_choices_ask_in_english_and_read_in_the_language_that_is_spoken() -> None:
    three_doctors()
    in_hindi()
    with speaking("hi"):
        found = doctor_search.facets()
    assert found.cities == [
        Facet("Mumbai", "Mumbai"), Facet("Chennai", "चेन्नई"), Facet("Bengaluru", "बेंगलुरु"),
    ]  # fmt: skip
    assert Facet("Cardiologist", "हृदय रोग विशेषज्ञ") in found.specialities
    assert Facet("Tamil", "तमिल") in found.languages


def test_a_card_speaks_the_language_and_the_name_stays_as_it_is_written() -> None:
    three_doctors()
    in_hindi()
    with speaking("hi"):
        card = doctor_search.bookable_doctor(now=NOW, slug="dr-ezhil-arasan")
        (listed,) = doctor_search.search(now=NOW, city="chennai", language="Tamil")
    assert (card.name, card.speciality, card.city) == ("Dr Ezhil Arasan", "त्वचा रोग विशेषज्ञ", "चेन्नई")
    assert (card.area, card.languages_label) == ("टी. नगर", "English, तमिल")
    assert listed == card
    assert doctor_search.bookable_doctor(now=NOW, slug="dr-ezhil-arasan").city == "Chennai"


@pytest.mark.parametrize(
    ("q", "slugs"),
    [
        ("हृदय", ["dr-chandra-rao"]),
        ("त्वचा", ["dr-ezhil-arasan"]),
        ("चेन्नई", ["dr-ezhil-arasan"]),
        ("नगर", ["dr-ezhil-arasan"]),  # the second word of an area
        ("चेन्नई में त्वचा के डॉक्टर", ["dr-ezhil-arasan"]),
        ("बेंगलुरु में त्वचा", []),  # every word must fit
        ("ezhil त्वचा", ["dr-ezhil-arasan"]),
        ("दाँत", ["dr-farah-siddiqui"]),  # an ailment, with no word of the desk
        ("दांत", ["dr-farah-siddiqui"]),
        ("skin", ["dr-ezhil-arasan"]),
        ("अनजान", []),
        ("%", []),
    ],
)
def test_a_search_also_finds_by_the_words_of_the_language(q: str, slugs: list[str]) -> None:
    three_doctors()
    in_hindi()
    with speaking("hi"):
        assert found(q=q) == slugs


def test_twenty_four_doctors_in_hindi_cost_one_query_more_for_their_words() -> None:
    three_doctors()
    in_hindi()
    for number in range(21):
        works(a_doctor(f"Dr Number{number}"), 1, "09:00", "10:00")
    slots.extend_horizon(now=NOW)
    with counted() as english:
        assert len(doctor_search.search(now=NOW)) == 24
    a_patient()
    with counted() as hindi, speaking("hi"):
        assert len(doctor_search.search(now=NOW)) == 24
    assert len(hindi) == len(english) + 1


def test_twenty_four_doctors_take_as_many_queries_as_one() -> None:
    three_doctors()
    with counted() as alone:
        assert len(doctor_search.search(now=NOW, q="chandra")) == 1
    for number in range(21):
        works(a_doctor(f"Dr Number{number}"), 1, "09:00", "10:00")
    slots.extend_horizon(now=NOW)
    with counted() as all_of_them:
        assert len(doctor_search.search(now=NOW)) == 24
    assert len(alone) == len(all_of_them) <= 6


@pytest.mark.parametrize(
    ("word", "speciality"),
    [
        ("fever", "General Physician"),
        ("rash", "Dermatologist"),
        ("tooth", "Dentist"),
        ("baby", "Paediatrician"),
        ("pregnancy", "Gynaecologist"),
        ("knee", "Orthopaedic Surgeon"),
        ("palpitations", "Cardiologist"),
        ("sinus", "ENT Specialist"),
    ],
)
def test_everyday_words_lead_to_a_speciality(word: str, speciality: str) -> None:
    assert speciality in specialities_for(word)


def test_every_word_of_the_table_leads_to_its_own_speciality() -> None:
    for speciality, words in CARES_FOR.items():
        assert all(speciality in specialities_for(word) for word in words.split())


def test_filling_words_and_signs_say_nothing() -> None:
    assert search_words("A doctor for my Skin-rash, in T. Nagar?") == ["skin-rash", "t", "nagar"]
    assert len(search_words("x " * 50)) == 8
