"""Webhook bodies with the keys and the order of keys that were seen in real traffic."""

from __future__ import annotations

import json

from booking_ui.sandbox.box import Box
from booking_ui.sandbox.store import Doc, Entity
from booking_ui.sandbox.webhooks import queue

# Some bodies carry this note. A receiver that parses and re-serialises before it checks the signature
# writes the slash or the letters differently, and fails here instead of in production.
TRIPWIRE = {"sandbox": "नमस्ते é / ₹"}
_AUTHORIZED_GAP, _CAPTURED_GAP, _PAID_GAP = 0.0, 0.7, 0.85
_REFUND_EXTRAS = (
    "account_id", "customer_id", "device_id", "fee_bearer", "gateway_merchant_id", "gateway_terminal_id",
    "internal_status", "optimizer_provider", "provider", "receiver_type", "settled_by", "store_id", "terminal_id",
    "token_id",
)  # fmt: skip


def payment_authorized(box: Box, payment: Entity) -> None:
    _emit(box, "payment.authorized", payment.id, {"payment": with_card(payment)}, _AUTHORIZED_GAP)


def payment_failed(box: Box, payment: Entity) -> None:
    _emit(box, "payment.failed", payment.id, {"payment": _tripped(with_card(payment))}, 0.0)


def payment_captured(box: Box, payment: Entity) -> None:
    body = with_card(payment) | {"reward": None, "base_amount": payment.doc["amount"]}
    _emit(box, "payment.captured", payment.id, {"payment": body}, _CAPTURED_GAP)


def order_paid(box: Box, order: Entity, payment: Entity) -> None:
    payload = {
        "payment": _tripped(with_card(payment)) | {"reward": None},
        "order": order.doc | {"description": None, "checkout": None},
    }
    _emit(box, "order.paid", payment.id, payload, _PAID_GAP)


def refund(box: Box, name: str, refund_: Entity, payment: Entity) -> None:
    """refund.created, .processed, .failed and .speed_changed: alphabetical keys throughout."""
    extras: Doc = dict.fromkeys(_REFUND_EXTRAS)
    extras |= {"base_amount": payment.doc["amount"], "amount_transferred": 0}
    extras |= {"gateway_provider": "Razorpay", "source_channel": "online"}
    payload = {"refund": refund_.doc, "payment": with_card(payment) | extras}
    _emit(box, name, payment.id, payload, 0.0, sort=True)


def dispute(box: Box, name: str, dispute_: Entity, payment: Entity) -> None:
    _emit(box, name, payment.id, {"payment": with_card(payment), "dispute": dispute_.doc}, 0.0)


def downtime(box: Box, name: str, downtime_: Doc) -> None:
    _emit(box, name, downtime_["id"], {"payment.downtime": downtime_}, 0.0)


def with_card(payment: Entity) -> Doc:
    """The payment as events show it: the card beside its id."""
    card = payment.private.get("card")
    if card is None:
        return dict(payment.doc)
    shown: Doc = {}
    for name, value in payment.doc.items():
        shown[name] = value
        if name == "card_id":
            shown["card"] = card
    return shown


def _tripped(payment: Doc) -> Doc:
    return payment | {"notes": dict(payment["notes"] or {}) | TRIPWIRE}


def _emit(box: Box, name: str, subject: str, payload: Doc, gap: float, *, sort: bool = False) -> None:
    event = {
        "entity": "event",
        "account_id": box.account_id,
        "event": name,
        "contains": list(payload),
        "payload": {noun: {"entity": entity} for noun, entity in payload.items()},
        "created_at": box.clock.stamp(),
    }
    text = json.dumps(event, separators=(",", ":"), ensure_ascii=False, sort_keys=sort)
    # "/" only ever occurs inside strings, where JSON allows both spellings.
    queue.emit(box, name, subject, text.replace("/", "\\/").encode(), gap)
