"""Payment, attempt and refund statuses, and the verdict on a fact from Razorpay.

A *payment* is our bill for one appointment (one Razorpay order). An *attempt* is one Razorpay payment (`pay_…`) on
that order: there may be several, and each only moves forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause


class Source(StrEnum):
    """The way by which a fact reached us."""

    WEBHOOK = "webhook"
    RETURN = "return"  # the patient's browser came back from Checkout
    QUESTION = "question"  # we asked about this payment or order
    CAPTURE = "capture"  # the answer to our own request to capture
    REFUND = "refund"  # the answer to our own request to refund
    COMPARISON = "comparison"  # the daily comparison of the books
    PREVIEW = "preview"  # nothing of it is kept

    @property
    def actor(self) -> str:
        """The actor of the audit rows of such a fact: razorpay:webhook."""
        return f"razorpay:{self}"


class PaymentStatus(StrEnum):
    PENDING = "pending"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    FAILED = "failed"
    REFUND_PENDING = "refund_pending"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


DESK = "desk"
"""The method of a payment that the desk marked captured by hand."""


class PaymentFailure(StrEnum):
    """The end of a bill's last attempt, when it brought no money."""

    DECLINED = "declined"  # the bank or Razorpay may say why in words of its own
    LAPSED = "lapsed"  # the bank agreed, and nobody captured in time


class RefundOrigin(StrEnum):
    """The maker of a refund. A refund that replaces a failed one has the origin of the failed one."""

    cause: Cause
    """The cause of the changes that this refund makes."""

    def __new__(cls, value: str, cause: Cause) -> RefundOrigin:
        one = str.__new__(cls, value)
        one._value_, one.cause = value, cause
        return one

    POLICY = "policy", Cause.CANCELLED  # the patient cancelled
    DESK = "desk", Cause.CANCELLED  # the desk cancelled, with the refund it chose
    DESK_REFUND = "desk_refund", Cause.DESK_REFUND  # the desk, from money that was kept; nothing else changed
    LATE_CAPTURE = "late_capture", Cause.PAID_TOO_LATE
    SECOND_CAPTURE = "second_capture", Cause.PAID_TWICE
    MISMATCH = "mismatch", Cause.MISMATCH  # amount or currency of the capture were not the bill's
    DASHBOARD = "dashboard", Cause.DASHBOARD  # made at Razorpay, not by us
    BY_HAND = "by_hand", Cause.BY_HAND  # the desk gave the money back and marked the payment


COURTESIES = frozenset({RefundOrigin.DASHBOARD, RefundOrigin.BY_HAND, RefundOrigin.DESK_REFUND})
"""Origins of refunds that may give back money of a visit that stands."""


class AttemptStatus(StrEnum):
    CREATED = "created"
    FAILED = "failed"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"


class RefundStatus(StrEnum):
    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


PAYMENT_MOVES: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.PENDING: frozenset(
        {PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED, PaymentStatus.FAILED}
    ),
    PaymentStatus.AUTHORIZED: frozenset({PaymentStatus.CAPTURED, PaymentStatus.FAILED}),
    # Legal at Razorpay: a bank may answer days after "failed" (late authorisation, UPI retry on the same id).
    PaymentStatus.FAILED: frozenset(
        {PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED}
    ),
    PaymentStatus.CAPTURED: frozenset({PaymentStatus.REFUND_PENDING}),
    PaymentStatus.REFUND_PENDING: frozenset(
        {PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED, PaymentStatus.CAPTURED}
    ),
    PaymentStatus.PARTIALLY_REFUNDED: frozenset({PaymentStatus.REFUND_PENDING}),
    PaymentStatus.REFUNDED: frozenset(),
}

REFUND_MOVES: dict[RefundStatus, frozenset[RefundStatus]] = {
    RefundStatus.PENDING: frozenset({RefundStatus.PROCESSED, RefundStatus.FAILED}),
    RefundStatus.FAILED: frozenset({RefundStatus.PENDING, RefundStatus.PROCESSED}),
    RefundStatus.PROCESSED: frozenset(),
}

HAS_MONEY = frozenset(
    {
        PaymentStatus.CAPTURED,
        PaymentStatus.REFUND_PENDING,
        PaymentStatus.PARTIALLY_REFUNDED,
        PaymentStatus.REFUNDED,
    }
)
"""Statuses of a bill that was paid once: any further capture is one too many."""

_RANK = {
    AttemptStatus.CREATED: 0,
    AttemptStatus.FAILED: 0,
    AttemptStatus.AUTHORIZED: 1,
    AttemptStatus.CAPTURED: 2,
    AttemptStatus.REFUNDED: 3,
}


def merged(known: AttemptStatus | None, reported: AttemptStatus) -> AttemptStatus:
    """The attempt's status once `reported` is known too: forward only, whatever the order of arrival."""
    if known is None:
        return reported
    if known is AttemptStatus.CREATED and reported is AttemptStatus.FAILED:
        return reported
    return reported if _RANK[reported] > _RANK[known] else known


@dataclass(frozen=True)
class PaymentFact:
    """Razorpay's word on one of its payments, from any source. Amounts in paise."""

    payment_id: str
    order_id: str
    status: AttemptStatus
    amount_paise: int
    currency: str
    method: str = ""
    detail: str = ""
    error_code: str = ""
    error_reason: str = ""
    error_description: str = ""
    amount_refunded_paise: int = 0
    was_captured: bool = False  # of a refunded one: it was captured first, and did not lapse
    fee_paise: int | None = None
    created_at: datetime | None = None
    customer_bears_fee: bool = False  # Razorpay does not always tell


