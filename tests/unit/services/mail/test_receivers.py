"""The language of a mail is its receiver's."""

from __future__ import annotations

import pytest

from booking_ui.db.models import Person
from booking_ui.languages import speaking
from booking_ui.services.accounts import authentication
from booking_ui.services.booking import claim
from booking_ui.services.mail.receivers import receiver_language
from booking_ui.services.upkeep import delivery
from tests.support.cast import NOW, Cast
from tests.support.mails import Post
from tests.support.paying import paid_at_the_desk


@pytest.mark.parametrize(("language", "written"), [("", "en"), ("hi", "hi")])
def test_a_person_is_written_to_in_the_language_they_read(language: str, written: str) -> None:
    person = Person(name="Asha", email="asha@example.com", phone="", password_hash="", language=language)
    assert receiver_language(person) == written


def test_nobody_is_written_to_in_english() -> None:
    assert receiver_language(None) == "en"


@pytest.mark.parametrize(
    ("language", "subject", "address"),
    [("hi", "पक्का: ", "/hi/appointment/"), ("en", "Confirmed: ", "/appointment/")],
)
def test_the_page_of_the_last_sign_in_decides_and_not_who_sends(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, language: str, subject: str, address: str
) -> None:
    with speaking("hi"):
        authentication.open_session(person_id=cast.asha, now=NOW)
    with speaking(language):
        authentication.open_session(person_id=cast.asha, now=NOW)
    paid_at_the_desk(cast, claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id)
    post = Post(monkeypatch)
    delivery.deliver_due(now=NOW)
    (mail,) = post.sent
    assert mail.subject.startswith(subject)
    assert address in mail.text
    assert f'lang="{language}"' in mail.html
