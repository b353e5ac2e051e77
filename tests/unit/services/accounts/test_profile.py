"""A patient's own account: contact details, another password, open sessions. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from booking_ui.db.models import AuditEntry, Person
from booking_ui.db.session import read, write
from booking_ui.domain.errors import (
    BadInput,
    Forbidden,
    NotFound,
    WrongCredentials,
    WrongPassword,
)
from booking_ui.services.accounts import authentication, profile, sessions
from booking_ui.services.upkeep import delivery, invariants
from booking_ui.services.views import Principal
from tests.support.cast import NOW, Cast
from tests.support.mails import Post

MAIL, PASSWORD, OTHER = "farah@example.com", "farah's password", "another good one"
pytestmark = pytest.mark.usefixtures("cast")


@pytest.fixture(autouse=True)
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    return Post(monkeypatch)


@pytest.fixture
def farah(cast: Cast) -> Principal:
    return authentication.open_account(
        name="Farah Ali", email=MAIL, phone="9876543210", password=PASSWORD, now=NOW
    )


def test_the_present_password_is_needed_for_another(farah: Principal, post: Post) -> None:
    mine = authentication.open_session(person_id=farah.person_id, now=NOW)
    other = authentication.open_session(person_id=farah.person_id, now=NOW)
    change = {"person_id": farah.person_id, "token": mine, "now": NOW}
    with pytest.raises(WrongPassword):
        profile.change_password(old="wrong one", new=OTHER, **change)  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        profile.change_password(old=PASSWORD, new="farahali", **change)  # type: ignore[arg-type]
    assert authentication.session_principal(token=other, now=NOW) == farah
    profile.change_password(old=PASSWORD, new=OTHER, **change)  # type: ignore[arg-type]
    assert authentication.session_principal(token=mine, now=NOW) == farah
    assert authentication.session_principal(token=other, now=NOW) is None
    with pytest.raises(WrongCredentials):
        authentication.authenticate(email=MAIL, password=PASSWORD, now=NOW)
    delivery.deliver_due(now=NOW)
    assert post.sent[-1].subject == "Your password was changed"


def test_the_account_lists_who_is_signed_in_and_which_one_this_is(farah: Principal) -> None:
    mine = authentication.open_session(person_id=farah.person_id, now=NOW, device="Firefox on Linux")
    authentication.open_session(
        person_id=farah.person_id, now=NOW - timedelta(hours=1), device="Chrome on Android"
    )
    gone = authentication.open_session(person_id=farah.person_id, now=NOW)
    authentication.close_session(token=gone, now=NOW)
    authentication.issue_tokens(person_id=farah.person_id, now=NOW - timedelta(hours=2))
    found = profile.account(person_id=farah.person_id, session=sessions.digest(mine), now=NOW)
    assert (found.verified, found.has_password, found.may_erase) == (False, True, True)
    assert [(one.device, one.this_one) for one in found.sessions] == [
        ("Firefox on Linux", True),
        ("Chrome on Android", False),
        ("A program", False),
    ]
    assert found.sessions[0].since_label == "Mon 5 Jan, 10:00 am"


def test_signing_out_everywhere_leaves_no_key_in_any_hand(farah: Principal) -> None:
    session = authentication.open_session(person_id=farah.person_id, now=NOW)
    authentication.issue_tokens(person_id=farah.person_id, now=NOW)
    profile.sign_out_everywhere(person_id=farah.person_id, now=NOW)
    assert authentication.session_principal(token=session, now=NOW) is None
    assert profile.account(person_id=farah.person_id, session="", now=NOW).sessions == []


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