@dataclass(frozen=True)
class RefundFact:
    """Razorpay's word on one refund, perhaps one that we never asked for.

    `created_at` is the instant at which Razorpay made the refund (docs, "Refunds entity") and took its sum from the clinic's
    balance: its own report of settlements dates the refund by it. That the bank has it comes later, and has no instant.
    """

    refund_id: str
    payment_id: str
    status: RefundStatus
    amount_paise: int
    key: str = ""  # our idempotency key, when the refund carries it
    created_at: datetime | None = None

    def made_at(self, now: datetime) -> datetime:
        """The instant of the refund by Razorpay's clock, never after `now`; `now` when Razorpay names none."""
        return min(self.created_at or now, now)


class OtherOrder(Exception):
    """The payment is known under another order. At Razorpay a payment never changes its order, so a person must look."""

    def __init__(self) -> None:
        super().__init__("payment: known by another order of ours")


class Verdict(StrEnum):
    """The meaning of a fact for its booking."""

    CONFIRM = "confirm"  # move: the slot is ours or free, the money is exact
    REFUND = "refund"  # move: the money is here, the slot is not: give it back in full
    RETURNED = (
        "returned"  # move: the money came and went back in full before we knew: recorded, nothing confirmed
    )
    ADOPT = "adopt"  # move: the money that the desk had counted already, by marking the bill captured
    DECIDE = (
        "decide"  # case: the desk marked the bill captured; only a person knows if this is the same money
    )
    REFUND_EXTRA = "refund_extra"  # alarm: a second capture for a booking that is already paid
    REFUND_MISMATCH = "refund_mismatch"  # alarm: captured amount or currency is not the bill's
    AUTHORIZE = "authorize"  # move: the bank said yes, capture is pending
    LAPSE = "lapse"  # move: the authorization was never captured, and the money went back by itself
    FAIL = "fail"  # move: the attempt failed, the slot goes free (after the grace)
    IGNORE = "ignore"  # nothing new


@dataclass(frozen=True)
class Situation:
    """Everything a verdict depends on, read under locks."""

    attempt_before: AttemptStatus | None
    attempt_after: AttemptStatus
    exact: bool
    kept_payment_id: str
    payment_id: str
    marked_payment_id: str  # the payment by which the desk marked the bill captured; empty for cash
    appointment: AppointmentStatus
    payment: PaymentStatus
    slot_free_or_ours: bool
    visit_ahead: bool
    hold_over: bool = False  # the hold's end has passed; the sweep may not have been here yet
    given_up: bool = False  # the patient let the time go
    cancellable_in_full: bool = True  # a visit confirmed now could still be cancelled without loss
    returned_in_full: bool = False  # Razorpay has given all of this payment back already
    stale: bool = False  # the attempt was made before the present hold began
    another_authorized: bool = False  # the bank stands by another attempt of the bill


def verdict(s: Situation) -> Verdict:
    """Decide by the table of docs/booking-payments.md "Statuses"; pure, total, and independent of the source."""
    if s.attempt_after is s.attempt_before:
        return Verdict.IGNORE
    if s.attempt_after is AttemptStatus.CAPTURED:
        return _captured(s)
    if s.attempt_after is AttemptStatus.REFUNDED:
        lapsed = s.payment is PaymentStatus.AUTHORIZED and not s.kept_payment_id
        return Verdict.LAPSE if lapsed and not s.another_authorized else Verdict.IGNORE
    if s.attempt_after is AttemptStatus.AUTHORIZED:
        return Verdict.AUTHORIZE if s.exact and not s.kept_payment_id else Verdict.IGNORE
    if s.attempt_after is AttemptStatus.FAILED:
        # A bill that is already authorized has another attempt that may still be captured.
        waiting = s.appointment is AppointmentStatus.PENDING_PAYMENT and s.payment is PaymentStatus.PENDING
        return Verdict.FAIL if waiting and not s.stale else Verdict.IGNORE
    return Verdict.IGNORE


def _captured(s: Situation) -> Verdict:
    if s.kept_payment_id:
        return Verdict.IGNORE if s.kept_payment_id == s.payment_id else Verdict.REFUND_EXTRA
    if s.payment in HAS_MONEY:  # counted by the desk's mark, which may be about this very payment
        same = s.exact and s.marked_payment_id == s.payment_id
        return Verdict.ADOPT if same else Verdict.DECIDE
    if not s.exact:
        return Verdict.REFUND_MISMATCH
    if s.returned_in_full:
        return Verdict.RETURNED
    return Verdict.CONFIRM if s.slot_free_or_ours and s.visit_ahead and _still_wanted(s) else Verdict.REFUND


def _still_wanted(s: Situation) -> bool:
    """True while the hold lasts; afterwards only if the patient did not let go, and can still cancel without loss."""
    waits = s.appointment is AppointmentStatus.PENDING_PAYMENT
    if waits and not s.hold_over:
        return True
    late = waits or s.appointment is AppointmentStatus.FAILED
    return late and not s.given_up and s.cancellable_in_full
