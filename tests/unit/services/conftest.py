"""A week of money at the clinic, and a sandbox that has forgotten the payments of earlier tests."""

from __future__ import annotations

import pytest

from tests.support.cast import Cast
from tests.support.sandbox_control import control
from tests.support.week_of_money import Week, live_through


@pytest.fixture
def old_money_of_others(sandbox: str) -> None:
    """Payments of earlier tests must not be found as money for unknown orders.

    Twice: what their banks answer late happens in the first six days, and is old after the next.
    """
    for _ in range(2):
        control(sandbox, "clock/advance", {"seconds": 6 * 24 * 3600})


@pytest.fixture
def week(cast: Cast) -> Week:
    return live_through(cast)
