"""The outcomes of webhook events in words for the desk: what was done, what a replay did, what it would do."""

from __future__ import annotations

from dataclasses import dataclass

from booking_ui.domain.payment import Verdict
from booking_ui.domain.webhook_outcome import Group, Outcome, OutcomeCode
from booking_ui.languages import FIRST, N_, _, spoken


@dataclass(frozen=True)
class _Deed:
    """One verdict in words."""

    done: str
    would: str
    in_timeline: str  # within a sentence


_DEEDS = {
    Verdict.CONFIRM: _Deed(
        N_("Booking confirmed"), N_("It would confirm the booking."), N_("booking confirmed")
    ),
    Verdict.REFUND: _Deed(
        N_("Time was gone: refund started"),
        N_("It would refund the payment in full, as its time is gone."),
        N_("time was gone, refund started"),
    ),
    Verdict.RETURNED: _Deed(
        N_("Paid and given back at Razorpay"),
        N_("It would record a payment that Razorpay has given back already."),
        N_("paid and given back at Razorpay"),
    ),
    Verdict.DECIDE: _Deed(
        N_("Marked and paid: decide in Books"),
        N_("It would ask the desk if this is the payment that it marked."),
        N_("paid after the desk's mark, waits for a decision"),
    ),
    Verdict.ADOPT: _Deed(
        N_("The payment that the desk had marked"),
        N_("It would take it for the payment that the desk had marked."),
        N_("the payment that the desk had marked"),
    ),
    Verdict.REFUND_EXTRA: _Deed(
        N_("Second payment: refund started"),
        N_("It would refund a second payment."),
        N_("second payment, refund started"),
    ),
    Verdict.REFUND_MISMATCH: _Deed(
        N_("Wrong amount: refund started"),
        N_("It would refund a payment of a wrong amount."),
        N_("wrong amount, refund started"),
    ),
    Verdict.AUTHORIZE: _Deed(
        N_("Bank approved"), N_("It would note that the bank approved."), N_("bank approved")
    ),
    Verdict.LAPSE: _Deed(
        N_("Bank's approval ended"),
        N_("It would note that the bank's approval ended unused."),
        N_("bank's approval ended"),
    ),
    Verdict.FAIL: _Deed(
        N_("Payment failed"), N_("It would note that the payment failed."), N_("payment failed")
    ),
}


def done(outcome: Outcome | None, replayed: Outcome | None = None) -> str:
    """The outcome of an event, as a line."""
    if replayed:
        return _("{outcome}. Replayed: {replayed}", outcome=done(outcome), replayed=replayed.words)
    if outcome is None:
        return _("Not looked at yet")
    if outcome.verdict:
        return _(_DEEDS[outcome.verdict].done)
    return {
        Group.APPLIED: _("Noted: {outcome}", outcome=outcome.words),
        Group.IGNORED: _capital(outcome.words),
        Group.UNREADABLE: _("Can't be read: {outcome}", outcome=outcome.words),
        Group.FAILED: _("Failed on our side: {outcome}", outcome=outcome.words),
    }[outcome.code.group]


def replay_did(outcome: Outcome) -> str:
    """The outcome of a replay, as a sentence."""
    if outcome.code.group is Group.APPLIED:
        return _("Replayed: {outcome}.", outcome=_small(done(outcome)))
    if outcome.code.group is Group.IGNORED:
        return _("Replayed. It changed nothing: {why}.", why=_why(outcome))
    return _("Replayed, but it did not work. {outcome}.", outcome=done(outcome))


def replay_would(outcome: Outcome) -> str:
    """The outcome that a replay would have, as a sentence."""
    if outcome.verdict:
        return _(_DEEDS[outcome.verdict].would)
    if outcome.code.group is Group.APPLIED:
        return _("It would note: {outcome}.", outcome=outcome.words)
    if outcome.code.group is Group.IGNORED:
        return _("It would change nothing: {why}.", why=_why(outcome))
    return _("It would change nothing: it can't be read ({why}).", why=outcome.words)


def in_timeline(outcome: Outcome | None, replayed: Outcome | None = None) -> str:
    """The outcome of an event, within a sentence; empty before the first try."""
    if outcome is None:
        return ""
    first = _(_DEEDS[outcome.verdict].in_timeline) if outcome.verdict else outcome.words
    return _("{outcome}; replayed: {replayed}", outcome=first, replayed=replayed.words) if replayed else first


def _why(outcome: Outcome) -> str:
    return _("it says nothing new") if outcome.code is OutcomeCode.NOTHING_NEW else outcome.words


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if spoken() == FIRST else text


def _small(text: str) -> str:
    """In the middle of a sentence. Only English has its capitals there; elsewhere Latin letters are a name's."""
    return text[:1].lower() + text[1:] if spoken() == FIRST else text
