"""The ends of an attempt, each composed of steps of payments, orders and refunds."""

from __future__ import annotations

from typing import Literal

from booking_ui.sandbox import methods
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.rest import orders, payments, refunds
from booking_ui.sandbox.store import Doc, Entity

Action = Literal["upi", "authorize", "lapse", "expire"]
_BANK_PATIENCE = 600.0
_LATE = ("created", "failed")


def authorize(box: Box, payment: Entity) -> None:
    """The bank said yes. The order decides what follows: captured now, left for the merchant, or given back."""
    payments.mark_authorized(box, payment)
    order = orders.get(box, payment.doc["order_id"])
    if order.doc["status"] == "paid":
        refunds.give_back(box, payment)
        return
    window = box.clock.scaled(order.private["automatic_minutes"] * 60)
    if order.private["capture"] == "automatic" and box.clock.now() - payment.private["created"] <= window:
        payments.mark_captured(box, payment)
    else:
        _await_capture(box, payment, order)


def authorize_late(box: Box, payment: Entity) -> None:
    """A success that comes late; without effect if the payment went on meanwhile."""
    if payment.doc["status"] in _LATE:
        authorize(box, payment)


def authorize_only(box: Box, payment: Entity) -> None:
    """Authorized and then left alone, whatever the order says about capture."""
    payments.mark_authorized(box, payment)
    _await_capture(box, payment, orders.get(box, payment.doc["order_id"]))


def lapse(box: Box, payment: Entity) -> None:
    """The capture window ended: Razorpay returns the money by itself."""
    if payment.doc["status"] == "authorized":
        refunds.give_back(box, payment)


def refuse(box: Box, payment: Entity, otp: str | None) -> None:
    """Failure on the bank's page, or a one-time password that is too short."""
    wrong_otp = otp is not None and len(otp) < 4
    payments.mark_failed(
        box, payment, methods.REASONS["incorrect_otp" if wrong_otp else payment.private["on_failure"]]
    )


def cancel(box: Box, payment: Entity) -> None:
    """The customer left the bank's page."""
    payments.mark_failed(box, payment, methods.REASONS["payment_cancelled"])


def wait_for_upi(box: Box, payment: Entity) -> None:
    schedule(box, "upi", payment, box.clock.after(box.switches.upi_seconds))


def wait_for_bank(box: Box, payment: Entity) -> None:
    """A bank's page that stays unanswered, perhaps because the tab was closed, times out."""
    schedule(box, "expire", payment, box.clock.after(_BANK_PATIENCE))


def expire(box: Box, payment: Entity) -> None:
    if payment.doc["status"] == "created":
        payments.mark_failed(box, payment, methods.REASONS["payment_timed_out"])


def answer_upi(box: Box, payment: Entity) -> None:
    """Test mode: the address decides, and even cancelling success@razorpay ends as a success."""
    if payment.doc["status"] != "created":
        return
    if payment.doc["vpa"] == "success@razorpay":
        authorize(box, payment)
    elif payment.doc["vpa"] == "failure@razorpay":
        payments.mark_failed(box, payment, methods.UPI_FAILED)
    else:
        payments.mark_failed(box, payment, methods.REASONS["invalid_vpa"])


def schedule(box: Box, action: Action, payment: Entity, due: float) -> None:
    box.store.db.execute("INSERT INTO job(due, action, payment_id) VALUES (?,?,?)", (due, action, payment.id))
    box.work.set()


def result(payment: Entity, signature: str) -> Doc:
    """The page's answer: the signed success, the error, or that nothing is known yet."""
    status = payment.doc["status"]
    if status in ("authorized", "captured"):
        return {
            "razorpay_payment_id": payment.id,
            "razorpay_order_id": payment.doc["order_id"],
            "razorpay_signature": signature,
        }
    if status == "created":
        return {"waiting": True}
    return {"error": _error(payment)}


def _await_capture(box: Box, payment: Entity, order: Entity) -> None:
    window = box.clock.scaled(order.private["lapse_minutes"] * 60)
    schedule(box, "lapse", payment, payment.private["created"] + window)


def _error(payment: Entity) -> Doc:
    metadata = {"payment_id": payment.id, "order_id": payment.doc["order_id"]}
    if payment.doc["status"] == "refunded":
        error: Doc = orders.already_paid().body()["error"]
        return error | {"metadata": metadata}
    names = ("code", "description", "source", "step", "reason")
    return {name: payment.doc[f"error_{name}"] for name in names} | {"metadata": metadata}
