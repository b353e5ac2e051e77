"""Revision 0023: people keep their addresses and numbers, there and back; one without an address gets one that reaches nobody."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from booking_ui.db.models import CodeKind, Notification, OneTimeCode, Person, pk
from booking_ui.db.session import database, read, write
from booking_ui.services.accounts import one_time_codes
from booking_ui.services.accounts.one_time_codes import Device
from tests.support.cast import NOW, Cast
from tests.support.databases import to_revision

NUMBER = "+919845012301"


def person(name: str, phone: str, *, proven: bool) -> Person:
    return Person(
        name=name,
        phone=phone,
        password_hash="-",
        phone_verified_at=NOW if proven else None,
        created_at=NOW,
    )


def everybody() -> list[tuple[object, ...]]:
    with read() as tx:
        return [
            tuple(row) for row in tx.execute(sa.text("SELECT name, email, phone FROM person ORDER BY id"))
        ]


def count(table: type) -> int:
    with read() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_everybody_stays_and_codes_of_the_new_kinds_go(cast: Cast) -> None:
    before = everybody()
    with write() as tx:
        meera = person("Meera", NUMBER, proven=True)
        tx.add(meera)
        tx.flush()
        for kind in (CodeKind.PHONE, CodeKind.NEW_PHONE):
            one_time_codes.send_by_text(
                tx, phone=NUMBER, kind=kind, person_id=pk(meera), device=Device("here"), now=NOW
            )
        one_time_codes.request(tx, address="asha@example.com", kind=CodeKind.RESET, now=NOW)
    address = database().url
    to_revision(address, "downgrade", "0022")
    assert everybody() == [*before, ("Meera", f"no-mail-{len(before) + 1}@no-mail.invalid", NUMBER)]
    to_revision(address, "upgrade", "0023")
    assert everybody()[: len(before)] == before
    assert (count(OneTimeCode), count(Notification)) == (1, 1)


def test_a_proven_number_belongs_to_one_person_and_a_written_one_to_many(cast: Cast) -> None:
    with write() as tx:
        tx.add_all(person(name, NUMBER, proven=proven) for name, proven in (("A", True), ("B", False)))
    with write() as tx:
        tx.add(person("C", NUMBER, proven=False))
    with pytest.raises(IntegrityError), write() as tx:
        tx.add(person("D", NUMBER, proven=True))
    assert [name for name, *_rest in everybody()][-3:] == ["A", "B", "C"]
