from __future__ import annotations

import pytest

from booking_ui.domain.webhook_outcome import Group, Outcome, OutcomeCode
from booking_ui.services.desk import webhook_words

CONFIRMED = Outcome(OutcomeCode.CONFIRM)
NOTHING_NEW = Outcome(OutcomeCode.NOTHING_NEW)
UNREADABLE = Outcome(OutcomeCode.UNREADABLE, "payment: no id")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (None, "Not looked at yet"),
        (Outcome(OutcomeCode.REFUND), "Time was gone: refund started"),
        (Outcome(OutcomeCode.REFUND_PROCESSED), "Noted: refund processed"),
        (Outcome(OutcomeCode.UNKNOWN_ORDER), "An order we do not know"),
        (Outcome(OutcomeCode.BROKEN, "OperationalError"), "Failed on our side: OperationalError"),
        (UNREADABLE, "Can't be read: payment: no id"),
    ],
)
def test_an_outcome_is_said_in_words(outcome: Outcome | None, words: str) -> None:
    assert webhook_words.done(outcome) == words


def test_a_replay_that_found_nothing_new_stands_beside_what_was_done_first() -> None:
    assert webhook_words.done(CONFIRMED, NOTHING_NEW) == "Booking confirmed. Replayed: nothing new"
    assert webhook_words.in_timeline(CONFIRMED, NOTHING_NEW) == "booking confirmed; replayed: nothing new"


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (CONFIRMED, "Replayed: booking confirmed."),
        (NOTHING_NEW, "Replayed. It changed nothing: it says nothing new."),
        (Outcome(OutcomeCode.UNKNOWN_ORDER), "Replayed. It changed nothing: an order we do not know."),
        (UNREADABLE, "Replayed, but it did not work. Can't be read: payment: no id."),
    ],
)
def test_what_a_replay_did_is_a_sentence(outcome: Outcome, words: str) -> None:
    assert webhook_words.replay_did(outcome) == words


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(OutcomeCode.FAIL), "It would note that the payment failed."),
        (
            Outcome(OutcomeCode.NO_USE, "payment.dispute.created"),
            "It would change nothing: no use for payment.dispute.created.",
        ),
        (Outcome(OutcomeCode.REFUND_PROCESSED), "It would note: refund processed."),
        (Outcome(OutcomeCode.DOWNTIME_NEWS, "upi"), "It would note: news about upi."),
        (UNREADABLE, "It would change nothing: it can't be read (payment: no id)."),
    ],
)
def test_what_a_replay_would_do_is_a_sentence(outcome: Outcome, words: str) -> None:
    assert webhook_words.replay_would(outcome) == words


@pytest.mark.parametrize("code", OutcomeCode)
def test_every_outcome_has_words_everywhere(code: OutcomeCode) -> None:
    outcome = Outcome(code, "x")
    assert webhook_words.done(outcome)
    assert webhook_words.in_timeline(outcome)
    assert webhook_words.replay_did(outcome)
    assert webhook_words.replay_would(outcome)
    assert "_" not in outcome.words or outcome.code.group is Group.APPLIED
