"""How the secret of a mailed link or code is made, and what of it is stored. Nothing here is written anywhere."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

from booking_ui.config.settings import settings
from booking_ui.db.models import CodeKind, OneTimeCode


def secret(row: OneTimeCode) -> str:
    """What the mail says: 43 letters for a link, six digits for a code."""
    if row.kind is CodeKind.SIGN_IN:
        return f"{int.from_bytes(_made('code', row.nonce)) % 1_000_000:06d}"
    return urlsafe_b64encode(_made(row.kind.value, row.nonce)).decode().rstrip("=")


def kept(row: OneTimeCode) -> str:
    """The hash to store of what the row's mail will say."""
    found = secret(row)
    return code_kept(row, found) if row.kind is CodeKind.SIGN_IN else link_kept(found)


def link_kept(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def code_kept(row: OneTimeCode, code: str) -> str:
    """Keyed: six digits alone would be found by trying them all."""
    return _made("kept", row.nonce, code).hex()


def of_address(address: str) -> str:
    """The same for the same address, and of no use to whoever reads the table."""
    return _made("address", address).hex()


def _made(*parts: str) -> bytes:
    key = hmac.digest(settings().signing_key().encode(), b"one-time codes, version 1", hashlib.sha256)
    return hmac.digest(key, "\0".join(parts).encode(errors="replace"), hashlib.sha256)
