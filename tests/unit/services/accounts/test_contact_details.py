"""Patients change their name and their number. On both databases."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from booking_ui.db.models import AuditEntry, Person
from booking_ui.db.session import read, write
from booking_ui.domain.errors import BadInput, Forbidden, NotFound
from booking_ui.services.accounts import authentication, profile
from booking_ui.services.upkeep import invariants
from booking_ui.services.views import Principal
from tests.support.cast import NOW, Cast

PASSWORD = "farah's password"


@pytest.fixture
def farah(cast: Cast) -> Principal:
    return authentication.open_account(
        name="Farah Ali", email="farah@example.com", phone="9876543210", password=PASSWORD, now=NOW
    )


def kept(person_id: int) -> tuple[str, str]:
    with read() as tx:
        person = tx.exec(select(Person).where(Person.id == person_id)).one()
    return person.name, person.phone


def left(person_id: int) -> list[tuple[str, str, str, str]]:
    with read() as tx:
        query = select(AuditEntry.before, AuditEntry.after, AuditEntry.reason, AuditEntry.actor).where(
            AuditEntry.subject == f"person:{person_id}", AuditEntry.action == "details_changed"
        )
        return [(a, b, c, d) for a, b, c, d in tx.exec(query.order_by(col(AuditEntry.seq))).all()]


def test_what_is_given_changes_and_the_trail_never_says_to_what(farah: Principal) -> None:
    me, actor = farah.person_id, f"person:{farah.person_id}"
    changed = profile.change_contact(person_id=me, name="  Farah   Khan ", phone="+91 98450-12301", now=NOW)
    assert (changed.name, changed.phone) == kept(me) == ("Farah Khan", "+919845012301")
    profile.change_contact(person_id=me, phone="9876543210", now=NOW)
    profile.change_contact(person_id=me, name="Farah Khan", now=NOW)  # nothing new: no row
    assert kept(me) == ("Farah Khan", "+919876543210")
    assert left(me) == [("", "", "name, phone", actor), ("", "", "phone", actor)]
    assert invariants.total(invariants.count(now=NOW)) == 0


def test_every_wrong_field_is_named_as_in_registering_and_nothing_changes(farah: Principal) -> None:
    with pytest.raises(BadInput) as refused:
        profile.change_contact(person_id=farah.person_id, name=" ", phone="12", now=NOW)
    assert [(e.field, e.message) for e in refused.value.errors] == [
        ("name", "Write your name in 1 to 80 letters."),
        ("phone", "Write a phone number of 10 digits, or one that starts with + and the country code."),
    ]
    with pytest.raises(BadInput):
        profile.change_contact(person_id=farah.person_id, name="Farah Khan", phone="", now=NOW)
    assert kept(farah.person_id) == ("Farah Ali", "+919876543210")
    assert left(farah.person_id) == []


def test_staff_and_people_who_are_not_there_are_refused(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        profile.change_contact(person_id=cast.devi.person_id, name="Devi Two", now=NOW)
    with pytest.raises(NotFound):
        profile.change_contact(person_id=9_999, name="Nobody", now=NOW)
    assert kept(cast.devi.person_id)[0] == "Devi"


def test_an_account_whose_number_could_not_be_given_today_goes_on_as_it_is(farah: Principal) -> None:
    me, old = farah.person_id, "+911234567890"
    with write() as tx:
        tx.get_one(Person, me).phone = old
    assert authentication.authenticate(email=farah.email, password=PASSWORD, now=NOW).phone == old
    profile.change_contact(person_id=me, name="Farah Khan", now=NOW)
    profile.change_contact(
        person_id=me, name="Farah Begum", phone="+91 12345 67890", now=NOW
    )  # as its form shows it
    assert kept(me) == ("Farah Begum", old)
    with pytest.raises(BadInput):
        profile.change_contact(person_id=me, phone="+91 12345 67891 0", now=NOW)
    profile.change_contact(person_id=me, phone="98765 43211", now=NOW)
    assert kept(me) == ("Farah Begum", "+919876543211")
    assert left(me)[-1] == ("", "", "phone", f"person:{me}")
