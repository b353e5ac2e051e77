"""The desk gives the words about a doctor in the other languages of the clinic.

The stored English is the key, as in a catalogue: a city or a speciality that is translated with one doctor is said so for
all. So a form of words is about the English that stands beside it, and English that changes has other words or none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words
from booking_ui.db.clinic_words import Words
from booking_ui.db.models import Doctor, pk
from booking_ui.db.session import write
from booking_ui.domain.clinic.practice import Translated, translation
from booking_ui.domain.errors import ChangedMeanwhile, NotFound
from booking_ui.languages import FIRST, named
from booking_ui.services.schedule import slots
from booking_ui.services.schedule.doctor_changes import CHANGED, note, one_of, short
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import DoctorWords

English = Mapping[str, list[str]]
"""The English of each field that has words in other languages; a doctor's languages are several."""


def others() -> tuple[str, ...]:
    """The languages in which words can be given."""
    return tuple(one for one in settings().offered_languages if one != FIRST)


def of_doctor(tx: Session, doctor: Doctor) -> list[DoctorWords]:
    """The words about a doctor in every other language."""
    return [_view(tx, _english(doctor), language) for language in others()]


def say(
    *, admin: Principal, doctor_id: int, language: str, seen: str, written: Translated, now: datetime
) -> None:
    """Say a doctor's facts in another language; an empty field is said in English again.

    A form that is stored already changes nothing, so it may arrive twice.

    Raises:
        BadInput: every wrong field with its sentence.
        NotFound: no such doctor or language.
        ChangedMeanwhile: words or English are not what was `seen`: another admin saved first.
    """
    if language not in others():
        raise NotFound
    with write() as tx:
        doctor = one_of(slots.all_locked(tx), doctor_id)
        english = _english(doctor)
        wanted = {
            one: text
            for field, texts in translation(written, english).items()
            for one, text in zip(english[field], texts, strict=False)  # none for a field that is empty
        }
        before, after = _view(tx, english, language), _said(Words(wanted), english)
        if after == before.written:
            return
        if seen != before.seen:
            raise ChangedMeanwhile
        for one in {one for every in english.values() for one in every}:
            clinic_words.keep(tx, language, one, wanted.get(one, ""))
        for field, was, becomes in _changes(before.written, after):
            note(tx, admin, pk(doctor), f"{CHANGED}_{field}_{language}", before=was, after=becomes, now=now)


def _english(doctor: Doctor) -> English:
    return {
        "speciality": [doctor.speciality],
        "languages": doctor.languages,
        "city": [doctor.city],
        "area": [doctor.area],
        "address": [doctor.address],
        "about": [doctor.about] if doctor.about else [],
    }


def _view(tx: Session, english: English, language: str) -> DoctorWords:
    written = _said(
        clinic_words.known(tx, language, [one for every in english.values() for one in every]), english
    )
    return DoctorWords(language, named(language), _version(english, written), written)


def _said(words: Words, english: English) -> Translated:
    """Each field in `words`; empty where all of it is said in English."""
    said = {field: [words.said(one) for one in every] for field, every in english.items()}
    return Translated(
        **{field: "" if texts == english[field] else ", ".join(texts) for field, texts in said.items()}
    )


def _version(english: English, written: Translated) -> str:
    return hashlib.sha256(json.dumps([english, asdict(written)]).encode()).hexdigest()[:32]


def _changes(before: Translated, after: Translated) -> list[tuple[str, str, str]]:
    pairs = ((field, getattr(before, field), becomes) for field, becomes in asdict(after).items())
    return [(field, short(was), short(becomes)) for field, was, becomes in pairs if was != becomes]
