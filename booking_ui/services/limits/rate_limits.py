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

from booking_ui.config.notations import networks
from booking_ui.config.settings import settings
from booking_ui.domain.errors import RateLimited
from booking_ui.domain.people.person import clean_email
from booking_ui.gateways import limiter
from booking_ui.services.limits import metrics

P = ParamSpec("P")

log = structlog.get_logger()

AT_HOME = "1/30 day"  # a right password, remembered like a call that may be made once
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

    An address where the account was at home within AT_HOME has a count of its own: wrong passwords from elsewhere don't lock
    its owner out there. A mail without an account counts like any other. Raises RateLimited.
    """
    account, home = _account(email), _home(email, host)
    for name, who in [*_of_address(host), ("sign_in", home if _at_home(home) else account)]:
        _refuse(name, limiter.peek(_rules(name), _key(name, who)))


def guessed_wrong(*, email: str, host: str) -> None:
    """Remember a wrong password; the answer to it is already decided."""
    home = _home(email, host)
    own = [("sign_in", home)] if _at_home(home) else []
    for name, who in [*_of_address(host), ("sign_in", _account(email)), *own]:
        limiter.take(_rules(name), _key(name, who))


def guessed_right(*, email: str, host: str) -> None:
    """The owner is in, and at home here from now on: her typing errors are forgotten. Those of the address are not, nor,
    once she is at home, what others tried elsewhere."""
    home = _home(email, host)
    limiter.clear(_rules("sign_in"), _key("sign_in", home if _at_home(home) else _account(email)))
    limiter.take(AT_HOME, _key("home", home))


def asking(*, host: str) -> None:
    """Refuse to say once more whether a mail has an account: that costs what a wrong password costs. Raises RateLimited."""
    for name, who in _of_address(host):
        _refuse(name, limiter.peek(_rules(name), _key(name, who)))


def told(*, host: str) -> None:
    """Remember that somebody at this address was told that a mail has an account."""
    for name, who in _of_address(host):
        limiter.take(_rules(name), _key(name, who))


def passes(limit: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether `limit` counts one more without refusing. For doors that refuse in their own way."""
    with suppress(RateLimited):
        limit(*args, **kwargs)
        return True
    return False


def trusted(host: str) -> bool:
    found = _parsed(host)
    return found is not None and any(found in one for one in networks(settings().rate_limit_trusted_ips))


def _of_address(host: str) -> list[tuple[str, str]]:
    return [] if trusted(host) else [("sign_in_address", _network(host))]


def _home(email: str, host: str) -> str:
    return f"{_account(email)} at {_network(host)}"


def _at_home(home: str) -> bool:
    return limiter.peek(AT_HOME, _key("home", home)) > 0


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
