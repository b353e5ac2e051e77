"""Suggestions below the search field: doctors by name, and what the last word may mean. No free times are read."""

from __future__ import annotations

from booking_ui.db.session import read
from booking_ui.domain.search.completion import Completion, Completions, completions
from booking_ui.languages import _, ngettext
from booking_ui.services.schedule import doctor_catalogue
from booking_ui.services.schedule.doctor_catalogue import Known
from booking_ui.services.schedule.doctor_results import GENDERS
from booking_ui.services.views import Suggestion

MOST = 8


def suggestions(*, q: str) -> list[Suggestion]:
    """At most eight, the surest first, in the spoken language; none before the last word has two letters."""
    with read() as tx:
        here = doctor_catalogue.known(tx)
    found = completions(here.catalogue, q[:120])
    lines = [
        *(_meaning(here, found, one) for one in found.meanings),
        *(_city(here, found, one) for one in found.cities),
        *(_doctor(here, one) for one in found.doctors),
    ]
    return lines[:MOST]


def _meaning(here: Known, found: Completions, one: Completion) -> Suggestion:
    kind, value = one.meaning
    label = _(GENDERS[value]) if value in GENDERS else here.words.said(value)
    whole = f"{found.before} {label}".strip()
    return Suggestion(kind=kind, label=whole, detail=_count(one.count), q=whole)


def _city(here: Known, found: Completions, one: Completion) -> Suggestion:
    speciality = here.words.said(found.meanings[0].meaning.value)
    city = here.words.said(one.meaning.value)
    return Suggestion(
        kind=one.meaning.kind,
        label=_("{speciality} in {city}", speciality=speciality, city=city),
        detail=_count(one.count),
        q=" ".join(part for part in (found.before, speciality, city) if part),
    )


def _doctor(here: Known, doctor_id: int) -> Suggestion:
    one, said = here.doctors[doctor_id], here.words.said
    where = f"{said(one.speciality)} · {said(one.area)}, {said(one.city)}"
    return Suggestion(kind="doctor", label=one.name, detail=where, slug=one.slug)


def _count(count: int) -> str:
    return ngettext("{count} doctor", "{count} doctors", count)
