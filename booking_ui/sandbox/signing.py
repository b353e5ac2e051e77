"""Razorpay's two signatures; each has its own secret."""

from __future__ import annotations

import hashlib
import hmac


def checkout_signature(order_id: str, payment_id: str, key_secret: str) -> str:
    return _hex(f"{order_id}|{payment_id}".encode(), key_secret)


def webhook_signature(body: bytes, webhook_secret: str) -> str:
    return _hex(body, webhook_secret)


def _hex(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
