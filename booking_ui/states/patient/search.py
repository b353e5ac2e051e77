"""The search for a doctor: the address asks, `load` answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal
from urllib.parse import urlencode

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.domain.clock import utc_now
from booking_ui.domain.search.asked import Asked, When
from booking_ui.edge.gate import STRICT, Short, allow
from booking_ui.edge.threads import call
from booking_ui.languages import N_, _, ngettext, to
from booking_ui.services.schedule import doctor_results, doctor_search
from booking_ui.services.views import DoctorView, Facet, Facets

SORTS = {
    "soonest": N_("Soonest free time"),
    "fee": N_("Lowest fee"),
    "experience": N_("Most experience"),
    "name": N_("Name"),
}
FOUND = {
    "soonest": N_("{doctors} doctors, soonest free time first"),
    "fit": N_("{doctors} doctors, best match and soonest time first"),
    "fee": N_("{doctors} doctors, lowest fee first"),
    "experience": N_("{doctors} doctors, most experience first"),
    "name": N_("{doctors} doctors, name first"),
}
FEES = tuple(map(str, doctor_results.FEES))
_FILTERS = ("city", "language", "max_fee", "gender", "when")
_MORE = tuple(map(str, range(2 * doctor_results.SHOWN, 10 * doctor_results.SHOWN + 1, doctor_results.SHOWN)))


@dataclass(frozen=True)
class Question:
    """The search that an address asks for; an empty field narrows nothing."""

    q: str = ""
    speciality: str = ""
    city: str = ""
    language: str = ""
    max_fee: str = ""
    gender: str = ""
    when: str = ""
    sort: str = ""
    shown: str = ""  # how many doctors, if more than a page has


@with_config(STRICT)
class SearchForm(TypedDict, total=False):
    """The form as it is submitted; its controls are spread over the page."""

    q: Short
    speciality: Short
    city: Short
    language: Short
    max_fee: Literal["", "500", "800", "1000", "1500"]
    gender: Literal["", "female", "male"]
    when: Literal["", "today", "tomorrow", "week"]
    sort: Literal["", "soonest", "fee", "experience", "name"]


def question(parameters: Mapping[str, str], facets: Facets) -> Question:
    """The question of an address, without choices that we do not offer, so that every address shows something."""
    asked = {name: parameters.get(name, "").strip()[:120] for name in Question.__dataclass_fields__}
    offered = {
        "speciality": _values(facets.specialities),
        "city": _values(facets.cities),
        "language": _values(facets.languages),
        "max_fee": FEES,
        "gender": doctor_results.GENDERS,
        "when": tuple(When),
        "sort": SORTS,
        "shown": _MORE,
    }
    known = {
        name: value if name not in offered or value in offered[name] else "" for name, value in asked.items()
    }
    return Question(**known)


def asked_of(asked: Question) -> Asked:
    """The question as the service is asked it."""
    return Asked(
        q=asked.q,
        speciality=asked.speciality,
        city=asked.city,
        language=asked.language,
        gender=asked.gender,
        max_fee_paise=int(asked.max_fee) * 100 if asked.max_fee else None,
        when=asked.when,
    )


def question_of(asked: Asked, sort: str) -> Question:
    """The question that asks the service so."""
    fee = "" if asked.max_fee_paise is None else str(asked.max_fee_paise // 100)
    return Question(
        asked.q, asked.speciality, asked.city, asked.language, fee, asked.gender, asked.when, sort
    )


def _values(facets: Sequence[Facet]) -> list[str]:
    return [one.value for one in facets]


def search_address(asked: Question) -> str:
    given = {name: value for name, value in asdict(asked).items() if value and value != "soonest"}
    return f"/?{urlencode(given)}" if given else "/"


def narrows(asked: Question) -> bool:
    """An order alone does not narrow a search."""
    return asked != Question(sort=asked.sort, shown=asked.shown)


def summary_line(doctors: int, asked: Question) -> str:
    """The line above the results."""
    if doctors == 0:
        return _("No doctor fits all of that") if narrows(asked) else _("No doctor can be booked online yet")
    first = asked.sort or ("fit" if asked.q else "soonest")
    return _("1 doctor") if doctors == 1 else _(FOUND[first], doctors=doctors)


def close_label(doctors: int) -> str:
    """The label of the button that closes the filters."""
    if doctors == 0:
        return _("No doctor fits")
    return ngettext("Show {count} doctor", "Show {count} doctors", doctors)


@dataclass(frozen=True)
class NearLink:
    """A search that finds somebody, when this one does not."""

    label: str
    address: str


class SearchState(rx.State):
    """`filters` counts the filters in use; `found` is the label of the button that closes them.

    `cleared` is the address without filters, `more` the one that shows more doctors, if there are.
    """

    loaded: bool = False
    asked: Question = Question()
    narrowed: bool = False
    filters: int = 0
    summary: str = ""
    found: str = ""
    cleared: str = ""
    more: str = ""
    facets: Facets = Facets()
    doctors: list[DoctorView] = []
    near: list[NearLink] = []

    @rx.event
    @allow()
    async def load(self) -> None:
        facets = await call(doctor_search.facets)
        asked = question(self.router.url.query_parameters, facets)
        shown = int(asked.shown or doctor_results.SHOWN)
        found = await call(
            doctor_results.results,
            now=utc_now(),
            asked=asked_of(asked),
            sort=asked.sort or "soonest",
            shown=shown,
        )
        self.asked, self.narrowed = asked, narrows(asked)
        self.filters = sum(bool(getattr(asked, name)) for name in _FILTERS)
        self.cleared = to(search_address(replace(asked, shown="", **dict.fromkeys(_FILTERS, ""))))
        self.summary = (
            found.why_none if found.why_none and self.narrowed else summary_line(found.total, asked)
        )
        self.near = [
            NearLink(one.label, to(search_address(question_of(one.asked, asked.sort)))) for one in found.near
        ]
        self.more = _more(asked, shown, found.total)
        self.facets = found.facets
        self.doctors, self.found = found.doctors, close_label(found.total)
        self.loaded = True

    @rx.event
    @allow()
    async def search(self, form: SearchForm) -> EventSpec | None:
        """Go to the address that asks what the form asks, so that Back leads to the search before it."""
        address = search_address(Question(**form))
        here = Question(
            **{name: self.router.url.query_parameters.get(name, "") for name in Question.__dataclass_fields__}
        )
        return None if address == search_address(replace(here, shown="")) else rx.redirect(to(address))


def _more(asked: Question, shown: int, total: int) -> str:
    wanted = str(shown + doctor_results.SHOWN)
    return to(search_address(replace(asked, shown=wanted))) if shown < total and wanted in _MORE else ""
