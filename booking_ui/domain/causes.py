"""Causes: the reason for a change of status as a value, which rules read, and as a sentence, which the audit trail keeps."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """The reason for a change of an appointment, payment or refund. A reason in a person's own words has no cause."""

    SLOT_CLAIMED = "slot_claimed"
    TRIED_AGAIN = "tried_again"
    # How a hold ends without its money.
    HOLD_EXPIRED = "hold_expired"
    LET_GO = "let_go"
    PAYMENT_FAILED = "payment_failed"
    PAID_TOO_LATE = "paid_too_late"
    # A payment moves.
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    LAPSED = "lapsed"
    NOT_THE_BILL = "not_the_bill"
    # A visit is confirmed, or ends.
    PAID = "paid"
    PAID_LATE = "paid_late"
    CANCELLED = "cancelled"
    CONCLUDED = "concluded"
    TAKEN_FOR_GRANTED = "taken_for_granted"
    # Money goes back, for another reason than a cancellation or a late payment.
    PAID_TWICE = "paid_twice"
    MISMATCH = "mismatch"
    DASHBOARD = "dashboard"
    BY_HAND = "by_hand"
    # Nothing moves.
    ADOPTED = "adopted"


_WORDS = {
    Cause.SLOT_CLAIMED: "slot claimed",
    Cause.TRIED_AGAIN: "tried again",
    Cause.HOLD_EXPIRED: "hold expired",
    Cause.LET_GO: "let go by the patient",
    Cause.PAYMENT_FAILED: "payment failed",
    Cause.PAID_TOO_LATE: "paid too late",
    Cause.AUTHORIZED: "authorized by the bank",
    Cause.CAPTURED: "money captured",
    Cause.LAPSED: "authorization lapsed",
    Cause.NOT_THE_BILL: "what the bank agreed to was not the bill",
    Cause.PAID: "paid",
    Cause.PAID_LATE: "late payment, slot still free",
    Cause.CANCELLED: "cancelled",
    Cause.CONCLUDED: "concluded",
    Cause.TAKEN_FOR_GRANTED: "nobody said otherwise",
    Cause.PAID_TWICE: "paid twice",
    Cause.MISMATCH: "amount or currency differs",
    Cause.DASHBOARD: "made at Razorpay",
    Cause.BY_HAND: "given back by hand",
    Cause.ADOPTED: "the payment that the desk had marked",
}

Reason = Cause | str
"""A cause, or a person's own words."""


def words(reason: Reason) -> str:
    """The reason as people read it."""
    return _WORDS[reason] if isinstance(reason, Cause) else reason


def cause(reason: Reason) -> Cause | None:
    """The reason as a rule reads it; None for a person's own words."""
    return reason if isinstance(reason, Cause) else None
