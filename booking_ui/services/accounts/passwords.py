"""Password hashes: argon2id. Checking takes as long for an unknown account as for a known one."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from booking_ui.db.models import people
from booking_ui.domain.people.person import password_fits

# OWASP's first choice for argon2id: 19 MiB and one lane, so sixteen people signing in at once fit into 304 MiB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

NO_PASSWORD = people.NO_PASSWORD


def hashed(password: str) -> str:
    """The argon2id hash to store. Slow on purpose (about 40 ms): never inside a transaction."""
    return _hasher.hash(_normalized(password))


def matches(password_hash: str | None, password: str) -> bool:
    """True when the password fits; takes as long when there is no hash. Never inside a transaction."""
    decoy = _decoy_hash()  # always made, so that the first call is slow whether there is a hash or not
    stored = password_hash if password_hash and password_hash.startswith("$argon2") else decoy
    # A stranger must not make us hash a megabyte.
    given = _normalized(password) if password_fits(password) else ""
    try:
        return _hasher.verify(stored, given) and stored is not decoy
    except (VerificationError, InvalidHashError):
        return False


def _normalized(password: str) -> str:
    """One spelling of equal letters: keyboards compose them differently."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _decoy_hash() -> str:
    return hashed(secrets.token_urlsafe(16))
