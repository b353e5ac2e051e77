"""Disputes: a bank's complaint about a captured payment, opened and moved through the control API."""

from __future__ import annotations

from booking_ui.sandbox import errors
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.rest import payments
from booking_ui.sandbox.store import Doc, Entity, token
from booking_ui.sandbox.webhooks import events

PHASES = ("chargeback", "retrieval", "pre_arbitration", "arbitration", "fraud")
_TO_ANSWER = 7 * 86_400

# What the control API is told, the status that follows, and the event; a bank may ask for more after its review.
MOVES = {
    "under_review": "under_review",
    "action_required": "open",
    "won": "won",
    "lost": "lost",
    "closed": "closed",
}


def get(box: Box, dispute_id: str) -> Entity:
    dispute = box.store.get("dispute", dispute_id)
    if dispute is None:
        raise errors.unknown_id()
    return dispute


def open_one(box: Box, payment: Entity, body: Doc) -> Entity:
    """Dispute a captured payment, all of it or `amount` paise."""
    if extra := sorted(set(body) - {"amount", "phase", "reason_code"}):
        raise errors.extra_fields(extra)
    amount, phase = body.get("amount", payment.doc["amount"]), body.get("phase", PHASES[0])
    if not payment.doc["captured"]:
        raise errors.invalid("Only a captured payment can be disputed.", "payment_id")
    if type(amount) is not int or not 0 < amount <= payment.doc["amount"]:
        raise errors.invalid("amount is at most the payment's", "amount")
    if phase not in PHASES:
        raise errors.invalid(f"phase is one of {', '.join(PHASES)}", "phase")
    now = box.clock.stamp()
    doc: Doc = {
        "id": f"disp_{token()}",
        "entity": "dispute",
        "payment_id": payment.id,
        "amount": amount,
        "currency": payment.doc["currency"],
        "amount_deducted": 0,
        "reason_code": str(body.get("reason_code", "goods_or_services_not_received_or_partially_received")),
        "respond_by": now + _TO_ANSWER,
        "status": "open",
        "phase": phase,
        "created_at": now,
    }
    dispute = box.store.add(Entity(doc), parent=payment.id, created=box.clock.now())
    events.dispute(box, "payment.dispute.created", dispute, payment)
    return dispute


def move(box: Box, dispute: Entity, body: Doc) -> None:
    """Move a dispute that is not over; a lost one deducts its amount."""
    to = str(body.get("to", ""))
    if set(body) - {"to"} or to not in MOVES:
        raise errors.invalid(f"to is one of {', '.join(MOVES)}", "to")
    if dispute.doc["status"] not in ("open", "under_review"):
        raise errors.invalid(f"The dispute is {dispute.doc['status']} already.", "to")
    dispute.doc["status"] = MOVES[to]
    if to == "lost":
        dispute.doc["amount_deducted"] = dispute.doc["amount"]
        dispute.private["lost_at"] = box.clock.stamp()
    box.store.save(dispute)
    payment = payments.get(box, dispute.doc["payment_id"])
    events.dispute(box, f"payment.dispute.{to}", dispute, payment)
