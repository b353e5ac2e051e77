"""Rate limits by name (`name` is a setting RATE_LIMIT_…). Every refusal is `RateLimited` with the seconds to wait, and is counted.

Limits per address protect the clinic from one machine; limits per account and per person protect an account from many.
Addresses of RATE_LIMIT_TRUSTED_IPS are free of the first kind only. No key names a person: each is a keyed hash.
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
from booking_ui.domain.errors import RateLimited, TooManyCodes
from booking_ui.domain.people.person import clean_email, is_foreign
from booking_ui.gateways import limiter
from booking_ui.services.limits import metrics

P = ParamSpec("P")

log = structlog.get_logger()

AT_HOME = "1/30 day"  # a right password is remembered for 30 days, as a limit that is used up
IPV6_NETWORK = 64  # one subscriber has as many addresses, and could come from a new one each time


def limit_address(*, name: str, host: str) -> None:
    """Count one more `name` by the machine at `host`. Raises RateLimited."""
    if not trusted(host):
        _take(name, network(host))


def limit_person(*, name: str, person_id: int) -> None:
    """Count one more `name` by this person, from any address. Raises RateLimited."""
    _take(name, f"person:{person_id}")


def limit_questions(*, appointment_id: int) -> None:
    """Count one more question to Razorpay about a booking while its patient waits, and one of all. Raises RateLimited."""
    _take("questions", f"booking:{appointment_id}")
    _take("questions_in_all", "everybody")


def limit_desk_questions(*, appointment_id: int) -> None:
    """Count one more question of the desk about a booking, apart from its patient's. Raises RateLimited."""
    _take("questions", f"desk about booking:{appointment_id}")


def limit_guesses(*, email: str, host: str) -> None:
    """Refuse another password for this account, or from this address, after too many wrong ones. Raises RateLimited.

    An address from which the account was opened within AT_HOME has a count of its own: wrong passwords from elsewhere don't
    lock its owner out there. A mail without an account counts like any other.
    """
    account, home = _account(email), _home(email, host)
    for name, who in [*_of_address(host), ("sign_in", home if _at_home(home) else account)]:
        _refuse(name, limiter.peek(_rules(name), key(name, who)))


def count_wrong_guess(*, email: str, host: str) -> None:
    """Count a wrong password against the account and the address; never refuses."""
    home = _home(email, host)
    own = [("sign_in", home)] if _at_home(home) else []
    for name, who in [*_of_address(host), ("sign_in", _account(email)), *own]:
        limiter.take(_rules(name), key(name, who))


def count_right_guess(*, email: str, host: str) -> None:
    """Mark the address as the account's home, and clear the account's wrong guesses.

    The wrong guesses of the address stay, and, once it was the account's home, those made elsewhere.
    """
    home = _home(email, host)
    limiter.clear(_rules("sign_in"), key("sign_in", home if _at_home(home) else _account(email)))
    limiter.take(AT_HOME, key("home", home))


def limit_account_probes(*, host: str) -> None:
    """Refuse to tell this address once more whether a mail has an account. Raises RateLimited.

    A probe counts like a wrong password from the address.
    """
    for name, who in _of_address(host):
        _refuse(name, limiter.peek(_rules(name), key(name, who)))


def count_account_probe(*, host: str) -> None:
    """Count that this address was told that a mail has an account; never refuses."""
    for name, who in _of_address(host):
        limiter.take(_rules(name), key(name, who))


def limit_codes(*, to: str, host: str) -> None:
    """Count one more code to this number, asked for from the machine at `host`. Raises TooManyCodes.

    From an address where the number signed in within AT_HOME its codes have a count of their own: a stranger who asks for
    codes to it uses up none of its owner's. A text abroad may cost a hundred times as much as one at home, and fraud earns
    by it: those have a count of their own.
    """
    home = _home(to, host)
    counts = [
        *([] if trusted(host) else [("codes_address", network(host))]),
        ("codes", home if _at_home(home) else _account(to)),
        *([("codes_abroad", "everybody")] if is_foreign(to) else []),
        ("codes_in_all", "everybody"),
    ]
    try:
        for name, who in counts:
            _take(name, who)
    except RateLimited as often:
        raise TooManyCodes(often.retry_after_seconds) from None


def note_home(*, phone: str, host: str) -> None:
    """Remember the address as one where this number signed in."""
    limiter.take(AT_HOME, key("home", _home(phone, host)))


def is_within(limit: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
    """True when `limit` counts one more without refusing. For callers that refuse in their own way."""
    with suppress(RateLimited):
        limit(*args, **kwargs)
        return True
    return False


def trusted(host: str) -> bool:
    found = _parsed(host)
    return found is not None and any(found in one for one in networks(settings().rate_limit_trusted_ips))


def _of_address(host: str) -> list[tuple[str, str]]:
    return [] if trusted(host) else [("sign_in_address", network(host))]


def _home(email: str, host: str) -> str:
    return f"{_account(email)} at {network(host)}"


def _at_home(home: str) -> bool:
    return limiter.peek(AT_HOME, key("home", home)) > 0


def _account(email: str) -> str:
    return f"account:{clean_email(email) or email.strip().casefold()[:254]}"


def _take(name: str, who: str) -> None:
    _refuse(name, limiter.take(_rules(name), key(name, who)))


def _refuse(name: str, seconds: int) -> None:
    if seconds:
        metrics.REFUSED.labels(name).inc()
        log.info("limit.reached", limit=name, wait_seconds=seconds)
        raise RateLimited(seconds)


def _rules(name: str) -> str:
    return str(getattr(settings(), f"rate_limit_{name}"))


def key(name: str, who: str) -> str:
    secret = hashlib.sha256(_signing_key()).digest()
    return f"{name}:{hashlib.blake2b(who.encode(), key=secret, digest_size=12).hexdigest()}"


@lru_cache(maxsize=1)
def _signing_key() -> bytes:
    return settings().signing_key().encode()  # the demo's is in a file, too slow to read for every event


@lru_cache(maxsize=4096)
def _parsed(host: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(host)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


@lru_cache(maxsize=4096)
def network(host: str) -> str:
    found = _parsed(host)
    if isinstance(found, IPv6Address):
        return f"address:{ip_network((found, IPV6_NETWORK), strict=False)}"
    return f"address:{found or host}"
