"""Who may do what how often. Every refusal is `RateLimited` with the seconds to wait, and is counted.

Limits per address protect the house from one machine; limits per account and per person protect an account from many.
Addresses of RATE_LIMIT_TRUSTED_IPS are free of the first kind only. No key names anybody: each is a keyed hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import ParamSpec

import structlog

from booking_ui.config import settings
from booking_ui.domain.errors import RateLimited
from booking_ui.domain.person import clean_email
from booking_ui.gateways import limiter
from booking_ui.notations import networks
from booking_ui.services import metrics

P = ParamSpec("P")

log = structlog.get_logger()

IPV6_NETWORK = 64  # what one subscriber is given: each of its addresses would be a new stranger


def address(*, name: str, host: str) -> None:
    """One more `name` (a RATE_LIMIT_ setting) by the machine at `host`. Raises RateLimited."""
    if not trusted(host):
        _take(name, _network(host))


def person(*, name: str, person_id: int) -> None:
    """One more `name` by this person, from wherever. Raises RateLimited."""
    _take(name, f"person:{person_id}")


def guessing(*, email: str, host: str) -> None:
    """Refuse another password for this account, or from this address, after too many wrong ones.

    A mail without an account counts like any other. Sixteen guesses at the very same moment may pass together.
    Raises RateLimited.
    """
    for name, who in _guesses(email, host):
        _refuse(name, limiter.wait(_rules(name), _key(name, who)))


def guessed_wrong(*, email: str, host: str) -> None:
    """Remember a wrong password; the answer to it is already decided."""
    for name, who in _guesses(email, host):
        limiter.take(_rules(name), _key(name, who))


def guessed_right(*, email: str) -> None:
    """The owner is in: her typing errors are forgotten. Those of the address are not."""
    limiter.clear(_rules("sign_in"), _key("sign_in", _account(email)))


def passes(limit: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether `limit` counts one more without refusing. For doors that refuse in their own way."""
    with suppress(RateLimited):
        limit(*args, **kwargs)
        return True
    return False


def trusted(host: str) -> bool:
    found = _parsed(host)
    return found is not None and any(found in one for one in networks(settings().rate_limit_trusted_ips))


def _guesses(email: str, host: str) -> list[tuple[str, str]]:
    of_address = [] if trusted(host) else [("sign_in_address", _network(host))]
    return [*of_address, ("sign_in", _account(email))]


def _account(email: str) -> str:
    return f"account:{clean_email(email) or email.strip().casefold()[:254]}"


def _take(name: str, who: str) -> None:
    _refuse(name, limiter.take(_rules(name), _key(name, who)))


def _refuse(name: str, seconds: int) -> None:
    if seconds:
        metrics.REFUSED.labels(name).inc()
        log.info("limit.reached", limit=name, wait_seconds=seconds)
        raise RateLimited(seconds)


def _rules(name: str) -> str:
    return str(getattr(settings(), f"rate_limit_{name}"))


def _key(name: str, who: str) -> str:
    secret = hashlib.sha256(_signing_key()).digest()
    return f"{name}:{hashlib.blake2b(who.encode(), key=secret, digest_size=12).hexdigest()}"


@lru_cache(maxsize=1)
def _signing_key() -> bytes:
    return settings().signing_key().encode()  # for a demo it lies in a file: not to be read for every event


@lru_cache(maxsize=4096)
def _parsed(host: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(host)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


@lru_cache(maxsize=4096)
def _network(host: str) -> str:
    found = _parsed(host)
    if isinstance(found, IPv6Address):
        return f"address:{ip_network((found, IPV6_NETWORK), strict=False)}"
    return f"address:{found or host}"
