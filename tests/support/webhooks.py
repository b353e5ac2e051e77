"""Razorpay's webhooks with real signatures over real bodies: at the door, and in the inbox behind it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from httpx import Response
from sqlmodel import select

from booking_ui.config.settings import SANDBOX_WEBHOOK_SECRET
from booking_ui.db.models import WebhookEvent
from booking_ui.db.session import read
from booking_ui.services.payments import webhook_inbox
from tests.support.api import Caller
from tests.support.cast import FEE, NOW

ORDER, PAYMENT = "order_TVCpvdEADkAoMJ", "pay_TVCsKe6a4pkI5j"


def entity(status: str, **more: Any) -> dict[str, Any]:
    """The payment as Razorpay's events show it."""
    return {
        "id": PAYMENT, "entity": "payment", "amount": FEE, "currency": "INR", "status": status, "order_id": ORDER,
        "method": "netbanking", "captured": status == "captured", "bank": "BARB_R", "vpa": None, "notes": [], **more,
    }  # fmt: skip


def body(event: str, status: str = "captured", **more: Any) -> bytes:
    """An event about the payment, byte for byte."""
    payload = {"payment": {"entity": entity(status, **more)}}
    return json.dumps({"entity": "event", "event": event, "payload": payload}, separators=(",", ":")).encode()


def signed(message: bytes, secret: str = SANDBOX_WEBHOOK_SECRET) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def deliver(message: bytes, event_id: str = "TVCtA0000000aa") -> bool:
    """Hand a signed event to the inbox; True when it was new."""
    return webhook_inbox.receive(body=message, signature=signed(message), event_id=event_id, now=NOW)


HOOK = "/api/appointments/razorpay-webhook"
BODY = json.dumps(
    {
        "entity": "event",
        "event": "payment.captured",
        "payload": {
            "payment": {"entity": {"id": "pay_1", "order_id": "order_1", "notes": {"who": r"Ré\/é"}}}
        },
    },
    ensure_ascii=False,
).encode()


def post(who: Caller, body: bytes, signature: str | bytes | None, event_id: str = "evt_1") -> Response:
    """Send a body to Razorpay's door over HTTP."""
    headers: dict[str, str | bytes] = {"Content-Type": "application/json", "X-Razorpay-Event-Id": event_id}
    if signature is not None:
        headers["X-Razorpay-Signature"] = signature
    return who.send("POST", HOOK, content=body, headers=headers)


def stored() -> list[bytes]:
    """The bodies that the inbox keeps."""
    with read() as tx:
        return list(tx.exec(select(WebhookEvent.body)).all())
