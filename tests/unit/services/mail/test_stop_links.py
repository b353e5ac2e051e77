"""The short links that stop messages: each names one person and channel, and none can be guessed or changed."""

from __future__ import annotations

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import Person
from booking_ui.domain.channel import Channel
from booking_ui.services.mail import stop_links
from tests.support.cast import NOW


def person(number: int) -> Person:
    return Person(id=number, name="Asha", phone="+919845012301", password_hash="-", created_at=NOW)


def code(number: int, channel: Channel = Channel.SMS) -> str:
    return stop_links.address(person(number), channel).rpartition("/")[2]


@pytest.mark.parametrize("number", [1, 35, 36, 46_655, 2**31 - 1])
def test_a_link_names_its_person_and_channel_and_is_short(number: int) -> None:
    for channel in (Channel.SMS, Channel.WHATSAPP):
        assert stop_links.read(code(number, channel)) == (number, channel)
        assert len(code(number, channel)) <= 19
        assert stop_links.read(code(number, channel).upper().replace("-", "")) == (number, channel)


def test_mail_has_none() -> None:
    assert stop_links.address(person(1), Channel.MAIL) == ""


def test_a_link_that_we_did_not_make_is_nobodys(configured: pytest.MonkeyPatch) -> None:
    good = code(7)
    for forged in (
        "",
        "x",
        good[:-1],
        f"8{good[1:]}",
        good.replace("-s-", "-w-"),
        f"{good}a",
        "7-s-aaaaaaaaaa",
        "७-s-a",
    ):
        assert stop_links.read(forged) is None, forged
    configured.setenv("SECRET_KEY", "another key of thirty-two letters")
    settings.cache_clear()
    assert stop_links.read(good) is None
