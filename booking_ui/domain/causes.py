"""Causes: the reason for a change of status as a value, which rules read, and as a sentence, which audit rows keep."""

from __future__ import annotations

from enum import StrEnum

from booking_ui.languages import N_


class Cause(StrEnum):
    """The reason for a change of an appointment, payment or refund. A reason in a person's own words has no cause."""

    words: str
    """The cause in English, as audit rows keep it; `_(cause.words)` where it is shown."""

    def __new__(cls, value: str, words: str) -> Cause:
        one = str.__new__(cls, value)
        one._value_, one.words = value, words
        return one

    SLOT_CLAIMED = "slot_claimed", N_("slot claimed")
    TRIED_AGAIN = "tried_again", N_("tried again")
    # How a hold ends without its money.
    HOLD_EXPIRED = "hold_expired", N_("hold expired")
    LET_GO = "let_go", N_("let go by the patient")
    PAYMENT_FAILED = "payment_failed", N_("payment failed")
    DAY_CLOSED = "day_closed", N_("the clinic closed this day")
    PAID_TOO_LATE = "paid_too_late", N_("paid too late")
    PAID_AND_RETURNED = "paid_and_returned", N_("paid, and given back at Razorpay before we knew")
    # A payment moves.
    AUTHORIZED = "authorized", N_("authorized by the bank")
    CAPTURED = "captured", N_("money captured")
    LAPSED = "lapsed", N_("authorization lapsed")
    NOT_THE_BILL = "not_the_bill", N_("what the bank agreed to was not the bill")
    # A visit is confirmed, or ends.
    PAID = "paid", N_("paid")
    PAID_LATE = "paid_late", N_("late payment, slot still free")
    CANCELLED = "cancelled", N_("cancelled")
    CONCLUDED = "concluded", N_("concluded")
    TAKEN_FOR_GRANTED = "taken_for_granted", N_("nobody said otherwise")
    # Money goes back, for another reason than a cancellation or a late payment.
    PAID_TWICE = "paid_twice", N_("paid twice")
    MISMATCH = "mismatch", N_("amount or currency differs")
    MARKED_AND_PAID = "marked_and_paid", N_("marked as paid by the desk, and paid at Razorpay")
    DASHBOARD = "dashboard", N_("made at Razorpay")
    BY_HAND = "by_hand", N_("given back by hand")
    DISPUTE_LOST = "dispute_lost", N_("a dispute was lost")
    DESK_REFUND = "desk_refund", N_("refunded by the desk")
    # Nothing moves.
    ADOPTED = "adopted", N_("the payment that the desk had marked")


Reason = Cause | str
"""A cause, or a person's own words."""
