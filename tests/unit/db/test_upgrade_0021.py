"""Revision 0021: people of before are written to in English, there and back."""

from __future__ import annotations

import sqlalchemy as sa

from booking_ui.db.session import database, read
from booking_ui.languages import speaking
from booking_ui.services.accounts import authentication
from tests.support.cast import NOW, Cast
from tests.support.databases import to_revision


def languages() -> set[object]:
    with read() as tx:
        return set(tx.execute(sa.text("SELECT language FROM person")).scalars())


def test_people_of_before_asked_for_no_language(cast: Cast) -> None:
    with speaking("hi"):
        authentication.open_session(person_id=cast.asha, now=NOW)
    assert languages() == {"", "hi"}
    address = database().url
    to_revision(address, "downgrade", "0020")
    to_revision(address, "upgrade", "0021")
    assert languages() == {""}
