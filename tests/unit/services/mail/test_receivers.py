"""The channels and the language in which a person gets messages."""

from __future__ import annotations

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import Person
from booking_ui.domain.channel import Channel
from booking_ui.languages import speaking
from booking_ui.services.accounts import authentication
from booking_ui.services.booking import claim
from booking_ui.services.mail import receivers
from booking_ui.services.upkeep import delivery
from tests.support.cast import NOW, Cast
from tests.support.mails import Post
from tests.support.paying import paid_at_the_desk


def person(**facts: object) -> Person:
    """Asha, with a mail address and a proven number, but for these facts."""
    asha = Person(
        id=1,
        name="Asha",
        email="asha@example.com",
        phone="+919845012301",
        phone_verified_at=NOW,
        password_hash="-",
        created_at=NOW,
    )
    return asha.model_copy(update=facts)


@pytest.fixture(autouse=True)
def _both(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("SMS_URL", "json://127.0.0.1:9/sms")
    configured.setenv("WHATSAPP_URL", "json://127.0.0.1:9/whatsapp")
    settings.cache_clear()


def test_mail_needs_an_address_and_a_telephone_a_proven_number() -> None:
    assert receivers.wanted(person()) == [Channel.MAIL, Channel.SMS, Channel.WHATSAPP]
    assert receivers.wanted(person(phone_verified_at=None)) == [Channel.MAIL]
    assert receivers.wanted(person(email=None)) == [Channel.SMS, Channel.WHATSAPP]
    assert receivers.wanted(person(stopped_messages="mail,sms")) == [Channel.WHATSAPP]


def test_why_somebody_gets_nothing_is_told() -> None:
    assert receivers.why_not(person(), Channel.SMS) == ""
    assert receivers.why_not(person(erased_at=NOW), Channel.MAIL) == "nobody has this account any more"
    assert receivers.why_not(person(stopped_messages="sms"), Channel.SMS) == "they want no such messages"
    assert receivers.why_not(person(email=None), Channel.MAIL) == "they have no mail address"
    assert receivers.why_not(person(phone_verified_at=None), Channel.SMS) == "their number is not proven"


def test_outside_a_demo_a_clinic_without_a_provider_texts_nobody(configured: pytest.MonkeyPatch) -> None:
    for name, value in {"SMS_URL": "", "DEMO": "false", "SECRET_KEY": "k" * 32}.items():
        configured.setenv(name, value)
    settings.cache_clear()
    assert receivers.wanted(person()) == [Channel.MAIL, Channel.WHATSAPP]
    assert receivers.text_channel() is Channel.WHATSAPP
    assert receivers.why_not(person(), Channel.SMS) == "the clinic sends no such messages"
    configured.setenv("WHATSAPP_URL", "")
    settings.cache_clear()
    assert receivers.wanted(person()) == [Channel.MAIL]


def test_the_language_is_the_persons_and_english_for_nobody() -> None:
    assert receivers.receiver_language(person(language="hi")) == "hi"
    assert receivers.receiver_language(person()) == receivers.receiver_language(None) == "en"


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
