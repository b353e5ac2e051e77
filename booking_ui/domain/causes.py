"""Causes: the reason for a change of status as a value, which rules read, and as a sentence, which audit rows keep."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """The reason for a change of an appointment, payment or refund. A reason in a person's own words has no cause."""

    words: str
    """The cause as people read it."""

    def __new__(cls, value: str, words: str) -> Cause:
        one = str.__new__(cls, value)
        one._value_, one.words = value, words
        return one

    SLOT_CLAIMED = "slot_claimed", "slot claimed"
    TRIED_AGAIN = "tried_again", "tried again"
    # How a hold ends without its money.
    HOLD_EXPIRED = "hold_expired", "hold expired"
    LET_GO = "let_go", "let go by the patient"
    PAYMENT_FAILED = "payment_failed", "payment failed"
    DAY_CLOSED = "day_closed", "the clinic closed this day"
    PAID_TOO_LATE = "paid_too_late", "paid too late"
    PAID_AND_RETURNED = "paid_and_returned", "paid, and given back at Razorpay before we knew"
    # A payment moves.
    AUTHORIZED = "authorized", "authorized by the bank"
    CAPTURED = "captured", "money captured"
    LAPSED = "lapsed", "authorization lapsed"
    NOT_THE_BILL = "not_the_bill", "what the bank agreed to was not the bill"
    # A visit is confirmed, or ends.
    PAID = "paid", "paid"
    PAID_LATE = "paid_late", "late payment, slot still free"
    CANCELLED = "cancelled", "cancelled"
    CONCLUDED = "concluded", "concluded"
    TAKEN_FOR_GRANTED = "taken_for_granted", "nobody said otherwise"
    # Money goes back, for another reason than a cancellation or a late payment.
    PAID_TWICE = "paid_twice", "paid twice"
    MISMATCH = "mismatch", "amount or currency differs"
    MARKED_AND_PAID = "marked_and_paid", "marked as paid by the desk, and paid at Razorpay"
    DASHBOARD = "dashboard", "made at Razorpay"
    BY_HAND = "by_hand", "given back by hand"
    DISPUTE_LOST = "dispute_lost", "a dispute was lost"
    DESK_REFUND = "desk_refund", "refunded by the desk"
    # Nothing moves.
    ADOPTED = "adopted", "the payment that the desk had marked"


Reason = Cause | str
"""A cause, or a person's own words."""
