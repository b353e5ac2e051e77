"""The keys of the audit, derived from SECRET_KEY: one for now, and those of before, each known by its id.

The id of a key stands in every row that was hashed with it, so SECRET_KEY can be changed: put the former one into
SECRET_KEY_PREVIOUS, and what was written with it still verifies.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from booking_ui.config.settings import settings

CONTEXT = b"booking_ui audit, version 1"


@dataclass(frozen=True)
class Keys:
    """`newest` is the id of the key that hashes now; `by_id` has all that are known."""

    newest: str
    by_id: Mapping[str, bytes]


def keys() -> Keys:
    """The keys of this process."""
    s = settings()
    return _keys(s.secret_key, s.secret_key_previous, s.data_dir)


@lru_cache(maxsize=8)
def _keys(_secret: str, _previous: str, _data_dir: Path) -> Keys:
    # By the settings that decide: a demo's key is in a file, too slow to read for every row.
    s = settings()
    found = {_id(key): key for key in map(_derived, (s.signing_key(), *s.previous_keys))}
    return Keys(next(iter(found)), found)


def _derived(secret: str) -> bytes:
    """HKDF of RFC 5869 with SHA-256, an empty salt and one block of 32 bytes."""
    extracted = hmac.digest(bytes(32), secret.encode(), sha256)
    return hmac.digest(extracted, CONTEXT + b"\x01", sha256)


def _id(key: bytes) -> str:
    return hmac.digest(key, b"id", sha256).hex()[:8]


def is_known(key_id: str) -> bool:
    return key_id in keys().by_id


def keyed(key_id: str, facts: list[Any]) -> str:
    """The hash of the facts with the key of this id: 64 hex digits; empty when the key is not known."""
    key = keys().by_id.get(key_id)
    return (
        ""
        if key is None
        else hmac.digest(key, json.dumps(facts, ensure_ascii=False).encode(), "sha256").hex()
    )


def same(one: str, other: str) -> bool:
    """True when both are the same hash, and there is one."""
    return bool(one) and hmac.compare_digest(one.encode(), other.encode())
