"""Doctors and their times: open to everybody."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from booking_ui.api.http import shapes
from booking_ui.api.http.conditional import Revalidated
from booking_ui.api.http.envelope import PROBLEMS, Envelope
from booking_ui.api.http.fields import Day, Days, PathId, QueryId, QueryText, Rupees
from booking_ui.api.http.identity import Now
from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.edge.threads import call
from booking_ui.languages import _, ngettext
from booking_ui.services.schedule import doctor_search, doctor_suggestions, slots

router = APIRouter(prefix="/api", tags=["Doctors"], responses=PROBLEMS, route_class=Revalidated)


@router.get("/doctors", summary="Find a doctor")
async def doctors(
    now: Now,
    q: QueryText = "",
    speciality: QueryText = "",
    city: QueryText = "",
    language: QueryText = "",
    max_fee: Annotated[Rupees | None, Query(alias="maxFee", description="Rupees.")] = None,
    gender: Literal["", "female", "male"] = "",
    when: Annotated[
        Literal["", "today", "tomorrow", "week"], Query(description="Free on that day; week: within 7 days.")
    ] = "",
    sort: Literal["soonest", "fee", "experience", "name"] = "soonest",
) -> Envelope[list[shapes.Doctor]]:
    """`q` is any words of a name, speciality, symptom, area, city or language, in English or Hindi.

    Order, misspellings and old names of cities are forgiven. Of `sort=soonest`, doctors whom the words fit better come first.
    """
    views = await call(
        doctor_search.search,
        now=now,
        q=q,
        speciality=speciality,
        city=city,
        language=language,
        max_fee_paise=None if max_fee is None else round(max_fee * 100),
        gender=gender,
        when=when,
        sort=sort,
    )
    found = ngettext("{count} doctor found.", "{count} doctors found.", len(views))
    return Envelope(message=found, data=[shapes.doctor(view) for view in views])


@router.get("/doctors/suggestions", summary="What an unfinished search may become")
async def suggestions(q: QueryText = "") -> Envelope[list[shapes.Suggestion]]:
    """At most eight lines for a search field, the surest first. A `doctor` has the `slug` of their page, the others a `q`."""
    found = await call(doctor_suggestions.suggestions, q=q)
    counted = ngettext("{count} suggestion.", "{count} suggestions.", len(found))
    return Envelope(message=counted, data=[shapes.suggestion(one) for one in found])


@router.get("/doctors/{doctor_id}", summary="One doctor")
async def doctor(doctor_id: PathId, now: Now) -> Envelope[shapes.Doctor]:
    view = await call(doctor_search.bookable_doctor, doctor_id=doctor_id, now=now)
    return Envelope(message=view.name, data=shapes.doctor(view))


@router.get("/availability", summary="A doctor's times")
async def availability(
    now: Now,
    doctor_id: Annotated[QueryId, Query(alias="doctorId")],
    day: Annotated[Day | None, Query(alias="date", description="One day, in the clinic's zone.")] = None,
    first_day: Annotated[Day | None, Query(alias="from", description="Instead of `date`; today.")] = None,
    count: Days = None,
) -> Envelope[list[shapes.Availability]]:
    """Times that have not begun, soonest first, also those that are taken. Without dates: the next 14 days."""
    first, days_wanted = _first_and_count(day, first_day, count)
    view = await call(doctor_search.bookable_doctor, doctor_id=doctor_id, now=now)
    try:
        days = await call(slots.days, doctor_id=doctor_id, now=now, first_day=first, count=days_wanted)
    except BadInput as exc:  # the service can't know which of the two parameters was sent
        raise BadInput(FieldError("date" if day else "from", exc.sentence)) from exc
    items = [shapes.availability(slot, view) for slot in shapes.slots_of(days)]
    free = sum(not item.is_booked for item in items)
    return Envelope(message=ngettext("{count} free time.", "{count} free times.", free), data=items)


def _first_and_count(day: date | None, first_day: date | None, count: int | None) -> tuple[date | None, int]:
    if day is None:
        return first_day, count or 14
    if first_day is not None or count is not None:
        raise BadInput(FieldError("date", _("Ask for one `date`, or for `from` and `days`, not both.")))
    return day, 1
