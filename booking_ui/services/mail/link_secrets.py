"""The secrets of links and codes in messages, and the hashes of them that are stored. The secrets themselves never are."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

from booking_ui.config.settings import settings
from booking_ui.db.models import CodeKind, OneTimeCode

LINKS = frozenset({CodeKind.VERIFY, CodeKind.RESET})
"""Kinds whose secret is a link's; the others are typed."""


def secret(row: OneTimeCode) -> str:
    """The secret as the message has it: 43 letters for a link, six digits for a code."""
    if row.kind not in LINKS:
        return f"{int.from_bytes(_made('code', row.nonce)) % 1_000_000:06d}"
    return urlsafe_b64encode(_made(row.kind.value, row.nonce)).decode().rstrip("=")


def secret_hash(row: OneTimeCode) -> str:
    found = secret(row)
    return link_hash(found) if row.kind in LINKS else code_hash(row, found)


def link_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def code_hash(row: OneTimeCode, code: str) -> str:
    """Keyed, because all the codes of six digits can be hashed within a second."""
    return _made("kept", row.nonce, code).hex()


def address_hash(address: str) -> str:
    """A keyed hash by which the rows of one address or number are found; the table names nobody."""
    return _made("address", address).hex()


def is_for(row: OneTimeCode, address: str) -> bool:
    """True when the link or code was made for this address or number: at any other it would prove what is not so."""
    return hmac.compare_digest(row.address_hash, address_hash(address))


def device_hash(nonce: str) -> str:
    """A keyed hash of the nonce that a device got when it asked for a code; empty for none."""
    return _made("device", nonce).hex() if nonce else ""


def _made(*parts: str) -> bytes:
    key = hmac.digest(settings().signing_key().encode(), b"one-time codes, version 1", hashlib.sha256)
    return hmac.digest(key, "\0".join(parts).encode(errors="replace"), hashlib.sha256)
