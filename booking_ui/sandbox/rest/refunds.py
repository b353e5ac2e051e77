"""Refunds of captured payments, and Razorpay's own of payments that were never captured."""

from __future__ import annotations

import json
import re

from booking_ui.sandbox import errors
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.rest import orders, payments
from booking_ui.sandbox.store import Doc, Entity, token
from booking_ui.sandbox.webhooks import events

_FIELDS = frozenset({"amount", "speed", "notes", "receipt"})
_INSTANT_FAILS = 2468  # Razorpay's test mode: this amount cannot be refunded instantly
_SIX_MONTHS = 182 * 24 * 3600


def take_key(box: Box, key: str, payment_id: str, body: Doc) -> Entity | None:
    """Take the idempotency key. Returns the refund if this very request was answered before."""
    _check_key(key)
    fingerprint = json.dumps([payment_id, body], sort_keys=True)
    row = box.store.db.execute("SELECT * FROM idempotency WHERE key=?", (key,)).fetchone()
    if row is None:
        box.store.db.execute("INSERT INTO idempotency(key, fingerprint) VALUES (?,?)", (key, fingerprint))
        return None
    if row["refund_id"] is None:
        raise errors.conflict("Another request with the same idempotency key is still in progress.")
    if row["fingerprint"] != fingerprint:
        raise errors.conflict("Different request with the same idempotency key has already been processed.")
    return get(box, row["refund_id"])


def file_answer(box: Box, key: str, refund: Entity) -> None:
    box.store.db.execute("UPDATE idempotency SET refund_id=? WHERE key=?", (refund.id, key))


def free_key(box: Box, key: str) -> None:
    """Give up the key of a refused request: there is nothing to repeat."""
    box.store.db.execute("DELETE FROM idempotency WHERE key=? AND refund_id IS NULL", (key,))


def create(box: Box, payment: Entity, body: Doc) -> Entity:
    amount = _checked_amount(box, payment, body)
    speed = body.get("speed") or "normal"
    instant = speed == "optimum" and amount != _INSTANT_FAILS
    refund = _new(box, payment, amount, speed, "instant" if instant else "normal")
    refund.doc["notes"] = body.get("notes") or []
    refund.doc["receipt"] = body.get("receipt")
    _book(box, payment, amount)
    _store(box, refund)
    events.refund(box, "refund.created", refund, payment)
    if speed == "optimum" and not instant:
        events.refund(box, "refund.speed_changed", refund, payment)
    if box.switches.refunds == "processed":
        resolve(box, refund, "processed")
    elif box.switches.refunds == "failed":
        # The answer still says pending: the failure becomes known afterwards, by event and by fetch.
        answered = Entity(dict(refund.doc))
        resolve(box, refund, "failed")
        return answered
    return refund


def give_back(box: Box, payment: Entity) -> Entity:
    """Razorpay's own full refund of an uncaptured payment; its events say captured: false."""
    refund = _new(box, payment, payment.doc["amount"], "normal", "normal")
    _book(box, payment, payment.doc["amount"])
    _store(box, refund)
    events.refund(box, "refund.created", refund, payment)
    resolve(box, refund, "processed")
    return refund


def resolve(box: Box, refund: Entity, status: str) -> None:
    """pending → processed | failed. A failed refund leaves the money with the merchant."""
    if refund.doc["status"] != "pending":
        raise errors.not_applicable("The refund is not pending")
    payment = payments.get(box, refund.doc["payment_id"])
    refund.doc["status"] = status
    if status == "processed":
        refund.doc["acquirer_data"] = _acquirer(payment, known=True)
    else:
        _book(box, payment, -refund.doc["amount"])
    box.store.save(refund)
    events.refund(box, f"refund.{status}", refund, payment)


def get(box: Box, refund_id: str) -> Entity:
    return box.find("refund", refund_id)


def _new(box: Box, payment: Entity, amount: int, requested: str, processed: str) -> Entity:
    return Entity(
        {
            "id": f"rfnd_{token()}",
            "entity": "refund",
            "amount": amount,
            "currency": payment.doc["currency"],
            "payment_id": payment.id,
            "notes": [],
            "receipt": None,
            "acquirer_data": _acquirer(payment, known=False),
            "created_at": box.clock.stamp(),
            "batch_id": None,
            "status": "pending",
            "speed_processed": processed,
            "speed_requested": requested,
        }
    )


def _store(box: Box, refund: Entity) -> None:
    box.store.add(refund, parent=refund.doc["payment_id"], created=box.clock.now())


def _acquirer(payment: Entity, *, known: bool) -> Doc:
    name = "rrn" if payment.doc["method"] == "upi" else "arn"
    return {name: "10000000000000" if known else None}


def _book(box: Box, payment: Entity, amount: int) -> None:
    refunded = payment.doc["amount_refunded"] + amount
    full = refunded == payment.doc["amount"]
    payment.doc["amount_refunded"] = refunded
    payment.doc["refund_status"] = "full" if full else "partial" if refunded else None
    payment.doc["status"] = "refunded" if full else "captured"
    box.store.save(payment)


def _checked_amount(box: Box, payment: Entity, body: Doc) -> int:
    if extra := sorted(set(body) - _FIELDS):
        raise errors.extra_fields(extra)
    if body.get("speed") not in (None, "normal", "optimum"):
        raise errors.invalid("The speed should be either normal or optimum.", "speed")
    orders.check_notes(body.get("notes"))
    doc = payment.doc
    if doc["status"] == "refunded":
        raise errors.not_applicable("The payment has been fully refunded already")
    if doc["status"] != "captured":
        raise errors.not_applicable("The payment status should be captured for action to be taken")
    left = doc["amount"] - doc["amount_refunded"]
    amount = left if body.get("amount") is None else body["amount"]
    orders.check_amount(amount)
    if amount < 100:
        raise errors.invalid("The amount must be at least INR 1.00", "amount")
    if amount > left:
        raise errors.not_applicable("The refund amount provided is greater than amount captured")
    if box.clock.now() - doc["created_at"] > _SIX_MONTHS:
        text = "Refund is not supported by the bank because the payment is more than 6 months old"
        raise errors.Refusal(text, source=None, step=None, reason=None)
    if box.switches.refunds == "no_balance":
        raise errors.not_applicable(
            "Your account does not have enough balance to carry out the refund operation."
        )
    return int(amount)


def _check_key(key: str) -> None:
    if len(key) < 10:
        raise errors.invalid(
            "The idempotency key must be at least 10 characters long.", "X-Refund-Idempotency"
        )
    if not re.fullmatch(r"[A-Za-z0-9_-]+", key):
        raise errors.invalid(
            "The idempotency key must only contain alphanumeric characters, underscores, and hyphens",
            "X-Refund-Idempotency",
        )
