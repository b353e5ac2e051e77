"""Patients choose the channels and the language of their messages, and stop them by the link in one."""

from __future__ import annotations

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import AuditEntry, Person
from booking_ui.db.session import read
from booking_ui.domain.channel import Channel
from booking_ui.domain.errors import BadInput, NotFound
from booking_ui.services.accounts import message_choices, profile
from booking_ui.services.mail import stop_links
from booking_ui.services.views import ChannelChoice
from tests.support.cast import NOW, Cast
from tests.support.phones import proven


def asha(cast: Cast) -> Person:
    with read() as tx:
        return tx.get_one(Person, cast.asha)


def kept(cast: Cast) -> tuple[str, str]:
    found = asha(cast)
    return found.stopped_messages, found.language


def choose(cast: Cast, *wanted: str, language: str = "en") -> None:
    message_choices.choose(person_id=cast.asha, wanted=wanted, language=language, now=NOW)


def link(cast: Cast, channel: Channel = Channel.SMS) -> str:
    return stop_links.address(asha(cast), channel).rpartition("/")[2]


def audited() -> list[str]:
    with read() as tx:
        rows = tx.exec(select(AuditEntry).where(AuditEntry.action == "messages_chosen")).all()
    return [row.reason for row in rows]


def test_the_account_shows_the_ways_that_reach_its_owner(cast: Cast) -> None:
    assert [one.channel for one in profile.account(person_id=cast.asha, session="", now=NOW).channels] == [
        "mail"
    ]
    proven(cast.asha, stopped_messages="sms", language="hi")
    found = profile.account(person_id=cast.asha, session="", now=NOW)
    assert found.channels == [
        ChannelChoice("mail", "Mail", "asha@example.com", True),
        ChannelChoice("sms", "SMS", "+91 98450 12301", False),
    ]
    assert found.language == "hi"
    assert profile.account(person_id=cast.devi.person_id, session="", now=NOW).channels == []


def test_what_is_not_ticked_is_stopped_and_can_be_switched_on_again(cast: Cast) -> None:
    proven(cast.asha)
    choose(cast, "sms", language="hi")
    assert kept(cast) == ("mail", "hi")
    choose(cast, "mail", "sms", language="hi")
    assert kept(cast) == ("", "hi")
    choose(cast, "mail", "sms", language="hi")
    assert audited() == ["hi; stopped: mail", "hi; stopped: none"]


def test_one_way_has_to_stay(cast: Cast) -> None:
    proven(cast.asha)
    with pytest.raises(BadInput) as caught:
        choose(cast)
    assert [one.field for one in caught.value.errors] == ["channels"]
    with pytest.raises(BadInput):
        choose(cast, "whatsapp")  # the clinic has none
    with pytest.raises(BadInput) as caught:
        choose(cast, "sms", language="fr")
    assert [one.field for one in caught.value.errors] == ["language"]
    assert kept(cast) == ("", "")


def test_a_channel_that_does_not_reach_them_now_stays_as_it_was(
    configured: pytest.MonkeyPatch, cast: Cast
) -> None:
    proven(cast.asha, stopped_messages="whatsapp")
    choose(cast, "mail")
    assert kept(cast) == ("sms,whatsapp", "en")
    configured.setenv("WHATSAPP_URL", "json://127.0.0.1:9/x")
    settings.cache_clear()
    choose(cast, "mail", "whatsapp")
    assert kept(cast) == ("sms", "en")


def test_the_link_of_a_message_stops_its_channel_once_and_for_all_ways(cast: Cast) -> None:
    proven(cast.asha, language="hi")
    assert message_choices.asked_to_stop(code=link(cast)).stopped is False
    for _click in range(2):
        message_choices.stop(code=link(cast), now=NOW)
    assert kept(cast) == ("sms", "hi")
    found = message_choices.asked_to_stop(code=link(cast))
    assert (found.channel_label, found.language, found.stopped) == ("SMS", "hi", True)
    message_choices.stop(code=link(cast, Channel.WHATSAPP), now=NOW)
    assert kept(cast) == ("sms,whatsapp", "hi")
    assert audited() == ["hi; stopped: sms", "hi; stopped: sms,whatsapp"]


def test_a_forged_link_stops_nothing(cast: Cast) -> None:
    with pytest.raises(NotFound):
        message_choices.stop(code="1-s-aaaaaaaaaa", now=NOW)
    with pytest.raises(NotFound):
        message_choices.asked_to_stop(code="")
    assert kept(cast) == ("", "")
