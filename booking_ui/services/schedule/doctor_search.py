"""Finding a doctor by name, speciality, symptom, area, city or language, each with the next free slots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words, memory
from booking_ui.db.clinic_words import Words
from booking_ui.db.models import Doctor, Slot, pk
from booking_ui.db.session import read
from booking_ui.domain import clock
from booking_ui.domain.errors import BadInput, FieldError, NotFound
from booking_ui.domain.money import rupees
from booking_ui.domain.people.short_name import initials, tint
from booking_ui.domain.search.asked import Asked, narrowed
from booking_ui.languages import _, ngettext
from booking_ui.services.schedule import availability, doctor_catalogue, doctor_outlook, slots
from booking_ui.services.schedule.availability import FREE
from booking_ui.services.schedule.slots import free, slot_view
from booking_ui.services.views import DoctorView, Facet, Facets, SlotView

NEXT_SLOTS = 3
_NEVER = "9999"  # sorts after every RFC 3339 instant


def search(
    *,
    now: datetime,
    q: str = "",
    speciality: str = "",
    city: str = "",
    language: str = "",
    gender: str = "",
    max_fee_paise: int | None = None,
    when: str = "",
    sort: str = "soonest",
) -> list[DoctorView]:
    """The doctors that match every filter and whom the words of `q` fit, in six queries at most; in another language seven.

    Filters are English, as facets give them; words of `q` may also be of the language that is spoken, or misspelt. `sort`
    is soonest (among those whom the words fit as well), fee, experience or name. Raises BadInput for another one.
    """
    if sort not in SORTS:
        raise BadInput(FieldError("sort", _("Sort by one of: {sorts}.", sorts=", ".join(SORTS))))
    asked = Asked(q, speciality, city, language, gender, max_fee_paise, when)
    with read() as tx:
        here = doctor_catalogue.known(tx)
        free_days = doctor_outlook.outlooks(tx, doctors=len(here.doctors), now=now).free if when else {}
        scores = narrowed(here.catalogue, asked, free_days).fits
        found = [here.doctors[one] for one in sorted(scores)]
        free_slots = next_slots(tx, [pk(one) for one in found], now)
    views = [doctor_view(one, here.words, free_slots.get(pk(one), []), now) for one in found]
    since = {pk(one): one.practising_since for one in found}
    return sorted(views, key=lambda view: SORTS[sort](_Place(view, tier(scores[view.id]), since[view.id])))


def bookable_doctor(*, now: datetime, doctor_id: int | None = None, slug: str = "") -> DoctorView:
    """One doctor by id or by slug. Raises NotFound, also for a doctor who has left the clinic."""
    which = Doctor.id == doctor_id if doctor_id is not None else Doctor.slug == slug
    with read() as tx:
        query = select(Doctor).where(which, col(Doctor.active).is_(True))
        found = memory.remembered(tx, ("doctor", doctor_id, slug), lambda: tx.exec(query).first())
        if found is None:
            raise NotFound
        free_slots = next_slots(tx, [pk(found)], now)
        words = clinic_words.words(tx)
    return doctor_view(found, words, free_slots.get(pk(found), []), now)


def alternatives(*, slot_id: int, now: datetime) -> tuple[DoctorView, list[SlotView]]:
    """The doctor of a slot and their free slots closest to it, soonest first. Raises NotFound."""
    with read() as tx:
        slot = memory.remembered(tx, ("slot", slot_id), lambda: tx.get(Slot, slot_id))
        if slot is None:
            raise NotFound
        doctor_id = slot.doctor_id
        found = memory.remembered(tx, ("doctor of a slot", doctor_id), lambda: tx.get_one(Doctor, doctor_id))
        free_times = slots.nearest_seen(tx, doctor_id, slot.starts_at, now)
        words = clinic_words.words(tx)
    return doctor_view(found, words, [], now), free_times


def facets() -> Facets:
    """The specialities, cities and languages of the doctors here, each list in the order of its labels."""
    with read() as tx:
        query = select(Doctor.speciality, Doctor.city, Doctor.languages).where(col(Doctor.active).is_(True))
        rows = memory.remembered(tx, "facets", lambda: tx.exec(query).all())
        words = clinic_words.words(tx)
    return Facets(
        specialities=_distinct(words, (speciality for speciality, _, _ in rows)),
        cities=_distinct(words, (city for _, city, _ in rows)),
        languages=_distinct(words, (one for _, _, languages in rows for one in languages)),
    )


def _distinct(words: Words, values: Iterable[str]) -> list[Facet]:
    return sorted((Facet(one, words.said(one)) for one in set(values)), key=lambda facet: facet.label)


def next_slots(tx: Session, doctor_ids: Sequence[int], now: datetime) -> dict[int, list[Slot]]:
    return availability.next_free(
        tx, doctor_ids=doctor_ids, now=now, read=lambda: _read_next_slots(tx, doctor_ids, now)
    )


def _read_next_slots(tx: Session, doctor_ids: Sequence[int], now: datetime) -> dict[int, list[Slot]]:
    """One index walk per doctor and rank; a window function would read every free slot of the clinic."""
    mine = (
        select(Slot.id).where(Slot.doctor_id == Doctor.id, free(now)).order_by(col(Slot.starts_at)).limit(1)
    )
    ranked = [mine.offset(rank).correlate(Doctor).scalar_subquery() for rank in range(NEXT_SLOTS)]
    rows = tx.connection().execute(sa.select(*ranked).where(col(Doctor.id).in_(doctor_ids)))
    slot_ids = [slot_id for row in rows for slot_id in row if slot_id is not None]
    found: dict[int, list[Slot]] = {}
    for slot in tx.exec(select(Slot).where(col(Slot.id).in_(slot_ids)).order_by(col(Slot.starts_at))):
        found.setdefault(slot.doctor_id, []).append(slot)
    return found


def doctor_view(one: Doctor, words: Words, free_slots: Sequence[Slot], now: datetime) -> DoctorView:
    soonest = free_slots[0].starts_at if free_slots else None
    return DoctorView(
        id=pk(one),
        slug=one.slug,
        name=one.name,
        initials=initials(one.name),
        tint=tint(one.name),
        speciality=words.said(one.speciality),
        qualifications=one.qualifications,
        experience_label=_experience(clock.today(now, settings().zone).year - one.practising_since),
        languages_label=", ".join(map(words.said, one.languages)),
        city=words.said(one.city),
        area=words.said(one.area),
        address=words.said(one.address),
        fee_paise=one.fee_paise,
        fee_label=rupees(one.fee_paise),
        about=words.said(one.about),
        next_slots=[slot_view(slot, FREE) for slot in free_slots],
        next_free_label=clock.instant_label(soonest, settings().zone) if soonest else "",
    )


def _experience(years: int) -> str:
    return ngettext("{count} year", "{count} years", years) if years > 0 else _("First year")


def tier(score: float) -> int:
    """Doctors of one tier fit the words as well as each other."""
    return round(score * 10)


class _Place(NamedTuple):
    view: DoctorView
    tier: int
    practising_since: int

    @property
    def soonest(self) -> tuple[str, str]:
        slots = self.view.next_slots
        return (slots[0].starts_at if slots else _NEVER, self.view.name.casefold())


SORTS: dict[str, Callable[[_Place], tuple[object, ...]]] = {
    "soonest": lambda one: (-one.tier, *one.soonest),
    "fee": lambda one: (one.view.fee_paise, *one.soonest),
    "experience": lambda one: (one.practising_since, *one.soonest),
    "name": lambda one: (one.view.name.casefold(), one.view.id),
}
