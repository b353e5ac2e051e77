"""The API's access tokens: JWTs of 15 minutes that name a person, and nothing else.

The role is not inside: it is read from the database at each call, so that taking it away works at once.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import jwt
from jwt.types import Options

from booking_ui.config.settings import settings
from booking_ui.domain.errors import NotSignedIn

LIFE = timedelta(minutes=15)
_AUDIENCE = "booking-api"
_KIND = "access"


def mint(person_id: int, key_number: int, now: datetime, life: timedelta = LIFE) -> str:
    """A token that opens the API as this person for `life`, or until the account's key number changes."""
    claims = {
        "sub": str(person_id),
        "key": key_number,
        "iat": now,
        "exp": now + life,
        "aud": _AUDIENCE,
        "kind": _KIND,
    }
    return jwt.encode(claims, _key(), algorithm="HS256")


def decode(token: str, now: datetime) -> tuple[int, int]:
    """The person id and key number in a token that is ours and valid at `now`.

    Raises:
        NotSignedIn: forged, expired, or made for something else.
    """
    options: Options = {
        "require": ["sub", "key", "iat", "exp", "aud", "kind"],
        # The library would ask the machine's clock; `now` is the caller's.
        "verify_exp": False,
        "verify_iat": False,
    }
    try:
        claims = jwt.decode(token, _key(), algorithms=["HS256"], audience=_AUDIENCE, options=options)
    except jwt.PyJWTError as exc:
        raise NotSignedIn from exc
    if claims["kind"] != _KIND or datetime.fromtimestamp(claims["exp"], UTC) <= now:
        raise NotSignedIn
    return int(claims["sub"]), int(claims["key"])


def _key() -> bytes:
    """A key for tokens alone, so that nothing else made with the signing key can pass for a token."""
    return hmac.digest(settings().signing_key().encode(), b"access tokens, version 1", hashlib.sha256)
