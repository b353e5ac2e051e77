"""The outcome of applying one webhook event: a code and, where it needs one, a detail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from booking_ui.domain.dispute import DisputeStatus
from booking_ui.domain.payment import RefundStatus, Verdict
from booking_ui.languages import FIRST, N_, _, spoken


class Group(StrEnum):
    """The kinds of outcomes, by which an event gets its status."""

    APPLIED = "applied"
    IGNORED = "ignored"
    UNREADABLE = "unreadable"
    FAILED = "failed"


_METHODS = {"card": N_("card"), "netbanking": N_("netbanking"), "wallet": N_("wallet")}
"""Ways to pay as details. UPI's name is its own."""
_GROUPS = {
    Group.APPLIED: N_("applied"),
    Group.IGNORED: N_("ignored"),
    Group.FAILED: N_("failed"),
}


class OutcomeCode(StrEnum):
    """The outcome without its detail. Its words, in English, say with {detail} where that belongs."""

    group: Group
    words: str

    def __new__(cls, value: str, group: Group, words: str) -> OutcomeCode:
        one = str.__new__(cls, value)
        one._value_, one.group, one.words = value, group, words
        return one

    # A verdict was carried out. The values are those of the verdicts.
    CONFIRM = "confirm", Group.APPLIED, N_("confirm")
    REFUND = "refund", Group.APPLIED, N_("refund")
    RETURNED = "returned", Group.APPLIED, N_("returned")
    ADOPT = "adopt", Group.APPLIED, N_("adopt")
    DECIDE = "decide", Group.APPLIED, N_("decide")
    REFUND_EXTRA = "refund_extra", Group.APPLIED, N_("refund_extra")
    REFUND_MISMATCH = "refund_mismatch", Group.APPLIED, N_("refund_mismatch")
    AUTHORIZE = "authorize", Group.APPLIED, N_("authorize")
    LAPSE = "lapse", Group.APPLIED, N_("lapse")
    FAIL = "fail", Group.APPLIED, N_("fail")
    # A refund moved, or Razorpay's word on it was noted.
    REFUND_PENDING = "refund_pending", Group.APPLIED, N_("refund pending")
    REFUND_PROCESSED = "refund_processed", Group.APPLIED, N_("refund processed")
    REFUND_FAILED = "refund_failed", Group.APPLIED, N_("refund failed")
    DASHBOARD_REFUND = "dashboard_refund", Group.APPLIED, N_("a refund made at Razorpay")
    REFUND_TWICE = "refund_twice", Group.APPLIED, N_("a case, because money may have gone back twice")
    # A dispute was opened, or moved. The values end with its status.
    DISPUTE_OPEN = "dispute_open", Group.APPLIED, N_("dispute open")
    DISPUTE_UNDER_REVIEW = "dispute_under_review", Group.APPLIED, N_("dispute under review")
    DISPUTE_WON = "dispute_won", Group.APPLIED, N_("dispute won")
    DISPUTE_LOST = "dispute_lost", Group.APPLIED, N_("dispute lost")
    DISPUTE_CLOSED = "dispute_closed", Group.APPLIED, N_("dispute closed")
    # A way to pay is in trouble, or works again. Detail: the method.
    DOWNTIME_NEWS = (
        "downtime_news",
        Group.APPLIED,
        N_("news about {detail}"),
    )  # only foreseen, before the message is applied
    DOWNTIME_BEGAN = "downtime_began", Group.APPLIED, N_("{detail} is in trouble")
    DOWNTIME_ENDED = "downtime_ended", Group.APPLIED, N_("{detail} works again")
    # Ignored.
    NOTHING_NEW = "nothing_new", Group.IGNORED, N_("nothing new")
    UNKNOWN_ORDER = "unknown_order", Group.IGNORED, N_("an order we do not know")
    UNKNOWN_PAYMENT = "unknown_payment", Group.IGNORED, N_("a refund of a payment we do not know")
    UNKNOWN_DISPUTED = "unknown_disputed", Group.IGNORED, N_("a dispute of a payment we do not know")
    NOT_KEPT = "not_kept", Group.IGNORED, N_("Razorpay's own refund of money we never kept")
    DASHBOARD_REFUND_FAILED = (
        "dashboard_refund_failed",
        Group.IGNORED,
        N_("a refund made at Razorpay that failed"),
    )
    ALREADY_GOING_BACK = (
        "already_going_back",
        Group.IGNORED,
        N_("that much of the payment is already on its way back"),
    )
    NO_USE = "no_use", Group.IGNORED, N_("no use for {detail}")  # detail: the event's name
    # Waiting for a person.
    UNREADABLE = "unreadable", Group.UNREADABLE, "{detail}"  # detail: why
    OTHER_ORDER = "other_order", Group.UNREADABLE, N_("payment: known by another order of ours")
    # A defect or an outage of ours. Detail: its type.
    BROKEN = "broken", Group.FAILED, "{detail}"


@dataclass(frozen=True)
class Outcome:
    """One outcome; `detail` is a name or a text that the code's words take in."""

    code: OutcomeCode
    detail: str = ""

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that was carried out; None when it was something else."""
        return Verdict(self.code.value) if self.code.value in set(Verdict) else None

    @property
    def words(self) -> str:
        """The outcome without its group, for people; a verdict is named by its value."""
        detail = _(_METHODS[self.detail]) if self.detail in _METHODS else self.detail
        return _(self.code.words).replace("{detail}", detail)

    @property
    def name(self) -> str:
        """The words in English, for programs and logs."""
        return self.code.words.replace("{detail}", self.detail)

    @property
    def as_stated(self) -> str:
        """The outcome with its group, in the language that is spoken."""
        if spoken() == FIRST:
            return str(self)
        group = self.code.group
        return self.words if group is Group.UNREADABLE else f"{_(_GROUPS[group])}: {self.words}"

    def __str__(self) -> str:
        """The outcome as the API states it, in English: "applied: confirm", "ignored: nothing new"."""
        group = self.code.group
        return self.name if group is Group.UNREADABLE else f"{group}: {self.name}"


OF_VERDICT: dict[Verdict | None, Outcome] = {
    None: Outcome(OutcomeCode.UNKNOWN_ORDER),
    Verdict.IGNORE: Outcome(OutcomeCode.NOTHING_NEW),
    **{one: Outcome(OutcomeCode[one.name]) for one in Verdict if one is not Verdict.IGNORE},
}
"""The outcome of a payment's fact; no verdict means that its order is none of ours."""


def of_refund(status: RefundStatus) -> Outcome:
    """The outcome of a fact that moved one of our refunds to this status."""
    return Outcome(OutcomeCode[f"REFUND_{status.name}"])


def of_dispute(status: DisputeStatus) -> Outcome:
    """The outcome of a fact that opened a dispute or moved it to this status."""
    return Outcome(OutcomeCode[f"DISPUTE_{status.name}"])


def stated(first: Outcome | None, replayed: Outcome | None) -> str:
    """The outcome of an event with that of a replay which changed nothing more; empty before the first try."""
    if first is None:
        return ""
    return f"{first}; replayed: {replayed.name}" if replayed else str(first)
