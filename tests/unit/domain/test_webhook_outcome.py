from __future__ import annotations

from pathlib import Path

import pytest

from booking_ui.domain.payment import RefundStatus, Verdict
from booking_ui.domain.webhook_outcome import OF_VERDICT, Group, Outcome, OutcomeCode, of_refund, stated
from booking_ui.languages import speaking
from tests.support.languages import small_hindi


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_that_changes_something_is_applied_under_its_own_name(verdict: Verdict) -> None:
    outcome = OF_VERDICT[verdict]
    if verdict is Verdict.IGNORE:
        assert (outcome, str(outcome)) == (Outcome(OutcomeCode.NOTHING_NEW), "ignored: nothing new")
    else:
        assert (outcome.verdict, outcome.code.group, str(outcome)) == (
            verdict,
            Group.APPLIED,
            f"applied: {verdict.value}",
        )


def test_no_verdict_is_an_order_of_nobody() -> None:
    assert str(OF_VERDICT[None]) == "ignored: an order we do not know"


@pytest.mark.parametrize("status", RefundStatus)
def test_a_refund_that_moved_names_its_status(status: RefundStatus) -> None:
    assert str(of_refund(status)) == f"applied: refund {status.value}"


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Outcome(OutcomeCode.DOWNTIME_BEGAN, "upi"), "applied: upi is in trouble"),
        (Outcome(OutcomeCode.NO_USE, "order.paid"), "ignored: no use for order.paid"),
        (Outcome(OutcomeCode.UNREADABLE, "event: not {JSON}"), "event: not {JSON}"),
        (Outcome(OutcomeCode.OTHER_ORDER), "payment: known by another order of ours"),
        (Outcome(OutcomeCode.BROKEN, "ValueError"), "failed: ValueError"),
    ],
)
def test_an_outcome_is_stated_with_its_detail(outcome: Outcome, text: str) -> None:
    assert str(outcome) == text


def test_a_replay_that_changed_nothing_is_stated_behind_what_was_done_first() -> None:
    confirmed, nothing = Outcome(OutcomeCode.CONFIRM), Outcome(OutcomeCode.NOTHING_NEW)
    assert stated(None, None) == ""
    assert stated(confirmed, None) == "applied: confirm"
    assert stated(confirmed, nothing) == "applied: confirm; replayed: nothing new"


def test_the_desk_reads_it_in_its_language_and_programs_in_english(tmp_path: Path) -> None:
    began = Outcome(OutcomeCode.DOWNTIME_BEGAN, "upi")
    with small_hindi(tmp_path), speaking("hi"):
        assert began.words == "upi में दिक़्क़त है"
        assert (began.name, str(began)) == ("upi is in trouble", "applied: upi is in trouble")
        assert stated(began, began) == "applied: upi is in trouble; replayed: upi is in trouble"
    assert began.words == began.name
