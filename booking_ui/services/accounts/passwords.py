"""Password hashes: argon2id, and as slow for nobody as for somebody."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from booking_ui.domain.people.person import password_fits

# OWASP's first choice for argon2id: 19 MiB and one lane, so sixteen people signing in at once fit into 304 MiB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

NO_PASSWORD = "!"  # noqa: S105 - no hash looks like this, so nobody can sign in with it


def hashed(password: str) -> str:
    """The argon2id hash to store. Slow on purpose (about 40 ms): never inside a transaction."""
    return _hasher.hash(_spelt(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes as long when there is no hash. Never inside a transaction."""
    nobody = _nobodys_hash()  # asked for always, so that the first call is slow for everybody
    stored = password_hash if password_hash and password_hash.startswith("$argon2") else nobody
    # Hashing a megabyte for a stranger would be a gift to him.
    given = _spelt(password) if password_fits(password) else ""
    try:
        return _hasher.verify(stored, given) and stored is not nobody
    except (VerificationError, InvalidHashError):
        return False


def _spelt(password: str) -> str:
    """The same letters give the same bytes, however the keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hashed(secrets.token_urlsafe(16))
