"""A patient's name and number over REST and by the account page's form."""

from __future__ import annotations

from httpx import Response
from sqlmodel import select

from booking_ui.db.models import Person
from booking_ui.db.session import read
from booking_ui.services.accounts import authentication
from tests.support.api import Caller, refusal, sent_to
from tests.support.cast import NOW, Cast


def kept(person_id: int) -> tuple[str, str]:
    with read() as tx:
        person = tx.exec(select(Person).where(Person.id == person_id)).one()
    return person.name, person.phone


def change(who: Caller, body: object) -> Response:
    return who.send("PATCH", "/api/auth/me", json=body)


def test_what_is_left_out_stays(asha: Caller, cast: Cast) -> None:
    answer = change(asha, {"phone": "98450 12301"})
    assert (answer.status_code, answer.json()["message"]) == (200, "Saved.")
    assert kept(cast.asha) == ("Asha", "+919845012301")
    assert change(asha, {"name": "Asha Rao"}).status_code == 200
    assert kept(cast.asha) == ("Asha Rao", "+919845012301")


def test_a_wrong_field_is_named_and_staff_are_refused(asha: Caller, devi: Caller, anybody: Caller) -> None:
    refused = change(asha, {"name": "", "phone": "1"})
    assert [one["field"] for one in refused.json()["errors"]] == ["name", "phone"]
    assert refusal(change(devi, {"name": "Devi Two"})) == (403, "forbidden")
    assert change(anybody, {"name": "Nobody"}).status_code == 401


def test_a_mail_address_is_refused_by_name_and_nothing_is_saved(asha: Caller, cast: Cast) -> None:
    refused = change(asha, {"name": "Asha Rao", "email": "asha.rao@example.com"})
    assert refusal(refused) == (422, "validation")
    assert refused.json()["errors"] == [
        {"field": "email", "message": "This is not known here. Leave it out, or correct its name."}
    ]
    assert kept(cast.asha)[0] == "Asha"


def test_the_form_leads_back_to_the_account_page(anybody: Caller, cast: Cast) -> None:
    form = {"name": "Asha Rao", "phone": "9845012301"}
    assert sent_to(anybody.form("/api/session/details", form)).startswith("/sign-in/")
    anybody.cookies.set("sid", authentication.open_session(person_id=cast.asha, now=NOW))
    wrong = sent_to(anybody.form("/api/session/details", {**form, "phone": "12"}))
    assert wrong == "/account/?problem=validation&fields=phone"
    assert sent_to(anybody.form("/api/session/details", form)) == "/account/?done=details"
    assert kept(cast.asha) == ("Asha Rao", "+919845012301")
