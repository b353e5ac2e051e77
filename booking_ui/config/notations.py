"""Notations of settings. Every reader raises ValueError with a sentence that says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from limits import RateLimitItem, parse_many
from pydantic import AfterValidator, StringConstraints

Networks = tuple[IPv4Network | IPv6Network, ...]

RefundBands = tuple[tuple[int, int], ...]
"""(hours before the visit, percent of the fee that comes back), the farthest first."""

_MAIL_BOX = re.compile(r"(?:([^<>]*)<([^<>\s,;@]+@[^<>\s,;@]+)>|([^<>\s,;@]+@[^<>\s,;@]+))")
_GSTIN = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SPACED = re.compile(r"[\s;,'\"<>\\]")  # nothing of these stands in a host, and the address enters a header


@lru_cache(maxsize=16)
def networks(text: str) -> Networks:
    """The addresses and CIDRs of a list separated by commas."""
    try:
        return tuple(ip_network(one.strip(), strict=False) for one in text.split(",") if one.strip())
    except ValueError as exc:
        raise ValueError(f"{text!r} is not a list of addresses such as 10.0.0.7, 192.168.0.0/16") from exc


def rate_limits(text: str) -> list[RateLimitItem]:
    """The limits of a list: "10/minute; 60/hour" means both."""
    try:
        rules = parse_many(text)
    except ValueError as exc:
        raise ValueError(f"{text!r} is not a limit such as 10/minute; 60/hour") from exc
    if any(rule.amount < 1 for rule in rules):
        raise ValueError(f"{text!r} lets nobody in")
    return rules


@lru_cache(maxsize=16)
def refund_bands(policy: str) -> RefundBands:
    """CANCELLATION_POLICY: "24:100,4:50" is all until 24 hours before, half until 4, then no more online."""
    try:
        bands = tuple(
            (int(hours), int(percent)) for hours, percent in (b.split(":") for b in policy.split(","))
        )
    except ValueError as exc:
        raise ValueError(f"{policy!r} is not hours:percent pairs such as 24:100,4:50") from exc
    hours, percents = [h for h, _ in bands], [p for _, p in bands]
    if any(h < 0 or h > 8760 for h in hours) or hours != sorted(set(hours), reverse=True):
        raise ValueError("the hours must go down from band to band, 0 to 8760")
    if any(p < 0 or p > 100 for p in percents) or percents != sorted(percents, reverse=True):
        raise ValueError("the percents must be 0 to 100 and must not rise as the visit comes nearer")
    return bands


def time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ValueError(f"{name!r} is not a time zone such as Asia/Kolkata") from exc


def is_address(url: str, schemes: tuple[str, ...]) -> bool:
    """True for an empty text, and for an address with one of these schemes and a host."""
    if not url:
        return True
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and not _SPACED.search(parts.netloc)
    except ValueError:  # brackets that don't close
        return False


def is_origin(text: str) -> bool:
    """True for scheme, host and port alone, as a browser sends them as Origin."""
    return is_address(text, ("http", "https")) and has_no_path(text) and "*" not in text


def has_no_path(url: str) -> bool:
    """True for scheme and host with nothing after them but perhaps a slash."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query and not parts.fragment and "@" not in parts.netloc


def is_local(url: str) -> bool:
    """True for an address of this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def mail_box(text: str) -> tuple[str, str]:
    """(name, address) of `Front desk <desk@clinic.example>` or of an address alone; two empty texts for none."""
    found = _MAIL_BOX.fullmatch(text.strip())
    if text.strip() and (found is None or not text.isprintable()):
        raise ValueError(f"{text!r} is not one mail address such as desk@clinic.example")
    return ((found[1] or "").strip().strip('"'), found[2] or found[3]) if found else ("", "")


def gstin(text: str) -> None:
    """Accept a number under which GST is paid, or none; its last character is a check of the others."""
    if text and not (_GSTIN.fullmatch(text) and _check_digit(text[:-1]) == text[-1]):
        raise ValueError(
            f"{text!r} is not a GSTIN: 15 characters such as 29ABCDE1234F1ZW, the last a check of them"
        )


def _check_digit(body: str) -> str:
    products = [_DIGITS.index(char) * (1 + place % 2) for place, char in enumerate(body)]
    return _DIGITS[-sum(product // 36 + product % 36 for product in products) % 36]


def _address_of(scheme: str, safe: str) -> Callable[[str], None]:
    def read(text: str) -> None:
        if not is_address(text, (scheme, safe)):
            raise ValueError(f"it must start with {scheme}:// or {safe}://, and name a host")

    return read


def _readable(read: Callable[[str], object]) -> AfterValidator:
    """Keep the setting as its text; refuse at the start what can't be read."""

    def checked(text: str) -> str:
        read(text)
        return text

    return AfterValidator(checked)


Pasted = Annotated[str, StringConstraints(strip_whitespace=True)]
"""A key or a secret, without the blanks that cling to it from a page or a file."""
Addresses = Annotated[str, _readable(networks)]
Limits = Annotated[str, _readable(rate_limits)]
Policy = Annotated[str, _readable(refund_bands)]
Gstin = Annotated[Pasted, _readable(gstin)]
Zone = Annotated[str, _readable(time_zone)]
WebAddress = Annotated[str, _readable(_address_of("http", "https"))]
MailBox = Annotated[str, _readable(mail_box)]
MailServer = Annotated[str, _readable(_address_of("smtp", "smtps"))]
RedisServer = Annotated[str, _readable(_address_of("redis", "rediss"))]
