"""When callers are refused without asking, and when one is let through to try."""

from __future__ import annotations

import pytest

from booking_ui.gateways import breaker
from booking_ui.gateways.breaker import FULL, PAUSE_SECONDS, Breaker, Circuit, Outcome

ANSWERED, FAILED, TIMED_OUT = Outcome.ANSWERED, Outcome.FAILED, Outcome.TIMED_OUT


def after(*outcomes: Outcome, circuit: Circuit | None = None, now: float = 0.0) -> Circuit:
    found = circuit or Circuit()
    for one in outcomes:
        found = found.after(one, now, tried=True)
    return found


@pytest.mark.parametrize(
    ("outcomes", "is_open"),
    [
        ([FAILED] * 7, False),
        ([FAILED] * 8, True),
        ([TIMED_OUT] * 2, False),
        ([TIMED_OUT] * 3, True),
        ([FAILED, FAILED, TIMED_OUT, TIMED_OUT], True),
        ([FAILED] * 7 + [ANSWERED] + [FAILED] * 7, False),
    ],
)
def test_it_opens_after_failures_in_a_row_and_sooner_after_timeouts(
    outcomes: list[Outcome], is_open: bool
) -> None:
    circuit = after(*outcomes)
    assert circuit.is_open is is_open
    assert circuit.asked(1.0)[0] is not is_open


def test_while_it_is_open_one_caller_at_a_time_may_try_after_each_pause() -> None:
    circuit = after(*[FAILED] * FULL, now=100.0)
    assert not circuit.asked(100.0 + PAUSE_SECONDS - 0.001)[0]
    may, trying = circuit.asked(100.0 + PAUSE_SECONDS)
    assert may
    assert not trying.asked(100.0 + PAUSE_SECONDS)[0]
    assert not trying.asked(100.0 + 2 * PAUSE_SECONDS - 0.001)[0]
    assert trying.asked(100.0 + 2 * PAUSE_SECONDS)[0], "a try that never ends is not waited for"


def test_a_try_that_fails_starts_the_pause_anew_and_one_that_is_answered_closes_it() -> None:
    _, trying = after(*[FAILED] * FULL).asked(PAUSE_SECONDS)
    failed = trying.after(FAILED, PAUSE_SECONDS + 2, tried=True)
    assert not failed.asked(2 * PAUSE_SECONDS + 1)[0]
    assert failed.asked(2 * PAUSE_SECONDS + 2)[0]
    assert trying.after(ANSWERED, PAUSE_SECONDS + 2, tried=True) == Circuit()


def test_a_job_that_fails_does_not_keep_it_open_and_one_that_is_answered_closes_it() -> None:
    shut = after(*[FAILED] * FULL, now=0.0)
    assert shut.after(TIMED_OUT, 9.0, tried=False).asked(PAUSE_SECONDS)[0]
    assert shut.after(ANSWERED, 9.0, tried=False) == Circuit()


def test_each_opening_and_closing_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[str, bool]] = []
    monkeypatch.setattr(breaker, "_listeners", [])
    breaker.listen(lambda name, opened: told.append((name, opened)))
    moments = iter(range(1000))
    one = Breaker("razorpay", clock=lambda: float(next(moments)))
    for _ in range(20):
        one.note(FAILED, tried=True)
    assert not one.lets_through()
    for _ in range(3):
        one.note(ANSWERED, tried=True)
    assert one.lets_through()
    assert told == [("razorpay", True), ("razorpay", False)]
    said = capfd.readouterr().err
    assert said.count("circuit.opened") == 1
    assert said.count("circuit.closed") == 1
