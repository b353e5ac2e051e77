"""Orders: created → attempted → paid. They never expire and can't be cancelled."""

from __future__ import annotations

from booking_ui.sandbox import errors
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.store import Doc, Entity, token

_FIELDS = frozenset(
    {
        "amount", "currency", "receipt", "unique_receipt", "notes", "partial_payment",
        "first_payment_min_amount", "payment", "payment_capture",
    }
)  # fmt: skip
_MIN_AMOUNT = 100
_THREE_DAYS_MIN = 3 * 24 * 60
_MAX_WINDOW_MIN = 7200


def create(box: Box, body: Doc) -> Doc:
    _check_order(body)
    policy = _capture_policy(body)
    receipt = body.get("receipt")
    if receipt is not None and (known := box.store.select("kind='order' AND tag=?", (receipt,), "LIMIT 1")):
        if body.get("unique_receipt"):
            return known[0].doc
        if box.switches.refuse_duplicate_receipts:
            raise errors.invalid("Order receipt should be unique.", "receipt")
    doc: Doc = {
        "id": f"order_{token()}",
        "entity": "order",
        "amount": body["amount"],
        "amount_paid": 0,
        "amount_due": body["amount"],
        "currency": body["currency"],
        "receipt": receipt,
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": body.get("notes") or [],
        "created_at": box.clock.stamp(),
    }
    return box.store.add(Entity(doc, policy), tag=receipt, created=box.clock.now()).doc


def get(box: Box, order_id: str) -> Entity:
    return box.find("order", order_id)


def set_notes(box: Box, entity: Entity, body: Doc) -> Doc:
    """PATCH of an order, payment or refund: its notes and nothing else."""
    if extra := sorted(set(body) - {"notes"}):
        raise errors.extra_fields(extra)
    if "notes" not in body:
        raise errors.invalid("The notes field is required.", "notes")
    check_notes(body["notes"])
    entity.doc["notes"] = body["notes"] or []
    box.store.save(entity)
    return entity.doc


def already_paid() -> errors.Refusal:
    return errors.not_applicable(
        "Your payment has been declined as the order is already paid. Please initiate the payment with a new order."
    )


def refuse_if_closed(box: Box, order: Entity) -> None:
    """No further payment on a paid order, nor beside one that is authorized."""
    if order.doc["status"] == "paid":
        raise already_paid()
    attempts = box.store.select("kind='payment' AND parent=?", (order.id,))
    if any(attempt.doc["status"] == "authorized" for attempt in attempts):
        raise errors.not_applicable(
            "A payment of this order is already authorized. Please wait for it to be captured."
        )


def count_attempt(box: Box, order: Entity) -> None:
    order.doc["attempts"] += 1
    if order.doc["status"] == "created":
        order.doc["status"] = "attempted"
    box.store.save(order)


def mark_paid(box: Box, order: Entity, amount: int) -> None:
    order.doc["amount_paid"] = amount
    order.doc["amount_due"] = max(order.doc["amount"] - amount, 0)
    order.doc["status"] = "paid"
    box.store.save(order)


def check_amount(value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise errors.invalid("The amount must be an integer.", "amount")


def check_notes(notes: object) -> None:
    if notes is None or notes == []:
        return
    if not isinstance(notes, dict):
        raise errors.invalid("The notes must be an array.", "notes")
    if len(notes) > 15:
        raise errors.invalid("Number of fields in notes should be less than or equal to 15.", "notes")
    if any(len(str(value)) > 256 for value in notes.values()):
        raise errors.invalid("The value of a note may not be greater than 256 characters.", "notes")


def _check_order(body: Doc) -> None:
    for name in ("amount", "currency"):
        if body.get(name) is None:
            raise errors.invalid(f"The {name} field is required.", name)
    if extra := sorted(set(body) - _FIELDS):
        raise errors.extra_fields(extra)
    check_amount(body["amount"])
    if body["amount"] < _MIN_AMOUNT:
        raise errors.Refusal(
            "Order amount less than minimum amount allowed",
            step="order_creation",
            reason="amount_less_than_minimum_amount",
            field="amount",
        )
    _check_text(body)
    check_notes(body.get("notes"))
    if body.get("partial_payment") or "first_payment_min_amount" in body:
        raise errors.invalid("Partial payments are not enabled for this account.", "partial_payment")


def _check_text(body: Doc) -> None:
    currency, receipt = body["currency"], body.get("receipt")
    if not isinstance(currency, str):
        raise errors.invalid(f"currency: expected string but provided {currency}", "currency")
    if currency != "INR":
        raise errors.invalid("Currency is not supported", "currency")
    if receipt is not None and not isinstance(receipt, str):
        raise errors.invalid(f"receipt: expected string but provided {receipt}", "receipt")
    if receipt is not None and len(receipt) > 40:
        raise errors.invalid("The receipt may not be greater than 40 characters.", "receipt")
    if body.get("unique_receipt") and not receipt:
        raise errors.invalid("The receipt field is required.", "receipt")


def _capture_policy(body: Doc) -> Doc:
    """Capture by Razorpay or by the merchant, and the minutes after the payment's creation in which it is possible."""
    given = body.get("payment")
    if given is None:
        manual = body.get("payment_capture") in (0, "0", False) and "payment_capture" in body
        return _policy(
            "manual" if manual else "automatic", _THREE_DAYS_MIN, _MAX_WINDOW_MIN if manual else None
        )
    if not isinstance(given, dict) or given.get("capture") not in ("automatic", "manual"):
        raise errors.invalid("The selected payment.capture is invalid.", "payment.capture")
    options = given.get("capture_options") or {}
    automatic = options.get("automatic_expiry_period")
    if given["capture"] == "automatic" and automatic is None:
        raise errors.invalid("The automatic expiry period field is required.", "automatic_expiry_period")
    if automatic is not None and (not isinstance(automatic, int) or automatic < 12):
        raise errors.invalid("The automatic expiry period must be at least 12.", "automatic_expiry_period")
    by_hand = options.get("manual_expiry_period", _MAX_WINDOW_MIN)
    if not isinstance(by_hand, int) or not (automatic or 12) <= by_hand <= _MAX_WINDOW_MIN:
        raise errors.invalid("The manual expiry period must be between 12 and 7200.", "manual_expiry_period")
    return _policy(given["capture"], automatic or 0, by_hand)


def _policy(capture: str, automatic_min: int, manual_min: int | None) -> Doc:
    return {
        "capture": capture,
        "automatic_minutes": automatic_min if capture == "automatic" else 0,
        "lapse_minutes": manual_min if manual_min is not None else automatic_min,
    }
