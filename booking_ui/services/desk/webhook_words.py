"""The outcomes of webhook events in words for the desk: what was done, what a replay did, what it would do."""

from __future__ import annotations

from dataclasses import dataclass

from booking_ui.domain.payment import Verdict
from booking_ui.domain.webhook_outcome import Group, Outcome, OutcomeCode


@dataclass(frozen=True)
class _Deed:
    """One verdict in words."""

    done: str
    would: str
    in_timeline: str  # within a sentence


_DEEDS = {
    Verdict.CONFIRM: _Deed("Booking confirmed", "confirm the booking", "booking confirmed"),
    Verdict.REFUND: _Deed(
        "Time was gone: refund started",
        "refund the payment in full, as its time is gone",
        "time was gone, refund started",
    ),
    Verdict.RETURNED: _Deed(
        "Paid and given back at Razorpay",
        "record a payment that Razorpay has given back already",
        "paid and given back at Razorpay",
    ),
    Verdict.DECIDE: _Deed(
        "Marked and paid: decide in Books",
        "ask the desk if this is the payment that it marked",
        "paid after the desk's mark, waits for a decision",
    ),
    Verdict.ADOPT: _Deed(
        "The payment that the desk had marked",
        "take it for the payment that the desk had marked",
        "the payment that the desk had marked",
    ),
    Verdict.REFUND_EXTRA: _Deed(
        "Second payment: refund started", "refund a second payment", "second payment, refund started"
    ),
    Verdict.REFUND_MISMATCH: _Deed(
        "Wrong amount: refund started", "refund a payment of a wrong amount", "wrong amount, refund started"
    ),
    Verdict.AUTHORIZE: _Deed("Bank approved", "note that the bank approved", "bank approved"),
    Verdict.LAPSE: _Deed(
        "Bank's approval ended", "note that the bank's approval ended unused", "bank's approval ended"
    ),
    Verdict.FAIL: _Deed("Payment failed", "note that the payment failed", "payment failed"),
}


def done(outcome: Outcome | None, replayed: Outcome | None = None) -> str:
    """The outcome of an event, as a line."""
    if replayed:
        return f"{done(outcome)}. Replayed: {replayed.words}"
    if outcome is None:
        return "Not looked at yet"
    if outcome.verdict:
        return _DEEDS[outcome.verdict].done
    return {
        Group.APPLIED: f"Noted: {outcome.words}",
        Group.IGNORED: _capital(outcome.words),
        Group.UNREADABLE: f"Can't be read: {outcome.words}",
        Group.FAILED: f"Failed on our side: {outcome.words}",
    }[outcome.code.group]


def replay_did(outcome: Outcome) -> str:
    """The outcome of a replay, as a sentence."""
    if outcome.code.group is Group.APPLIED:
        return f"Replayed: {_small(done(outcome))}."
    if outcome.code.group is Group.IGNORED:
        return f"Replayed. It changed nothing: {_why(outcome)}."
    return f"Replayed, but it did not work. {done(outcome)}."


def replay_would(outcome: Outcome) -> str:
    """The outcome that a replay would have, as a sentence."""
    if outcome.verdict:
        return f"It would {_DEEDS[outcome.verdict].would}."
    if outcome.code.group is Group.APPLIED:
        return f"It would note: {outcome.words}."
    if outcome.code.group is Group.IGNORED:
        return f"It would change nothing: {_why(outcome)}."
    return f"It would change nothing: it can't be read ({outcome.words})."


def in_timeline(outcome: Outcome | None, replayed: Outcome | None = None) -> str:
    """The outcome of an event, within a sentence; empty before the first try."""
    if outcome is None:
        return ""
    first = _DEEDS[outcome.verdict].in_timeline if outcome.verdict else outcome.words
    return f"{first}; replayed: {replayed.words}" if replayed else first


def _why(outcome: Outcome) -> str:
    return "it says nothing new" if outcome.code is OutcomeCode.NOTHING_NEW else outcome.words


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
