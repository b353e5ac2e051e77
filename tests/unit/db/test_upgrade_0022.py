"""Revision 0022: words in other languages come and go, and nothing else of the clinic with them."""

from __future__ import annotations

import sqlalchemy as sa

from booking_ui.db import clinic_words
from booking_ui.db.session import database, read, write
from booking_ui.languages import speaking
from booking_ui.services.schedule import doctor_search
from tests.support.cast import NOW, Cast
from tests.support.databases import to_revision


def tables() -> set[str]:
    return set(sa.inspect(database().engine).get_table_names())


def test_words_come_with_the_revision_and_go_with_it(cast: Cast) -> None:
    with write() as tx:
        clinic_words.keep(tx, "hi", "Cardiologist", "हृदय रोग विशेषज्ञ")
    before = doctor_search.search(now=NOW)
    address = database().url
    to_revision(address, "downgrade", "0021")
    assert "clinic_word" not in tables()
    to_revision(address, "upgrade", "head")
    assert doctor_search.search(now=NOW) == before
    with speaking("hi"), read() as tx:
        assert clinic_words.said(tx, "Cardiologist") == "Cardiologist"
