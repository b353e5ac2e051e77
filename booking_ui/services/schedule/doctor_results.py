"""The answer to a search as the page shows it: a first part of the doctors, choices with counts, and what is near."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from booking_ui.db.clinic_words import Words
from booking_ui.db.models import Doctor
from booking_ui.db.session import read
from booking_ui.domain.money import rupees
from booking_ui.domain.search.asked import Asked, Narrowed, When, narrowed
from booking_ui.domain.search.near import Given, Near, meant, near
from booking_ui.domain.search.places import in_devanagari
from booking_ui.domain.search.vocabulary import Kind
from booking_ui.languages import FIRST, N_, _, spoken
from booking_ui.services.schedule import doctor_catalogue, doctor_outlook
from booking_ui.services.schedule.doctor_catalogue import Known
from booking_ui.services.schedule.doctor_outlook import NOTHING, Outlook
from booking_ui.services.schedule.doctor_search import doctor_view, next_slots, tier
from booking_ui.services.views import Facet, Facets, NearSearch, ResultsView

SHOWN = 20  # doctors of a page, and how many more each time
FEES = (500, 800, 1000, 1500)  # rupees
_FAR = datetime.max.replace(tzinfo=UTC)

_USUALLY = {
    "Dermatologist": N_("skin doctor"),
    "Dentist": N_("dentist"),
    "Paediatrician": N_("children's doctor"),
    "Gynaecologist": N_("gynaecologist"),
    "Orthopaedic Surgeon": N_("bone doctor"),
    "Cardiologist": N_("heart doctor"),
    "ENT Specialist": N_("ENT specialist"),
    "Ophthalmologist": N_("eye doctor"),
    "Neurologist": N_("neurologist"),
    "Psychiatrist": N_("psychiatrist"),
    "Gastroenterologist": N_("stomach specialist"),
    "Urologist": N_("urologist"),
    "Nephrologist": N_("kidney specialist"),
    "Pulmonologist": N_("lung specialist"),
    "Endocrinologist": N_("diabetes specialist"),
    "Oncologist": N_("cancer specialist"),
    "Physiotherapist": N_("physiotherapist"),
}
"""Specialities of the search's tables as patients say them, for those that the clinic has no words for."""

DAYS = {When.TODAY: N_("Today"), When.TOMORROW: N_("Tomorrow"), When.WEEK: N_("Within 7 days")}
GENDERS = {"female": N_("Woman"), "male": N_("Man")}


def results(*, now: datetime, asked: Asked, sort: str = "soonest", shown: int = SHOWN) -> ResultsView:
    """The first `shown` doctors that `doctor_search.search` finds, in its order; `sort` is one of its SORTS."""
    with read() as tx:
        here = doctor_catalogue.known(tx)
        seen, free = doctor_outlook.outlooks(tx, doctors=len(here.doctors), now=now)
        found = narrowed(here.catalogue, asked, free)
        order = sorted(found.fits, key=lambda one: _ORDER[sort](_place(here, seen, found, one)))
        first = order[:shown]
        free_slots = next_slots(tx, sorted(first), now)
    return ResultsView(
        total=len(order),
        doctors=[doctor_view(here.doctors[one], here.words, free_slots.get(one, []), now) for one in first],
        facets=_facets(here, found),
        why_none="" if order else _why_none(here, asked),
        near=[]
        if order
        else [
            NearSearch(_near_label(here.words, asked, one), one.asked)
            for one in near(here.catalogue, asked, free)
        ],
    )


class _Place(NamedTuple):
    doctor: Doctor
    first: datetime
    tier: int


def _place(here: Known, seen: Mapping[int, Outlook], found: Narrowed, doctor_id: int) -> _Place:
    first = seen.get(doctor_id, NOTHING).first or _FAR
    return _Place(here.doctors[doctor_id], first, tier(found.fits[doctor_id]))


_ORDER: dict[str, Callable[[_Place], tuple[object, ...]]] = {
    "soonest": lambda one: (-one.tier, one.first, one.doctor.name.casefold()),
    "fee": lambda one: (one.doctor.fee_paise, one.first, one.doctor.name.casefold()),
    "experience": lambda one: (one.doctor.practising_since, one.first, one.doctor.name.casefold()),
    "name": lambda one: (one.doctor.name.casefold(), one.doctor.id),
}


# ── Choices ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _facets(here: Known, found: Narrowed) -> Facets:
    return Facets(
        specialities=_choices(here, found, "speciality", Kind.SPECIALITY),
        cities=_choices(here, found, "city", Kind.CITY),
        languages=_choices(here, found, "language", Kind.LANGUAGE),
        genders=[
            Facet(one, _(GENDERS[one]), found.values["gender"][one])
            for one in GENDERS
            if one in here.catalogue.values(Kind.GENDER)
        ],
        days=[Facet(one, _(DAYS[one]), found.values["when"][one]) for one in When],
        fees=[
            Facet(str(fee), rupees(fee * 100), sum(one <= fee * 100 for one in found.fees)) for fee in FEES
        ],
    )


def _choices(here: Known, found: Narrowed, name: str, kind: Kind) -> list[Facet]:
    values = here.catalogue.values(kind)
    choices = [Facet(one, here.words.said(one), found.values[name][one]) for one in values]
    return sorted(choices, key=lambda one: one.label)


# ── Nobody ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _why_none(here: Known, asked: Asked) -> str:
    what = meant(here.catalogue, asked)
    if what.unknown:
        return _("We found nothing for “{words}”", words=what.unknown)
    speciality, city = _speciality(here, what.speciality), _city(here.words, what.city)
    if speciality and city and not _here(here, what.speciality, what.city):
        return _("No {speciality} in {city}", speciality=speciality, city=city)
    if speciality and not _here(here, what.speciality):
        return _("No {speciality} at this clinic yet", speciality=speciality)
    if city and not speciality and what.city not in here.catalogue.values(Kind.CITY):
        return _("No doctor in {city} yet", city=city)
    return _("No doctor fits all of that")


def _here(here: Known, speciality: str, city: str = "") -> bool:
    return any(one.speciality == speciality and city in ("", one.city) for one in here.doctors.values())


def _speciality(here: Known, english: str) -> str:
    """ "ENT specialist", "dentist"; in the clinic's words where it has any."""
    said = here.words.said(english)
    own = said != english or (spoken() == FIRST and _here(here, english))
    if not own and english in _USUALLY:
        return _(_USUALLY[english])
    return " ".join(one if one.isupper() else one.lower() for one in said.split())


def _city(words: Words, english: str) -> str:
    said = words.said(english)
    return in_devanagari(english) if said == english and spoken() == "hi" else said


def _near_label(words: Words, asked: Asked, one: Near) -> str:
    match one.given:
        case Given.CITY:
            return _("{count} in {city}", count=one.count, city=words.said(one.value))
        case Given.WHEN:
            return _(_OTHER_DAYS[one.value], count=one.count)
        case Given.FEE:
            return _("{count} for more than {fee}", count=one.count, fee=rupees(asked.max_fee_paise or 0))
        case Given.LANGUAGE:
            return _("{count} who speak other languages", count=one.count)
        case Given.GENDER:
            return _("{count} of any gender", count=one.count)
        case Given.SPECIALITY:
            return _("{count} of other specialities", count=one.count)
        case Given.WORDS:
            return _("{count} for “{words}”", count=one.count, words=one.value)


_OTHER_DAYS = {
    When.TOMORROW: N_("{count} tomorrow"),
    When.WEEK: N_("{count} within 7 days"),
    "": N_("{count} on any day"),
}
