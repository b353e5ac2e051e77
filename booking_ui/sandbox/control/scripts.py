"""Payments made by a test without a browser: each outcome of the checkout, and some no checkout shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from booking_ui.sandbox import errors, methods
from booking_ui.sandbox.bank import outcomes
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.rest import orders, payments
from booking_ui.sandbox.rest.payments import Attempt
from booking_ui.sandbox.signing import checkout_signature
from booking_ui.sandbox.store import Doc, Entity

_FIELDS = {"method", "outcome", "after", "amount", "vpa", "bank", "email", "contact", "notes", "description"}


@dataclass(frozen=True)
class Script:
    """`after`: seconds of the sandbox's pace between the failure and what follows it; 0 is at once."""

    payment: Entity
    after: float


def pay(box: Box, order: Entity, body: Doc) -> Doc:
    """The payment, and the result that the page's handler would get."""
    if extra := sorted(set(body) - _FIELDS):
        raise errors.extra_fields(extra)
    outcome = str(body.get("outcome", "success"))
    if outcome not in OUTCOMES:
        raise errors.invalid(f"outcome is one of {', '.join(sorted(OUTCOMES))}", "outcome")
    if outcome != "second_late":
        orders.refuse_if_closed(box, order)
    payment = payments.start(box, order, _attempt(order, outcome, body))
    _play(box, outcome, Script(payment, _after(body)))
    ended = payments.get(box, payment.id)
    signature = checkout_signature(order.id, ended.id, box.settings.key_secret)
    return {"payment": ended.doc, "checkout": outcomes.result(ended, signature)}


def _play(box: Box, outcome: str, script: Script) -> None:
    if outcome in methods.REASONS:
        reason = methods.REASONS[outcome]
        upi = outcome == "payment_failed" and script.payment.doc["method"] == "upi"
        payments.mark_failed(box, script.payment, methods.UPI_FAILED if upi else reason)
    else:
        _STORIES[outcome](box, script)


def _attempt(order: Entity, outcome: str, body: Doc) -> Attempt:
    method = body.get("method", "upi" if outcome == "upi_retry" else "card")
    if method not in payments.METHODS:
        raise errors.invalid(f"method is one of {', '.join(payments.METHODS)}", "method")
    amount = body.get("amount")
    if amount is not None and outcome != "amount_mismatch":
        raise errors.invalid("amount is only for amount_mismatch", "amount")
    if outcome == "amount_mismatch":
        amount = order.doc["amount"] - 100 if amount is None else amount
        orders.check_amount(amount)
    orders.check_notes(body.get("notes"))
    given = {
        name: str(body[name]) for name in ("vpa", "bank", "email", "contact", "description") if name in body
    }
    return Attempt(str(method), amount=amount, notes=body.get("notes") or {}, **given)


def _after(body: Doc) -> float:
    after = body.get("after", 0)
    if not isinstance(after, int | float) or after < 0:
        raise errors.invalid("after must be a number of seconds of 0 or more.", "after")
    return float(after)


def _success(box: Box, script: Script) -> None:
    outcomes.authorize(box, script.payment)


def _authorized(box: Box, script: Script) -> None:
    outcomes.authorize_only(box, script.payment)


def _late(box: Box, script: Script) -> None:
    """No answer from the bank, a failure, and then money after all on the same payment id."""
    payments.mark_failed(box, script.payment, methods.REASONS["payment_timed_out"])
    _then_authorize(box, script)


def _upi_retry(box: Box, script: Script) -> None:
    """The customer tries again inside the UPI app: failed, then captured, same payment id."""
    payments.mark_failed(box, script.payment, methods.REASONS["payment_declined"])
    _then_authorize(box, script)


def _then_authorize(box: Box, script: Script) -> None:
    if script.after:
        outcomes.schedule(box, "authorize", script.payment, box.clock.after(script.after))
    else:
        outcomes.authorize(box, script.payment)


def _unanswered(box: Box, script: Script) -> None:
    outcomes.wait_for_bank(box, script.payment)


_STORIES: dict[str, Callable[[Box, Script], None]] = {
    "success": _success,
    "amount_mismatch": _success,
    "authorized": _authorized,
    "late_authorized": _late,
    "second_late": _late,
    "upi_retry": _upi_retry,
    "unanswered": _unanswered,
}
OUTCOMES = frozenset(_STORIES) | frozenset(methods.REASONS)
