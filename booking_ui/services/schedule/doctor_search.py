"""Finding a doctor by name, speciality, symptom, area or city, each with the next free slots."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, or_, select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words, memory
from booking_ui.db.clinic_words import Words
from booking_ui.db.models import Doctor, Slot, pk
from booking_ui.db.session import read
from booking_ui.domain import clock
from booking_ui.domain.clinic.symptoms import begins, search_words, specialities_for
from booking_ui.domain.errors import BadInput, FieldError, NotFound
from booking_ui.domain.money import rupees
from booking_ui.domain.people.short_name import initials, tint
from booking_ui.languages import _, ngettext, spoken
from booking_ui.services.schedule import availability, slots
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
    max_fee_paise: int | None = None,
    sort: str = "soonest",
) -> list[DoctorView]:
    """The doctors that match every filter and every word of `q`, in three queries; in another language in four.

    Filters are English, as facets give them; words of `q` may also be of the language that is spoken. `sort` is soonest, fee, experience or name. Raises BadInput for another one.
    """
    if sort not in SORTS:
        raise BadInput(FieldError("sort", _("Sort by one of: {sorts}.", sorts=", ".join(SORTS))))
    key = ("doctors", spoken(), q, speciality, city, max_fee_paise)
    with read() as tx:
        words = clinic_words.words(tx)
        active = select(Doctor).where(col(Doctor.active).is_(True))
        conditions = [*_filters(speciality, city, max_fee_paise), *_mentioned(q, words)]
        found = memory.remembered(tx, key, lambda: tx.exec(active.where(*conditions)).all())
        # Languages are a short JSON list, which the two databases search differently.
        found = [
            one for one in found if not language or language.casefold() in map(str.casefold, one.languages)
        ]
        free_slots = _next_slots(tx, [pk(one) for one in found], now)
    shown = [(one, _doctor_view(one, words, free_slots.get(pk(one), []), now)) for one in found]
    return [view for _, view in sorted(shown, key=lambda pair: SORTS[sort](*pair))]


def bookable_doctor(*, now: datetime, doctor_id: int | None = None, slug: str = "") -> DoctorView:
    """One doctor by id or by slug. Raises NotFound, also for a doctor who has left the clinic."""
    which = Doctor.id == doctor_id if doctor_id is not None else Doctor.slug == slug
    with read() as tx:
        query = select(Doctor).where(which, col(Doctor.active).is_(True))
        found = memory.remembered(tx, ("doctor", doctor_id, slug), lambda: tx.exec(query).first())
        if found is None:
            raise NotFound
        free_slots = _next_slots(tx, [pk(found)], now)
        words = clinic_words.words(tx)
    return _doctor_view(found, words, free_slots.get(pk(found), []), now)


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
    return _doctor_view(found, words, [], now), free_times


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


def _filters(speciality: str, city: str, max_fee_paise: int | None) -> Iterator[sa.ColumnElement[bool]]:
    if speciality:
        yield _equal(col(Doctor.speciality), speciality)
    if city:
        yield _equal(col(Doctor.city), city)
    if max_fee_paise is not None:
        yield col(Doctor.fee_paise) <= max_fee_paise


def _equal(column: Mapped[str], word: str) -> sa.ColumnElement[bool]:
    """Equal without regard to case, as in a search by words; the database folds both sides in its own way."""
    return sa.func.lower(column) == sa.func.lower(word)


def _mentioned(q: str, words: Words) -> Iterator[sa.ColumnElement[bool]]:
    for word in search_words(q):
        yield _matches(word, [one for one, said in words.by_english.items() if begins(said, word)])


def _matches(word: str, meant: Collection[str]) -> sa.ColumnElement[bool]:
    """A word of the doctor's name, speciality, area or city begins with `word`, or they treat the ailment it names.

    `meant` are the English of the speciality, area or city of which a word in the spoken language begins so.
    """
    begin = [
        either
        for column in (col(Doctor.name), col(Doctor.speciality), col(Doctor.area), col(Doctor.city))
        for either in (
            column.istartswith(word, autoescape=True),
            column.icontains(f" {word}", autoescape=True),
        )
    ]
    spoken_so = [column.in_(meant) for column in (col(Doctor.speciality), col(Doctor.area), col(Doctor.city))]
    return or_(*begin, *(spoken_so if meant else ()), col(Doctor.speciality).in_(specialities_for(word)))


def _next_slots(tx: Session, doctor_ids: Sequence[int], now: datetime) -> dict[int, list[Slot]]:
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


def _doctor_view(one: Doctor, words: Words, free_slots: Sequence[Slot], now: datetime) -> DoctorView:
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


def _soonest(view: DoctorView) -> tuple[str, str]:
    return (view.next_slots[0].starts_at if view.next_slots else _NEVER, view.name.casefold())


SORTS: dict[str, Callable[[Doctor, DoctorView], tuple[object, ...]]] = {
    "soonest": lambda _, view: _soonest(view),
    "fee": lambda _, view: (view.fee_paise, *_soonest(view)),
    "experience": lambda one, view: (one.practising_since, *_soonest(view)),
    "name": lambda _, view: (view.name.casefold(), view.id),
}
