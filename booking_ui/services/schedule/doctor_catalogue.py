"""The doctors of the clinic and the words that find them, in memory until a doctor or the clinic's words change.

Other commits cost one small query: it sums the doctors' editions, which rise with every change. Price: a change made past
this code, by hand in the database, shows once a doctor is saved or the process starts anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.db import clinic_words, memory
from booking_ui.db.clinic_words import Words
from booking_ui.db.models import Doctor, pk
from booking_ui.db.session import Database, database
from booking_ui.domain.search.catalogue import Catalogue, Listed
from booking_ui.languages import spoken

Edition = tuple[int, int, int]


@dataclass(frozen=True)
class Known:
    """The bookable doctors by id, and the words that find them in the spoken language as in English."""

    edition: Edition
    words: Words
    doctors: Mapping[int, Doctor]
    catalogue: Catalogue


_kept: WeakKeyDictionary[Database, dict[str, Known]] = WeakKeyDictionary()
_building = Lock()


def known(tx: Session) -> Known:
    """Two queries after a commit, a third when a doctor has changed, none else; `tx` must not have changed one."""
    language = spoken()
    words = clinic_words.words(tx)
    return memory.remembered(tx, ("catalogue", language), lambda: _current(tx, language, words))


def _current(tx: Session, language: str, words: Words) -> Known:
    edition = _edition(tx)
    with _building:  # whoever comes meanwhile waits for the one, instead of building another
        kept = _kept.setdefault(database(), {})
        before = kept.get(language)
        if before is None or (before.edition, before.words) != (edition, words):
            kept[language] = before = _read(tx, edition, words)
    return before


def _edition(tx: Session) -> Edition:
    row = sa.select(
        sa.func.count(), sa.func.sum(col(Doctor.id)), sa.func.sum(col(Doctor.edition))
    ).select_from(Doctor)
    count, ids, editions = tx.connection().execute(row).one()
    return count, int(ids or 0), int(editions or 0)


def _read(tx: Session, edition: Edition, words: Words) -> Known:
    doctors = tx.exec(select(Doctor).where(col(Doctor.active).is_(True)).order_by(col(Doctor.id))).all()
    listed = [_listed(one) for one in doctors]
    said = {english: (text,) for english, text in words.by_english.items()}
    return Known(edition, words, {pk(one): one for one in doctors}, Catalogue(listed, said))


def _listed(one: Doctor) -> Listed:
    return Listed(
        id=pk(one),
        name=one.name,
        speciality=one.speciality,
        city=one.city,
        area=one.area,
        languages=tuple(one.languages),
        gender=one.gender or "",
        fee_paise=one.fee_paise,
    )
