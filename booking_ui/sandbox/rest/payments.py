"""Payments: created → authorized → captured → refunded, and created → failed → authorized (late)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from booking_ui.sandbox import errors, methods
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.rest import orders
from booking_ui.sandbox.store import Doc, Entity, token
from booking_ui.sandbox.webhooks import events


@dataclass(frozen=True)
class Attempt:
    """One try to pay. `card_number` is used here and kept nowhere."""

    method: str = "card"
    card_number: str = "4100280000001007"
    card_name: str = ""
    vpa: str = "success@razorpay"
    bank: str = "HDFC"
    wallet: str = "payzapp"
    email: str = "void@razorpay.com"
    contact: str = "+919000000000"
    description: str | None = None
    notes: Doc = field(default_factory=dict)
    amount: int | None = None  # other than the order's only in a hostile script


def start(box: Box, order: Entity, attempt: Attempt) -> Entity:
    """A new attempt on the order, in status created. The caller has made sure that the order is open."""
    known = _METHODS[attempt.method](attempt)
    card = known.pop("card", None)
    doc: Doc = {
        "id": f"pay_{token()}",
        "entity": "payment",
        "amount": order.doc["amount"] if attempt.amount is None else attempt.amount,
        "currency": order.doc["currency"],
        "status": "created",
        "order_id": order.id,
        "invoice_id": None,
        "international": bool(card and card["international"]),
        "method": attempt.method,
        "amount_refunded": 0,
        "refund_status": None,
        "captured": False,
        "description": attempt.description or f"#{token()}",
        "card_id": card["id"] if card else None,
        "bank": known.get("bank"),
        "wallet": known.get("wallet"),
        "vpa": known.get("vpa"),
        "email": attempt.email,
        "contact": attempt.contact,
        "notes": attempt.notes or [],
        "fee": None,
        "tax": None,
        "error_code": None,
        "error_description": None,
        "error_source": None,
        "error_step": None,
        "error_reason": None,
        "acquirer_data": dict.fromkeys(_ACQUIRER[attempt.method]),
        "created_at": box.clock.stamp(),
    }
    if "upi" in known:
        doc["upi"] = known["upi"]
    orders.count_attempt(box, order)
    now = box.clock.now()
    private = {"card": card, "token": token(24), "created": now, "on_failure": _on_failure(attempt)}
    return box.store.add(Entity(doc, private), parent=order.id, created=now)


def get(box: Box, payment_id: str) -> Entity:
    return box.find("payment", payment_id)


def of_order(box: Box, order_id: str) -> list[Entity]:
    return box.store.select("kind='payment' AND parent=?", (order_id,))


def mark_failed(box: Box, payment: Entity, reason: methods.Reason) -> None:
    """Only an attempt that has not succeeded can fail."""
    if payment.doc["status"] != "created":
        raise errors.not_applicable("The payment has already been processed")
    payment.doc.update(
        status="failed",
        error_code=reason.code,
        error_description=reason.description,
        error_source=reason.source,
        error_step=reason.step,
        error_reason=reason.name,
    )
    box.store.save(payment)
    events.payment_failed(box, payment)


def mark_authorized(box: Box, payment: Entity) -> None:
    if payment.doc["status"] not in ("created", "failed"):
        raise errors.not_applicable("The payment has already been processed")
    payment.doc.update(
        status="authorized",
        **dict.fromkeys(("error_code", "error_description", "error_source", "error_step", "error_reason")),
        acquirer_data={name: _digits(name) for name in _ACQUIRER[payment.doc["method"]]},
    )
    box.store.save(payment)
    events.payment_authorized(box, payment)


def mark_captured(box: Box, payment: Entity) -> None:
    amount = payment.doc["amount"]
    fee = (amount * 2 + 50) // 100
    tax = (fee * 18 + 50) // 100
    payment.doc.update(status="captured", captured=True, fee=fee + tax, tax=tax)
    box.store.save(payment)
    order = orders.get(box, payment.doc["order_id"])
    orders.mark_paid(box, order, amount)
    events.payment_captured(box, payment)
    events.order_paid(box, order, payment)


def capture(box: Box, payment: Entity, body: Doc) -> Doc:
    """The merchant's capture; only from authorized and only the whole amount."""
    if extra := sorted(set(body) - {"amount", "currency"}):
        raise errors.extra_fields(extra)
    for name in ("amount", "currency"):
        if body.get(name) is None:
            raise errors.invalid(f"The {name} field is required.", name)
    orders.check_amount(body["amount"])
    if payment.doc["captured"]:
        raise errors.not_applicable("This payment has already been captured")
    if payment.doc["status"] != "authorized":
        raise errors.not_applicable(
            "Only payments which have been authorized and not yet captured can be captured"
        )
    if body["amount"] != payment.doc["amount"] or body["currency"] != payment.doc["currency"]:
        raise errors.not_applicable("Capture amount must be equal to the amount authorized")
    if orders.get(box, payment.doc["order_id"]).doc["status"] == "paid":
        raise orders.already_paid()
    mark_captured(box, payment)
    return payment.doc


def card_of(payment: Entity) -> Doc:
    card = payment.private["card"]
    if card is None:
        raise errors.not_applicable("Payment was not done using card")
    return dict(card)


def _digits(name: str) -> str | None:
    if name in ("authentication_reference_number", "arn"):
        return None
    if name == "upi_transaction_id":
        return token(32).upper()
    return str(int.from_bytes(token(8).encode(), "big") % 10**12).zfill(12)


def _on_failure(attempt: Attempt) -> str:
    """The reason that the bank page's Failure button stands for."""
    return methods.card_failure(attempt.card_number) if attempt.method == "card" else "payment_failed"


def _card(attempt: Attempt) -> dict[str, Any]:
    number = attempt.card_number
    known = methods.card(number)
    card = {
        "id": f"card_{token()}",
        "entity": "card",
        "name": attempt.card_name,
        "last4": number[-4:],
        "network": known.network,
        "type": "credit",
        "issuer": None if known.international else "HDFC",
        "international": known.international,
        "emi": False,
        "sub_type": "consumer",
        "token_iin": None,
    }
    return {"card": card}


def _upi(attempt: Attempt) -> dict[str, Any]:
    account = {"payer_account_type": "bank_account", "vpa": attempt.vpa, "flow": "collect"}
    return {"vpa": attempt.vpa, "upi": account}


_METHODS: dict[str, Callable[[Attempt], dict[str, Any]]] = {
    "card": _card,
    "upi": _upi,
    "netbanking": lambda attempt: {"bank": attempt.bank},
    "wallet": lambda attempt: {"wallet": attempt.wallet},
}
_ACQUIRER = {
    "card": ("auth_code", "rrn", "arn", "authentication_reference_number"),
    "upi": ("rrn", "upi_transaction_id"),
    "netbanking": ("bank_transaction_id",),
    "wallet": ("transaction_id",),
}
METHODS = tuple(_METHODS)
