"""A doctor as the desk writes them: read generously, stored exactly, refused by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from booking_ui.domain.clinic.practice import Translated, Written, fee_text, practice, translation
from booking_ui.domain.errors import BadInput

ARUN = Written(
    name="Dr  Arun Pillai ",
    qualifications="MBBS, MD",
    registration=" KMC  12345",
    gender="female",
    speciality="Dermatologist",
    languages="English, Malayalam,English",
    city="Kochi",
    area="Fort Kochi",
    address="4, Rose Street",
    practising_since="2011",
    about="Skin and hair.\r\n\r\nSeen  on weekdays.",
    fee="₹1,500.50",
    slot_minutes="20",
    mon="9-13, 17:00–20:30",
)


def wrong(**changed: str) -> dict[str, str]:
    with pytest.raises(BadInput) as refusal:
        practice(replace(ARUN, **changed), 2026)
    return {one.field: one.message for one in refusal.value.errors}


def test_a_form_is_stored_tidied_with_its_fee_in_paise() -> None:
    found = practice(ARUN, 2026)
    assert dict(found.facts) == {
        "name": "Dr Arun Pillai",
        "qualifications": "MBBS, MD",
        "registration": "KMC 12345",
        "gender": "female",
        "speciality": "Dermatologist",
        "languages": ["English", "Malayalam"],
        "city": "Kochi",
        "area": "Fort Kochi",
        "address": "4, Rose Street",
        "practising_since": 2011,
        "about": "Skin and hair.\n\nSeen on weekdays.",
        "fee_paise": 150_050,
        "slot_minutes": 20,
    }
    assert found.week[0] == ((time(9), time(13)), (time(17), time(20, 30)))
    assert found.week[1:] == ((),) * 6


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", " "),
        ("name", "x" * 121),
        ("name", "Dr\x00Arun"),
        ("qualifications", ""),
        ("registration", "x" * 61),
        ("gender", "x"),
        ("speciality", "ab"),
        ("languages", " , "),
        ("city", ""),
        ("area", ""),
        ("address", "4"),
        ("practising_since", "2027"),
        ("practising_since", "١٩٩٩"),
        ("practising_since", "since 2010"),
        ("about", "x" * 1201),
        ("fee", ""),
        ("fee", "0"),
        ("fee", "0.99"),
        ("fee", "100000.01"),
        ("fee", "-500"),
        ("fee", "5e3"),
        ("fee", "12.345"),
        ("slot_minutes", "4"),
        ("slot_minutes", "241"),
        ("slot_minutes", "half an hour"),
        ("mon", "9-13, 12-14"),
        ("tue", "17:00-9:00"),
        ("wed", "9:00-9:00"),
        ("thu", "9:00-9:15"),
        ("fri", "morning"),
        ("sat", "25:00-26:00"),
        ("sun", "9:60-10:30"),
        ("sun", "13pm-14"),
        ("sun", "8-9, 10-11, 12-13, 14-15, 16-17"),
    ],
)
def test_what_can_not_be_stored_is_refused_beside_its_own_field(field: str, text: str) -> None:
    assert list(wrong(**{field: text})) == [field]


def test_everything_that_is_wrong_is_told_at_once_and_says_what_to_mend() -> None:
    assert wrong(fee="free", mon="9-13, 12-14", tue="17-9", wed="9:00-9:15") == {
        "fee": "Write a fee from ₹1 to ₹1,00,000, such as 500.",
        "mon": "9:00-13:00 and 12:00-14:00 overlap.",
        "tue": "17:00-9:00 ends before it starts.",
        "wed": "9:00-9:15 is shorter than one visit of 20 minutes.",
    }


@pytest.mark.parametrize(
    ("fee", "paise"), [("1", 100), ("500", 50_000), ("Rs. 99.5", 9_950), ("1,00,000", 10_000_000)]
)
def test_a_fee_from_one_rupee_to_a_lakh_is_read_exactly(fee: str, paise: int) -> None:
    assert practice(replace(ARUN, fee=fee), 2026).facts["fee_paise"] == paise


def test_a_fee_is_shown_as_it_is_written() -> None:
    assert [fee_text(paise) for paise in (100, 50_000, 50_050, 50_005)] == ["1", "500", "500.50", "500.05"]


ENGLISH = {
    "speciality": ["Dermatologist"],
    "languages": ["English", "Malayalam"],
    "city": ["Kochi"],
    "area": ["Fort Kochi"],
    "address": ["4, Rose Street"],
    "about": [],
}


def test_a_translation_is_tidied_and_has_words_for_each_that_is_given() -> None:
    found = translation(Translated(languages="अंग्रेज़ी ,मलयालम", city="  कोच्चि "), ENGLISH)
    assert found == {
        "speciality": [], "languages": ["अंग्रेज़ी", "मलयालम"], "city": ["कोच्चि"], "area": [], "address": [], "about": [],
    }  # fmt: skip


def test_a_translation_has_the_bounds_of_its_english_and_as_many_languages() -> None:
    with pytest.raises(BadInput) as refusal:
        translation(Translated(speciality="क", languages="अंग्रेज़ी", city="क" * 61, about="त्वचा"), ENGLISH)
    assert [one.field for one in refusal.value.errors] == ["speciality", "languages", "city", "about"]
