"""Notations of the messages to telephones: a provider's address with {places}, its templates, and the quiet hours.

Every reader raises ValueError with a sentence that says what is wrong.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

PLACES = frozenset(
    {
        *(
            "phone",
            "template",
            "language",
            "key",
            "text",
            "patient",
            "person",
            "doctor",
            "when",
            "before",
            "until",
        ),
        *("place", "amount", "money", "reason", "code", "link", "stop", "clinic", "support"),
    }
)
"""The {places} that an address may hold; each message has a value for every one of them, which may be empty."""

GENERIC = ("json", "jsons", "form", "forms", "xml", "xmls")
"""Schemes of a server of the clinic's own: what the address does not name travels in the request."""

_PLACE = re.compile(r"\{(\w*)\}")
_ADDRESS = re.compile(r"[A-Za-z][\w+.-]*://[^\s]+")
_TEMPLATE = re.compile(r"(\w+)\.([a-z]{2,3})=([^\s,=]+)")
_HOURS = re.compile(r"(\d{1,2})-(\d{1,2})")
_TRIAL = dict.fromkeys(PLACES, "1") | {
    "phone": "919845012301",
    "template": "1107160000000000001",
    "language": "en",
}


def filled(address: str, values: Mapping[str, str]) -> str:
    """The address with the values in its {places}, quoted: a blank is %20, and nothing in a value ends its part."""
    return _PLACE.sub(lambda place: quote(values.get(place[1], ""), safe=""), address)


def scheme(address: str) -> str:
    return address.partition("://")[0].lower()


@lru_cache(maxsize=16)
def text_address(address: str) -> None:
    """Refuse what apprise can't read, or what could reach no telephone; empty is no address."""
    if not address:
        return
    if not _ADDRESS.fullmatch(address):
        raise ValueError("it must be an address of apprise, such as json://127.0.0.1:8025/texts")
    places = _PLACE.findall(address)
    if unknown := [place for place in places if place not in PLACES]:
        raise ValueError(f"{{{unknown[0]}}} is none of its places: {', '.join(sorted(PLACES))}")
    if "phone" not in places and scheme(address) not in GENERIC:
        raise ValueError("{phone} is missing: the number of the receiver stands where this provider wants it")
    if not _readable_by_apprise(filled(address, _TRIAL)):
        raise ValueError(
            f"apprise can't read this {scheme(address)}:// address: its documentation shows its parts"
        )


def _readable_by_apprise(address: str) -> bool:
    silence_apprise()
    # Imported here: it takes a second, and most processes send nothing to telephones.
    import apprise

    return apprise.Apprise.instantiate(address, suppress_exceptions=True) is not None


def silence_apprise() -> None:
    """Let apprise log nothing at any level: its lines hold numbers, texts and the address with the provider's key."""
    logging.getLogger("apprise").addFilter(_never)


def _never(_record: logging.LogRecord) -> bool:
    return False


@lru_cache(maxsize=16)
def text_templates(text: str) -> Mapping[tuple[str, str], str]:
    """(kind, language) → the id under which a provider knows the text: "confirmed.en=1107160,confirmed.hi=1107161"."""
    found = [(one, _TEMPLATE.fullmatch(one.strip())) for one in text.split(",") if one.strip()]
    if wrong := [one for one, fits in found if not fits]:
        raise ValueError(
            f"{wrong[0].strip()!r} is not kind.language=id, such as confirmed.en=1107160000000000001"
        )
    return {(fits[1], fits[2]): fits[3] for _one, fits in found if fits}


@lru_cache(maxsize=16)
def quiet_hours(text: str) -> tuple[int, int] | None:
    """(from, until) in full hours of the clinic's clock: "21-8" is the night; None for an empty text."""
    if not text.strip():
        return None
    found = _HOURS.fullmatch(text.strip())
    hours = (int(found[1]), int(found[2])) if found else (24, 24)
    if max(hours) > 23 or hours[0] == hours[1]:
        raise ValueError(f"{text!r} is not two different hours of a day such as 21-8")
    return hours


def end_of_quiet(hours: tuple[int, int] | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant at which the quiet hours of this moment end; None outside of them."""
    if hours is None:
        return None
    here, (begin, end) = now.astimezone(zone), hours
    quiet = begin <= here.hour < end if begin < end else here.hour >= begin or here.hour < end
    if not quiet:
        return None
    day = here.date() + timedelta(days=1 if here.hour >= end else 0)
    return datetime.combine(day, time(end), zone).astimezone(now.tzinfo)


def _readable(read: object) -> AfterValidator:
    def checked(text: str) -> str:
        read(text)  # type: ignore[operator]  # one of the readers above
        return text

    return AfterValidator(checked)


TextAddress = Annotated[str, _readable(text_address)]
Templates = Annotated[str, _readable(text_templates)]
QuietHours = Annotated[str, _readable(quiet_hours)]
