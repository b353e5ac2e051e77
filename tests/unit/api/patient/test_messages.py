"""The account page's form about messages, and the page of the link that stops them."""

from __future__ import annotations

from sqlmodel import select

from booking_ui.db.models import Person
from booking_ui.db.session import read
from booking_ui.domain.channel import Channel
from booking_ui.services.accounts import authentication
from booking_ui.services.mail import stop_links
from tests.support.api import Caller, sent_to
from tests.support.cast import NOW, Cast
from tests.support.phones import proven


def asha(cast: Cast) -> Person:
    with read() as tx:
        return tx.exec(select(Person).where(Person.id == cast.asha)).one()


def test_the_form_keeps_the_choice_and_leads_back(anybody: Caller, cast: Cast) -> None:
    proven(cast.asha)
    form = {"sms": "yes", "language": "hi"}
    assert sent_to(anybody.form("/api/session/messages", form)).startswith("/sign-in/")
    anybody.cookies.set("sid", authentication.open_session(person_id=cast.asha, now=NOW))
    assert sent_to(anybody.form("/api/session/messages", form)) == "/account/?done=messages"
    assert (asha(cast).stopped_messages, asha(cast).language) == ("mail", "hi")
    wrong = sent_to(anybody.form("/api/session/messages", {"language": "en"}))
    assert wrong == "/account/?problem=validation&fields=channels"
    assert asha(cast).stopped_messages == "mail"


def test_looking_at_the_link_stops_nothing_and_a_click_does(anybody: Caller, cast: Cast) -> None:
    proven(cast.asha)
    path = "/m/" + stop_links.address(asha(cast), Channel.SMS).rpartition("/")[2]
    shown = anybody.get(path)
    assert (shown.status_code, "Stop messages by SMS?" in shown.text) == (200, True)
    assert shown.headers["cache-control"] == "no-store"
    assert asha(cast).stopped_messages == ""
    done = anybody.post(path)
    assert (done.status_code, "No more messages about your visits come by SMS." in done.text) == (200, True)
    assert asha(cast).stopped_messages == "sms"
    assert "<button>" not in anybody.get(path).text


def test_the_page_names_nobody_and_speaks_their_language(anybody: Caller, cast: Cast) -> None:
    proven(cast.asha, language="hi")
    shown = anybody.get("/m/" + stop_links.address(asha(cast), Channel.WHATSAPP).rpartition("/")[2])
    assert '<html lang="hi">' in shown.text
    assert not any(secret in shown.text for secret in ("Asha", "98450", "asha@"))


def test_a_link_that_we_did_not_make_is_not_found(anybody: Caller, cast: Cast) -> None:
    del cast
    for path in ("/m/1-s-aaaaaaaaaa", "/m/x", "/m/%00"):
        assert anybody.get(path).status_code == 404
        assert anybody.post(path).status_code == 404
