"""The short link in a reminder that stops such messages: no sign-in, nothing stored, and it opens nothing else.

A patient who wants peace need not remember a password, and a message has no room for a signed link of the usual length:
`/m/7kz-s-q3m5d6rt2h` names the person and the channel, with 50 bits of a keyed hash. It ends with SECRET_KEY.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode

from booking_ui.config.settings import settings
from booking_ui.db.models import Person, pk
from booking_ui.domain.channel import Channel

_LETTERS = {Channel.SMS: "s", Channel.WHATSAPP: "w"}
_LINK = re.compile(r"([0-9a-z]{1,12})([sw])([0-9a-z]{10})")


def address(person: Person, channel: Channel) -> str:
    """The whole address for one person and channel; empty for mail, which the account page stops."""
    if channel not in _LETTERS:
        return ""
    return f"{settings().base_url}/m/{_code(pk(person), channel)}"


def read(code: str) -> tuple[int, Channel] | None:
    """(person id, channel) of a link that we made; None for any other."""
    found = _LINK.fullmatch(code.lower().replace("-", ""))
    if not found:
        return None
    person_id = int(found[1], 36)
    channel = next(one for one, letter in _LETTERS.items() if letter == found[2])
    return (person_id, channel) if hmac.compare_digest(_mac(person_id, channel), found[3]) else None


def _code(person_id: int, channel: Channel) -> str:
    return f"{_base36(person_id)}-{_LETTERS[channel]}-{_mac(person_id, channel)}"


def _mac(person_id: int, channel: Channel) -> str:
    key = hmac.digest(settings().signing_key().encode(), b"stop links, version 1", hashlib.sha256)
    made = hmac.digest(key, f"{person_id}:{channel.value}".encode(), hashlib.sha256)
    return b32encode(made).decode().lower()[:10]


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    head, last = divmod(number, 36)
    return (_base36(head) if head else "") + digits[last]
