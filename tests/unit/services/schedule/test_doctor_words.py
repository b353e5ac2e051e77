"""The desk says a doctor in Hindi: for all who share a word, never over somebody else's change. On both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import Doctor
from booking_ui.db.session import read, write
from booking_ui.domain.clinic.practice import Translated
from booking_ui.domain.errors import BadInput, ChangedMeanwhile, NotFound
from booking_ui.languages import speaking
from booking_ui.services.journal import audit
from booking_ui.services.schedule import doctor_editing, doctor_search, doctor_words
from booking_ui.services.views import DoctorView, Principal
from booking_ui.services.views.desk import DoctorWords
from tests.support.schedule import NOW, a_doctor, chandra

pytestmark = pytest.mark.usefixtures("db")

DEVI = Principal(1, "Devi", "devi@example.com", "", "admin")
HINDI = Translated(
    speciality="सामान्य चिकित्सक",
    languages="अंग्रेज़ी, कन्नड़",
    city="बेंगलुरु",
    area="इंदिरानगर",
    address="12, 100 फ़ीट रोड, इंदिरानगर",
)


def shown(slug: str = "dr-chandra-rao") -> DoctorWords:
    (words,) = doctor_editing.sheet(slug=slug).words
    return words


def said(doctor_id: int, written: Translated | None = None, seen: str = "", **changed: str) -> None:
    words = shown()
    doctor_words.say(
        admin=DEVI,
        doctor_id=doctor_id,
        language="hi",
        seen=seen or words.seen,
        written=written or replace(words.written, **changed),
        now=NOW,
    )


def card(slug: str = "dr-chandra-rao") -> DoctorView:
    with speaking("hi"):
        return doctor_search.bookable_doctor(slug=slug, now=NOW)


def trail(doctor_id: int) -> list[tuple[str, str, str]]:
    with read() as tx:
        rows = audit.trail(tx, f"doctor:{doctor_id}")
        assert audit.holds(rows)
    return [(one.action, one.before, one.after) for one in rows]


def wrong(doctor_id: int, **changed: str) -> dict[str, str]:
    with pytest.raises(BadInput) as refusal:
        said(doctor_id, None, "", **changed)
    return {one.field: one.message for one in refusal.value.errors}


def test_a_doctor_without_words_is_said_in_english() -> None:
    chandra()
    words = shown()
    assert (words.language, words.language_label, words.written) == ("hi", "Hindi (हिन्दी)", Translated())
    assert card().speciality == "General Physician"


def test_what_is_said_in_hindi_is_shown_in_hindi_and_leaves_a_trail() -> None:
    doctor_id = chandra()
    said(doctor_id, HINDI)
    assert shown().written == HINDI
    found = card()
    assert (found.name, found.speciality, found.city) == ("Dr Chandra Rao", "सामान्य चिकित्सक", "बेंगलुरु")
    assert (found.area, found.languages_label) == ("इंदिरानगर", "अंग्रेज़ी, कन्नड़")
    assert found.address == "12, 100 फ़ीट रोड, इंदिरानगर"
    assert doctor_search.bookable_doctor(slug="dr-chandra-rao", now=NOW).city == "Bengaluru"
    assert ("doctor_changed_city_hi", "", "बेंगलुरु") in trail(doctor_id)
    assert len(trail(doctor_id)) == 5


def test_a_word_is_said_so_for_every_doctor_who_has_it() -> None:
    doctor_id = chandra()
    a_doctor("Dr Ezhil Arasan", languages=["Kannada", "Tamil"])
    said(doctor_id, HINDI)
    assert card("dr-ezhil-arasan").languages_label == "कन्नड़, Tamil"
    assert shown("dr-ezhil-arasan").written.languages == "कन्नड़, Tamil"


def test_a_form_that_arrives_twice_is_saved_once_and_an_empty_field_is_english_again() -> None:
    doctor_id = chandra()
    first = shown().seen
    said(doctor_id, HINDI, first)
    said(doctor_id, HINDI, first)
    assert len(trail(doctor_id)) == 5
    said(doctor_id, city="", area="Indiranagar")
    assert (shown().written.city, shown().written.area) == ("", "")
    assert (card().city, card().area) == ("Bengaluru", "Indiranagar")
    assert trail(doctor_id)[-2:] == [
        ("doctor_changed_city_hi", "बेंगलुरु", ""),
        ("doctor_changed_area_hi", "इंदिरानगर", ""),
    ]


def test_whoever_saves_second_is_told_also_when_the_english_was_changed() -> None:
    doctor_id = chandra()
    stale = shown().seen
    said(doctor_id, city="बेंगलुरु")
    with pytest.raises(ChangedMeanwhile):
        said(doctor_id, HINDI, stale)
    stale = shown().seen
    with write() as tx:
        tx.get_one(Doctor, doctor_id).city = "Mysuru"
    with pytest.raises(ChangedMeanwhile):
        said(doctor_id, HINDI, stale)
    assert card().city == "Mysuru"


def test_words_have_the_bounds_of_their_english() -> None:
    doctor_id = chandra()
    assert wrong(doctor_id, city="ब", area="इ" * 81, speciality="क\x00ख ग") == {
        "city": "Write the city in 2 to 60 letters.",
        "area": "Write the part of the city in 2 to 80 letters.",
        "speciality": "Write one speciality in 3 to 60 letters.",
    }
    assert wrong(doctor_id, languages="अंग्रेज़ी") == {
        "languages": "Write as many as in English, in the same order."
    }
    assert wrong(doctor_id, about="दिल") == {"about": "Write it in English first."}
    assert trail(doctor_id) == []


def test_an_about_keeps_its_lines_and_its_length() -> None:
    a_doctor(about="Hearts.\n\nAnd more.")
    said(1, about="  दिल।\r\n\r\nऔर  भी। ")
    assert card().about == "दिल।\n\nऔर भी।"
    said(1, about="दिल" * 400)
    assert shown().written.about == "दिल" * 400
    assert wrong(1, about="द" * 1201) == {"about": "Write at most 1,200 letters."}


@pytest.mark.parametrize(("doctor_id", "language"), [(404, "hi"), (1, "en"), (1, "xx"), (1, "")])
def test_nobody_and_no_language_are_not_found(doctor_id: int, language: str) -> None:
    chandra()
    with pytest.raises(NotFound):
        doctor_words.say(admin=DEVI, doctor_id=doctor_id, language=language, seen="", written=HINDI, now=NOW)


def test_a_clinic_of_one_language_has_no_words_to_give(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("LANGUAGES", "en")
    settings.cache_clear()
    chandra()
    assert doctor_editing.sheet(slug="dr-chandra-rao").words == []


def test_another_doctor_of_the_same_words_is_added_in_their_language() -> None:
    said(chandra(), HINDI)
    arun = replace(doctor_editing.sheet(slug="dr-chandra-rao").written, name="Dr Arun Pillai")
    slug = doctor_editing.add(admin=DEVI, written=arun, now=NOW)
    assert shown(slug).written == HINDI
