"""The patient's choice of messages: the channels that bring them, and their language."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db.models import Person
from booking_ui.db.session import read, write
from booking_ui.domain.channel import Channel
from booking_ui.domain.errors import BadInput, FieldError, NotFound
from booking_ui.domain.people.person import spaced_phone
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.languages import FIRST, N_, _
from booking_ui.services.accounts import sessions
from booking_ui.services.mail import kinds, receivers, stop_links
from booking_ui.services.views import ChannelChoice, StopView

KEEP_ONE = N_("Keep at least one way, or you would not hear of a cancelled visit.")


def channels(person: Person) -> list[ChannelChoice]:
    """The channels that reach this person, each with its address and whether they want it."""
    stopped = receivers.stopped(person)
    return [
        ChannelChoice(
            channel=channel.value,
            label=_(kinds.CHANNELS[channel]),
            address=person.email or "" if channel is Channel.MAIL else spaced_phone(person.phone),
            wanted=channel not in stopped,
        )
        for channel in receivers.reaches(person)
    ]


def choose(*, person_id: int, wanted: Collection[str], language: str, now: datetime) -> None:
    """Keep the channels on which messages about visits come, and the language of all messages.

    A channel that does not reach the person now stays as it was. Raises BadInput, NotFound.
    """
    if language not in settings().offered_languages:
        raise BadInput(FieldError("language", _("Choose one of the languages.")))
    with write() as tx:
        person = sessions.lock_person(tx, person_id)
        reached = receivers.reaches(person)
        if reached and not {channel.value for channel in reached} & set(wanted):
            raise BadInput(FieldError("channels", _(KEEP_ONE)))
        stopped = {one for one in receivers.stopped(person) if one not in reached}
        stopped |= {one for one in reached if one.value not in wanted}
        _keep(tx, person, stopped, language, now)


def asked_to_stop(*, code: str) -> StopView:
    """The channel that a link of a message would stop, and the language of its owner. Raises NotFound."""
    person_id, channel = _read(code)
    with read() as tx:
        person = tx.get(Person, person_id)
        if person is None or person.erased_at is not None:
            raise NotFound
        return StopView(
            channel_label=kinds.CHANNELS[channel],
            language=receivers.receiver_language(person),
            stopped=channel in receivers.stopped(person),
        )


def stop(*, code: str, now: datetime) -> None:
    """Stop the messages about visits on the link's channel; codes that the person asks for still come. Raises NotFound.

    Even the last way may be stopped: the desk's list of messages then says that nobody was told.
    """
    person_id, channel = _read(code)
    with write() as tx:
        person = sessions.lock_person(tx, person_id)
        _keep(tx, person, {*receivers.stopped(person), channel}, person.language, now)


def _read(code: str) -> tuple[int, Channel]:
    found = stop_links.read(code)
    if found is None:
        raise NotFound
    return found


def _keep(tx: Session, person: Person, stopped: Iterable[Channel], language: str, now: datetime) -> None:
    text = ",".join(sorted(channel.value for channel in stopped))
    if (person.stopped_messages, person.language) == (text, language):
        return
    person.stopped_messages, person.language = text, language
    tx.add(person)
    said = Remark(RemarkCode.CHOICE, language=language or FIRST, channels=text or RemarkCode.NONE)
    sessions.record_own_action(tx, person.id or 0, "messages_chosen", now, reason=said)
