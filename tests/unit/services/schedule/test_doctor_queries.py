"""Searches as people type them, and the doctors who must come first: the demo clinic with four more specialities."""

from __future__ import annotations

from datetime import date

import pytest

from booking_ui.db.session import write
from booking_ui.demo import clinic
from booking_ui.languages import speaking
from booking_ui.services.schedule import doctor_search
from tests.support.schedule import NOW, a_doctor

pytestmark = pytest.mark.usefixtures("db")

NONE: set[str] = set()
HEART, SKIN = (
    {"Chandra Rao", "Rohan Deshpande", "Thomas Kurian"},
    {"Farah Siddiqui", "Neha Bansal", "Ezhil Arasan"},
)
TEETH, FEVER = (
    {"Kavya Shenoy", "Percy Batliwala", "Tenzin Dolma"},
    {"Meenakshi Iyengar", "Sunita Pawar", "Sameer Qureshi"},
)
BONES = {"Arjun Hegde", "Vikram Malhotra", "Murugan Selvam"}
WOMEN = {"Anjali Kulkarni", "Ritu Chaturvedi", "Padmavathi Sundaram"}
EARS = {"Imran Pasha", "Nikhil Shah", "Lakshmi Priya Raghavan"}
LONG_NAME = "Venkatanarasimharajuvaripeta Lakshmi Satyanarayana Rajarajeshwari Subrahmanyam"
CHILDREN = {LONG_NAME, "Gurpreet Kaur Bedi", "Harini Venkatesan"}

QUERIES: dict[str, set[str]] = {
    # a name, in any order, part and spelling
    "chandra rao": {"Chandra Rao"},
    "rao chandra": {"Chandra Rao"},
    "Dr. Siddiqui": {"Farah Siddiqui"},
    "sidiki": {"Farah Siddiqui"},
    "Meenakshi Iyenger": {"Meenakshi Iyengar"},
    "minakshi aiyangar": {"Meenakshi Iyengar"},
    "rajarajeshwari": {LONG_NAME},
    "lakshmi": {LONG_NAME, "Lakshmi Priya Raghavan"},
    "laxmi priya": {"Lakshmi Priya Raghavan"},
    "चंद्रा राव": {"Chandra Rao"},
    # a speciality, as it is spelt, as others spell it, and misspelt
    "cardiologist": HEART,
    "cardiologst": HEART,
    "cardio logist": HEART,
    "dermatolgist": SKIN,
    "orthopedic": BONES,
    "orthopaedics doctor": BONES,
    "pediatrician": CHILDREN,
    "gynecologist": WOMEN,
    "gynacologist": WOMEN,
    "opthamologist": {"Nalini Sen"},
    "psycologist": {"Omar Sheikh"},
    "skin specialist": SKIN,
    "general physician": FEVER,
    "derma": SKIN,
    # an ailment, in English
    "tooth ache": TEETH,
    "root canal": TEETH,
    "chest pain": HEART,
    "rashes": SKIN,
    "fever child": CHILDREN,
    "kidney stone": {"Prakash Jha"},
    "knee pain": BONES,
    # an ailment, in Hindi and in its Latin spellings
    "dil ka doctor": HEART,
    "bukhar": FEVER,
    "dant ka dard": TEETH,
    "daant": TEETH,
    "दांत": TEETH,
    "aankh": {"Nalini Sen"},
    "आँखों के डॉक्टर": {"Nalini Sen"},
    "haddi ka doctor": BONES,
    "bachcha": CHILDREN,
    "bachon ka doctor": CHILDREN,
    "बाल रोग विशेषज्ञ": CHILDREN,
    "pet dard": FEVER,
    "kamar dard": BONES,
    "khujli": SKIN,
    "kaan naak gala": EARS,
    "garbhvati": WOMEN,
    "त्वचा रोग": SKIN,
    # a place, by any of its names
    "bangalore heart": {"Chandra Rao"},
    "skin bengaluru": NONE,
    "bombay dentist": {"Percy Batliwala"},
    "madras skin doctor": {"Ezhil Arasan"},
    "dilli mein skin doctor": {"Neha Bansal"},
    "t nagar": {"Ezhil Arasan"},
    "indira nagar": {"Chandra Rao"},
    "बेंगलुरु में दिल के डॉक्टर": {"Chandra Rao"},
    "dentist poona": NONE,
    "dentist gurgaon": NONE,
    # a language
    "Hindi speaking skin doctor": {"Farah Siddiqui", "Neha Bansal"},
    "tamil gynaecologist chennai": {"Padmavathi Sundaram"},
    "gujrati dentist": {"Percy Batliwala"},
    # a gender
    "lady dentist": {"Kavya Shenoy", "Tenzin Dolma"},
    "महिला डॉक्टर दिल्ली": {"Gurpreet Kaur Bedi", "Neha Bansal", "Ritu Chaturvedi", "Tenzin Dolma"},
    "lady doctor chennai": {"Padmavathi Sundaram", "Harini Venkatesan", "Lakshmi Priya Raghavan"},
    # all of it, and none of it
    "marathi bolne wale dil ke doctor mumbai": {"Rohan Deshpande"},
    "qwerty": NONE,
    "zzzzqqqq": NONE,
    "jkjkjkjk": NONE,
}


@pytest.mark.parametrize("language", ["en", "hi"])
def test_what_people_type_finds_the_right_doctors_first(language: str) -> None:
    the_clinic()
    with speaking(language):
        got = {q: first(q, len(right)) for q, right in QUERIES.items()}
    assert len(QUERIES) >= 60
    assert {q: found for q, found in got.items() if found != QUERIES[q]} == {}


def first(q: str, count: int) -> set[str]:
    """The names of the doctors who come first; of all who were found when none is right."""
    found = [one.name.removeprefix("Dr ") for one in doctor_search.search(now=NOW, q=q)]
    return set(found[:count] if count else found)


def the_clinic() -> None:
    with write() as tx:
        clinic.doctors(tx, clinic.facts(), date(2026, 11, 23))
        clinic.words(tx)
    a_doctor("Dr Nalini Sen", speciality="Eye Specialist", city="Bengaluru", languages=["English", "Bengali"])
    a_doctor("Dr Omar Sheikh", speciality="Psychiatrist", city="Mumbai")
    a_doctor("Dr Prakash Jha", speciality="Urologist", city="Delhi")
    a_doctor("Dr Usha Pillai", speciality="Neurologist", city="Chennai")
