"""The outcome of applying one webhook event: a code and, where it needs one, a detail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from booking_ui.domain.payment import RefundStatus, Verdict


class OutcomeCode(StrEnum):
    # A verdict was carried out. The values are those of the verdicts.
    CONFIRM = "confirm"
    REFUND = "refund"
    ADOPT = "adopt"
    REFUND_EXTRA = "refund_extra"
    REFUND_MISMATCH = "refund_mismatch"
    AUTHORIZE = "authorize"
    LAPSE = "lapse"
    FAIL = "fail"
    # A refund moved, or Razorpay's word on it was noted.
    REFUND_PENDING = "refund_pending"
    REFUND_PROCESSED = "refund_processed"
    REFUND_FAILED = "refund_failed"
    DASHBOARD_REFUND = "dashboard_refund"
    REFUND_TWICE = "refund_twice"
    # A way to pay is in trouble, or works again. Detail: the method.
    DOWNTIME_NEWS = "downtime_news"  # only foreseen, before the message is applied
    DOWNTIME_BEGAN = "downtime_began"
    DOWNTIME_ENDED = "downtime_ended"
    # Ignored.
    NOTHING_NEW = "nothing_new"
    UNKNOWN_ORDER = "unknown_order"
    UNKNOWN_PAYMENT = "unknown_payment"
    NOT_KEPT = "not_kept"
    DASHBOARD_REFUND_FAILED = "dashboard_refund_failed"
    ALREADY_GOING_BACK = "already_going_back"
    NO_USE = "no_use"  # detail: the event's name
    # Waiting for a person.
    UNREADABLE = "unreadable"  # detail: why
    OTHER_ORDER = "other_order"
    # A defect or an outage of ours. Detail: its type.
    BROKEN = "broken"


class Group(StrEnum):
    APPLIED = "applied"
    IGNORED = "ignored"
    UNREADABLE = "unreadable"
    FAILED = "failed"


_GROUPS = {
    **dict.fromkeys(
        (
            OutcomeCode.NOTHING_NEW,
            OutcomeCode.UNKNOWN_ORDER,
            OutcomeCode.UNKNOWN_PAYMENT,
            OutcomeCode.NOT_KEPT,
            OutcomeCode.DASHBOARD_REFUND_FAILED,
            OutcomeCode.ALREADY_GOING_BACK,
            OutcomeCode.NO_USE,
        ),
        Group.IGNORED,
    ),
    OutcomeCode.UNREADABLE: Group.UNREADABLE,
    OutcomeCode.OTHER_ORDER: Group.UNREADABLE,
    OutcomeCode.BROKEN: Group.FAILED,
}

_WORDS = {
    OutcomeCode.REFUND_PENDING: "refund pending",
    OutcomeCode.REFUND_PROCESSED: "refund processed",
    OutcomeCode.REFUND_FAILED: "refund failed",
    OutcomeCode.DASHBOARD_REFUND: "a refund made at Razorpay",
    OutcomeCode.REFUND_TWICE: "a case, because money may have gone back twice",
    OutcomeCode.DOWNTIME_NEWS: "news about {detail}",
    OutcomeCode.DOWNTIME_BEGAN: "{detail} is in trouble",
    OutcomeCode.DOWNTIME_ENDED: "{detail} works again",
    OutcomeCode.NOTHING_NEW: "nothing new",
    OutcomeCode.UNKNOWN_ORDER: "an order we do not know",
    OutcomeCode.UNKNOWN_PAYMENT: "a refund of a payment we do not know",
    OutcomeCode.NOT_KEPT: "Razorpay's own refund of money we never kept",
    OutcomeCode.DASHBOARD_REFUND_FAILED: "a refund made at Razorpay that failed",
    OutcomeCode.ALREADY_GOING_BACK: "that much of the payment is already on its way back",
    OutcomeCode.NO_USE: "no use for {detail}",
    OutcomeCode.UNREADABLE: "{detail}",
    OutcomeCode.OTHER_ORDER: "payment: known by another order of ours",
    OutcomeCode.BROKEN: "{detail}",
}


@dataclass(frozen=True)
class Outcome:
    """One outcome; `detail` is a name or a text that the code's words take in."""

    code: OutcomeCode
    detail: str = ""

    @property
    def group(self) -> Group:
        """The kind of outcome, by which the event gets its status."""
        return _GROUPS.get(self.code, Group.APPLIED)

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that was carried out; None when it was something else."""
        return Verdict(self.code.value) if self.code.value in set(Verdict) else None

    @property
    def words(self) -> str:
        """The outcome without its group; a verdict is named by its value."""
        return _WORDS.get(self.code, self.code.value).replace("{detail}", self.detail)

    def __str__(self) -> str:
        """The outcome as the API states it: "applied: confirm", "ignored: nothing new"."""
        return self.words if self.group is Group.UNREADABLE else f"{self.group}: {self.words}"


def of_verdict(verdict: Verdict | None) -> Outcome:
    """The outcome of a payment's fact; no verdict means that its order is none of ours."""
    if verdict is None:
        return Outcome(OutcomeCode.UNKNOWN_ORDER)
    if verdict is Verdict.IGNORE:
        return Outcome(OutcomeCode.NOTHING_NEW)
    return Outcome(OutcomeCode(verdict.value))


def of_refund(status: RefundStatus) -> Outcome:
    """The outcome of a fact that moved one of our refunds to this status."""
    return Outcome(OutcomeCode(f"refund_{status.value}"))


def stated(first: Outcome | None, replayed: Outcome | None) -> str:
    """The outcome of an event with that of a replay which changed nothing more; empty before the first try."""
    if first is None:
        return ""
    return f"{first}; replayed: {replayed.words}" if replayed else str(first)
