"""Refunds beyond what Razorpay still holds of a payment. None leaves.

Razorpay compares a refund with its other refunds alone, not with what a lost dispute took: of a payment that a dispute has
taken in part it would send the same money twice. What was given back at its dashboard may be unknown here, or not fit
into our books.
"""

from __future__ import annotations

from booking_ui.db.session import read
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.refunds import outcome


def is_one(gateway_payment_id: str, amount_paise: int) -> bool:
    """True if this refund, Razorpay's other refunds and lost disputes together exceed the payment.

    Asks Razorpay when a dispute has taken something. Without any, Razorpay itself refuses such a refund. Raises
    GatewayError.
    """
    with read() as tx:
        taken = outcome.taken_in_disputes(tx, gateway_payment_id)
    if taken == 0:
        return False
    paid = gateway().payment(gateway_payment_id)
    return paid.amount_refunded_paise + taken + amount_paise > paid.amount_paise
