"""The texts about a visit: each kind in each language, short, with all values that a provider's template may ask for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.config.text_addresses import PLACES
from booking_ui.db import clinic_words
from booking_ui.db.models import Appointment, DeliveryStatus, Notification, pk
from booking_ui.db.session import read, write
from booking_ui.domain.channel import Channel
from booking_ui.gateways.texts import Text
from booking_ui.languages import speaking
from booking_ui.services.booking import claim
from booking_ui.services.mail import outbox, visit_texts
from booking_ui.services.visits import patient_view, visit_link
from tests.support.cast import NOW, Cast
from tests.support.paying import paid_at_the_desk
from tests.support.phones import proven

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The alphabet of an SMS of 160 characters (GSM 03.38)."""


@pytest.fixture
def visit_id(cast: Cast) -> int:
    """A confirmed visit of Asha's, whose number is proven."""
    proven(cast.asha)
    found = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, found)
    return found


def text(visit_id: int, kind: str, channel: Channel = Channel.SMS, words: str = "") -> Text:
    row = Notification(
        key=f"{visit_id}:{kind}:", appointment_id=visit_id, kind=kind, channel=channel, words=words,
        status=DeliveryStatus.WAITING, created_at=NOW,
    )  # fmt: skip
    with read() as tx:
        booking = patient_view.load(tx, Appointment.id == visit_id)[0]
    return visit_texts.compose(row, booking)


def test_a_confirmation_names_doctor_time_place_and_the_visits_page(visit_id: int) -> None:
    found = text(visit_id, "confirmed")
    with read() as tx:
        link = visit_link.address(tx.exec(select(Appointment)).one())
    assert found.body == (
        f"Confirmed: Dr Chandra Rao, Tue 6 Jan, 10:00 am, 12, 100 Feet Road, Bengaluru. {link}"
    )
    assert (found.to, found.channel, found.language) == ("+919845012301", Channel.SMS, "en")


@pytest.mark.parametrize(
    ("templates", "place"),
    [("", "12, 100 फ़ीट रोड, बेंगलुरु"), ("confirmed.en=1", "12, 100 Feet Road, Bengaluru")],
)
def test_the_place_is_said_in_the_language_of_the_text(
    configured: pytest.MonkeyPatch, visit_id: int, templates: str, place: str
) -> None:
    configured.setenv("SMS_TEMPLATES", templates)
    settings.cache_clear()
    with write() as tx:
        clinic_words.keep(tx, "hi", "12, 100 Feet Road", "12, 100 फ़ीट रोड")
        clinic_words.keep(tx, "hi", "Bengaluru", "बेंगलुरु")
    with speaking("hi"):
        assert f" {place}" in text(visit_id, "confirmed").body


@pytest.mark.parametrize("kind", sorted(visit_texts.BODIES))
def test_in_english_each_fits_one_sms(configured: pytest.MonkeyPatch, visit_id: int, kind: str) -> None:
    configured.setenv("PUBLIC_URL", "https://saanjh.example")
    settings.cache_clear()
    body = text(visit_id, kind).body
    assert len(body) <= 160, body
    assert set(body) <= GSM, set(body) - GSM


@pytest.mark.parametrize("kind", sorted(visit_texts.BODIES))
def test_each_has_a_value_for_every_place_of_an_address(visit_id: int, kind: str) -> None:
    found = text(visit_id, kind)
    of_the_text = {"phone", "template", "language", "key", "text"}
    assert set(found.values) == PLACES - of_the_text
    assert "{" not in found.body


def test_a_cancellation_says_the_clinics_reason_and_what_comes_back(visit_id: int) -> None:
    said = text(visit_id, "cancelled", words="The doctor is ill. " + "x" * 120)
    assert "The clinic says: The doctor is ill. xxx" in said.body
    assert said.body.endswith("...")
    assert len(said.values["reason"]) == 100


def test_a_provider_with_registered_texts_gets_their_id_and_the_language_that_it_knows(
    configured: pytest.MonkeyPatch, visit_id: int
) -> None:
    configured.setenv("SMS_TEMPLATES", "confirmed.en=1,confirmed.hi=2,reminder.en=3")
    settings.cache_clear()
    with speaking("hi"):
        assert [(one.template, one.language) for one in (text(visit_id, "confirmed"), text(visit_id, "reminder"))] == [
            ("2", "hi"), ("3", "en"),
        ]  # fmt: skip
        assert text(visit_id, "reminder").body.startswith("Reminder: ")
        assert (text(visit_id, "cancelled").template, text(visit_id, "cancelled").language) == ("", "en")
        whatsapp = text(visit_id, "reminder", Channel.WHATSAPP)
        assert (whatsapp.template, whatsapp.language) == ("", "hi")


def test_in_hindi_the_sum_has_its_sign(visit_id: int) -> None:
    assert text(visit_id, "hold_ends").values["amount"] == "Rs 500"
    with speaking("hi"):
        assert text(visit_id, "hold_ends").values["amount"] == "₹500"


def test_a_visit_is_told_by_mail_sms_and_whatsapp_once_each(
    configured: pytest.MonkeyPatch, cast: Cast, visit_id: int
) -> None:
    configured.setenv("WHATSAPP_URL", "json://127.0.0.1:9/x")
    settings.cache_clear()
    for again in range(2):
        with write() as tx:
            outbox.add_visit_message(
                tx, appointment_id=visit_id, kind="refunded", key="7", now=NOW + timedelta(hours=again)
            )
    with read() as tx:
        rows = tx.exec(select(Notification).where(Notification.kind == "refunded")).all()
    assert sorted((row.channel.value, row.key) for row in rows) == [
        ("mail", f"{visit_id}:refunded:7"),
        ("sms", f"{visit_id}:refunded:7@sms"),
        ("whatsapp", f"{visit_id}:refunded:7@whatsapp"),
    ]
    assert all(pk(row) for row in rows)
