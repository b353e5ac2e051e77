"""The search for a doctor: the address asks, `load` answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal
from urllib.parse import urlencode

import reflex as rx
from pydantic import with_config
from reflex.event import EventSpec
from typing_extensions import TypedDict

from booking_ui.domain.clock import utc_now
from booking_ui.edge.gate import STRICT, Short, allow
from booking_ui.edge.threads import call
from booking_ui.languages import N_, _, ngettext, to
from booking_ui.services.schedule import doctor_search
from booking_ui.services.views import DoctorView, Facet, Facets

SORTS = {
    "soonest": N_("Soonest free time"),
    "fee": N_("Lowest fee"),
    "experience": N_("Most experience"),
    "name": N_("Name"),
}
FOUND = {
    "soonest": N_("{doctors} doctors, soonest free time first"),
    "fee": N_("{doctors} doctors, lowest fee first"),
    "experience": N_("{doctors} doctors, most experience first"),
    "name": N_("{doctors} doctors, name first"),
}
FEES = ("500", "800", "1000", "1500")  # rupees


@dataclass(frozen=True)
class Question:
    """The search that an address asks for; an empty field narrows nothing."""

    q: str = ""
    speciality: str = ""
    city: str = ""
    language: str = ""
    max_fee: str = ""
    sort: str = ""


@with_config(STRICT)
class SearchForm(TypedDict, total=False):
    """The form as it is submitted; its controls are spread over the page."""

    q: Short
    speciality: Short
    city: Short
    language: Short
    max_fee: Literal["", "500", "800", "1000", "1500"]
    sort: Literal["", "soonest", "fee", "experience", "name"]


def question(parameters: Mapping[str, str], facets: Facets) -> Question:
    """The question of an address, without choices that we do not offer, so that every address shows something."""
    asked = {name: parameters.get(name, "").strip()[:120] for name in Question.__dataclass_fields__}
    offered = {
        "speciality": _values(facets.specialities),
        "city": _values(facets.cities),
        "language": _values(facets.languages),
        "max_fee": FEES,
        "sort": SORTS,
    }
    known = {
        name: value if name not in offered or value in offered[name] else "" for name, value in asked.items()
    }
    return Question(**known)


def _values(facets: Sequence[Facet]) -> list[str]:
    return [one.value for one in facets]


def search_address(asked: Question) -> str:
    given = {name: value for name, value in asdict(asked).items() if value and value != "soonest"}
    return f"/?{urlencode(given)}" if given else "/"


def narrows(asked: Question) -> bool:
    """An order alone does not narrow a search."""
    return asked != Question(sort=asked.sort)


def summary_line(doctors: int, asked: Question) -> str:
    """The line above the results."""
    if doctors == 0:
        return _("No doctor fits all of that") if narrows(asked) else _("No doctor can be booked online yet")
    return _("1 doctor") if doctors == 1 else _(FOUND[asked.sort or "soonest"], doctors=doctors)


def close_label(doctors: int) -> str:
    """The label of the button that closes the filters."""
    if doctors == 0:
        return _("No doctor fits")
    return ngettext("Show {count} doctor", "Show {count} doctors", doctors)


class SearchState(rx.State):
    """`filters` counts the filters in use; `found` is the label of the button that closes them."""

    loaded: bool = False
    asked: Question = Question()
    narrowed: bool = False
    filters: int = 0
    summary: str = ""
    found: str = ""
    facets: Facets = Facets()
    doctors: list[DoctorView] = []

    @rx.event
    @allow()
    async def load(self) -> None:
        self.facets = await call(doctor_search.facets)  # each time: a tab may go on in another language
        asked = question(self.router.url.query_parameters, self.facets)
        found = await call(
            doctor_search.search,
            now=utc_now(),
            q=asked.q,
            speciality=asked.speciality,
            city=asked.city,
            language=asked.language,
            max_fee_paise=int(asked.max_fee) * 100 if asked.max_fee else None,
            sort=asked.sort or "soonest",
        )
        self.asked, self.narrowed = asked, narrows(asked)
        self.filters = sum(bool(value) for value in (asked.city, asked.language, asked.max_fee))
        self.summary = summary_line(len(found), asked)
        self.doctors, self.found = found, close_label(len(found))
        self.loaded = True

    @rx.event
    @allow()
    async def search(self, form: SearchForm) -> EventSpec:
        """Go to the address that asks what the form asks."""
        return rx.redirect(to(search_address(Question(**form))), replace=True)
