"""How values of settings are written as text, and read. Every reader raises ValueError with what is wrong in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from limits import RateLimitItem, parse_many
from pydantic import AfterValidator

Networks = tuple[IPv4Network | IPv6Network, ...]

RefundBands = tuple[tuple[int, int], ...]
"""(hours before the visit, percent of the fee that comes back), the farthest first."""


@lru_cache(maxsize=16)
def networks(text: str) -> Networks:
    """The addresses and CIDRs of a list separated by commas."""
    try:
        return tuple(ip_network(one.strip(), strict=False) for one in text.split(",") if one.strip())
    except ValueError as exc:
        raise ValueError(f"{text!r} is not a list of addresses such as 10.0.0.7, 192.168.0.0/16") from exc


def rate_limits(text: str) -> list[RateLimitItem]:
    """Who may knock how often: "10/minute; 60/hour" means both."""
    try:
        rules = parse_many(text)
    except ValueError as exc:
        raise ValueError(f"{text!r} is not a limit such as 10/minute; 60/hour") from exc
    if any(rule.amount < 1 for rule in rules):
        raise ValueError(f"{text!r} lets nobody in")
    return rules


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
    """A zone by its name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ValueError(f"{name!r} is not a time zone such as Asia/Kolkata") from exc


def _readable(read: Callable[[str], object]) -> AfterValidator:
    """The setting stays the text that was written; what can't be read is refused at the start."""

    def checked(text: str) -> str:
        read(text)
        return text

    return AfterValidator(checked)


Addresses = Annotated[str, _readable(networks)]
Limits = Annotated[str, _readable(rate_limits)]
Policy = Annotated[str, _readable(refund_bands)]
Zone = Annotated[str, _readable(time_zone)]
