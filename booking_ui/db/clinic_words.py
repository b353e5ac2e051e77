"""The clinic's own words in the language that is spoken: what the desk wrote of doctors and leave, and its translation.

Rows, filters and addresses keep the English; a view says it by `said`. Names of people stay as they are written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from booking_ui.db import memory
from booking_ui.db.models import ClinicWord
from booking_ui.languages import FIRST, spoken


@dataclass(frozen=True)
class Words:
    """Translations into one language, by their English."""

    by_english: Mapping[str, str] = field(default_factory=dict)

    def said(self, english: str) -> str:
        """The words in that language; the English where the desk gave none."""
        return self.by_english.get(english, english)


def words(tx: Session) -> Words:
    """The words in the language that is spoken, in one query after a commit and in none before.

    English costs nothing. `tx` must not have changed any of them.
    """
    language = spoken()
    if language == FIRST:
        return Words()
    return memory.remembered(tx, ("words", language), lambda: Words(_read(tx, language)))


def said(tx: Session, english: str) -> str:
    """The English in the language that is spoken, as `words` says it."""
    return words(tx).said(english)


def _read(tx: Session, language: str) -> dict[str, str]:
    rows = select(ClinicWord.english, ClinicWord.text).where(ClinicWord.language == language)
    return dict(tx.exec(rows).all())


# ── For those who write them ──────────────────────────────────────────────────────────────────────────────────────


def known(tx: Session, language: str, english: Collection[str]) -> Words:
    """The stored words of these in `language`; of a transaction that changes words too."""
    if not english:
        return Words()
    rows = select(ClinicWord.english, ClinicWord.text).where(
        ClinicWord.language == language, col(ClinicWord.key).in_({_key(one) for one in english})
    )
    return Words(dict(tx.exec(rows).all()))


def keep(tx: Session, language: str, english: str, text: str) -> None:
    """Say `english` as `text` in `language`; empty forgets it, and so does the English itself.

    The caller holds the lock of every doctor, so that no two add one word at once.
    """
    row = tx.get(ClinicWord, (_key(english), language))
    if not text or text == english:
        if row is not None:
            tx.delete(row)
        return
    row = row or ClinicWord(key=_key(english), language=language, english=english, text=text)
    row.text = text
    tx.add(row)


def _key(english: str) -> str:
    return hashlib.sha256(english.encode()).hexdigest()
