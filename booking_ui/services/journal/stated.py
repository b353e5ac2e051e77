"""Facts that an audit row states beside a status, as one text, and the same text in SQL for promise 10.

An audit row is hashed with a key and these rows are not: whatever is changed in them behind the clinic's back differs
from what the last audit row states.
"""

from __future__ import annotations

from booking_ui.db.models import Payment, Person, Refund, pk

NONE = "-"


def bill(payment: Payment) -> str:
    """The sum in paise, Razorpay's payment, and the mark of the desk."""
    return " ".join(
        [
            "bill",
            str(payment.amount_paise),
            payment.currency,
            payment.gateway_payment_id or NONE,
            payment.marked_payment_id or NONE,
            NONE if payment.marked_by_id is None else str(payment.marked_by_id),
            payment.mark_reference,
            payment.mark_reason,
        ]
    )


BILL = (
    "'bill ' || p.amount_paise || ' ' || p.currency || ' ' || COALESCE(p.gateway_payment_id, '-') || ' ' || "
    "COALESCE(p.marked_payment_id, '-') || ' ' || COALESCE(CAST(p.marked_by_id AS TEXT), '-') || ' ' || "
    "p.mark_reference || ' ' || p.mark_reason"
)


def refund(one: Refund) -> str:
    """The refund's number, its sum in paise, Razorpay's payment and Razorpay's refund."""
    ids = (one.gateway_payment_id or NONE, one.gateway_refund_id or NONE)
    return " ".join([f"refund:{pk(one)}", str(one.amount_paise), *ids])


REFUND = (
    "'refund:' || r.id || ' ' || r.amount_paise || ' ' || COALESCE(NULLIF(r.gateway_payment_id, ''), '-') || ' ' || "
    "COALESCE(r.gateway_refund_id, '-')"
)


def role(person: Person) -> str:
    """The doctor whose day the person may see; empty for anybody else."""
    return "" if person.doctor_id is None else f"doctor:{person.doctor_id}"


ROLE = "COALESCE('doctor:' || h.doctor_id, '')"
