"""The channels and the language in which a person gets messages."""

from __future__ import annotations

from typing import Literal

from booking_ui.db.models import Person
from booking_ui.domain.channel import TEXTED, Channel
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.gateways import texts
from booking_ui.languages import FIRST

NO_ADDRESS = Remark(RemarkCode.NO_ADDRESS)


def receiver_language(person: Person | None) -> str:
    """The language that this person reads; English for nobody, and for one who asked for none."""
    return (person.language if person else "") or FIRST


def reaches(person: Person) -> list[Channel]:
    """The channels of the clinic that reach this person: mail at any address, the telephone if the number is theirs."""
    mail = [Channel.MAIL] if person.email else []
    return [*mail, *(texts.configured() if _has_number(person) else ())]


def _has_number(person: Person) -> bool:
    """True for a number that is proven, and for one that the desk wrote down as the patient said it."""
    return person.phone_verified_at is not None or person.made_at_desk


def stopped(person: Person) -> frozenset[Channel]:
    """The channels on which they want no messages about visits."""
    return frozenset(Channel(one) for one in person.stopped_messages.split(",") if one)


def wanted(person: Person) -> list[Channel]:
    """The channels on which they get messages about visits."""
    return [channel for channel in reaches(person) if channel not in stopped(person)]


def why_not(person: Person, channel: Channel) -> Remark | Literal[""]:
    """The reason why this person gets nothing on a channel; empty when they do."""
    if person.erased_at is not None:
        return Remark(RemarkCode.NO_ACCOUNT)
    if channel in stopped(person):
        return Remark(RemarkCode.STOPPED)
    if channel is Channel.MAIL:
        return "" if person.email else NO_ADDRESS
    if not _has_number(person):
        return Remark(RemarkCode.NOT_PROVEN)
    return "" if channel in texts.configured() else Remark(RemarkCode.NO_CHANNEL)


def text_channel() -> Channel:
    """The channel of codes: SMS, which every telephone gets, or the only one that the clinic has."""
    return next(iter(texts.configured()), TEXTED[0])
