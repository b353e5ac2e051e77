"""A use case is kept and told as a whole, or not at all."""

from __future__ import annotations

from sqlmodel import Session, select

from booking_ui.db.models import Person
from booking_ui.db.session import after_commit, read, rehearse, write
from tests.support.cast import Cast

told: list[str] = []


def rename(tx: Session, person_id: int) -> str:
    """The name as this transaction sees it afterwards; its news is told after the commit."""
    person = tx.get_one(Person, person_id)
    person.name = "Asha Rao Iyer"
    tx.add(person)
    after_commit(tx, lambda: told.append("renamed"))
    return tx.exec(select(Person.name).where(Person.id == person_id)).one()


def name_of(person_id: int) -> str:
    with read() as tx:
        return tx.get_one(Person, person_id).name


def test_a_rehearsal_shows_its_own_changes_keeps_none_and_tells_nobody(cast: Cast) -> None:
    told.clear()
    before = name_of(cast.asha)
    with rehearse() as tx:
        assert rename(tx, cast.asha) == "Asha Rao Iyer" != before
    assert (name_of(cast.asha), told) == (before, [])
    with write() as tx:  # the rehearsal let go of everything that it had locked
        rename(tx, cast.asha)
    assert (name_of(cast.asha), told) == ("Asha Rao Iyer", ["renamed"])
