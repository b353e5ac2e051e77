"""A scene for every scenario; when it ends, every promise must hold and Razorpay's books must agree with ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal

from booking_ui.config.settings import SANDBOX_WEBHOOK_SECRET
from tests.support.api import Clock, Door, opened
from tests.support.cast import Cast
from tests.support.sandbox_control import control
from tests.unit.scenarios.receiver import Receiver, receiving
from tests.unit.scenarios.steps import Scene

SWITCHES = {
    "refunds": "processed",
    "refund_seconds": 0.0,
    "list_lag_seconds": 0.0,
    "refuse_duplicate_receipts": False,
    "upi_seconds": 1.5,
}


@pytest.fixture
def door(cast: Cast, clock: Clock, portal: BlockingPortal) -> Iterator[Door]:
    del cast, clock
    with opened(portal) as found:
        yield found


@pytest.fixture
def scene(cast: Cast, sandbox: str, clock: Clock, door: Door) -> Iterator[Scene]:
    found = Scene(cast, sandbox, clock, door)
    yield found
    control(sandbox, "faults", method="DELETE")
    control(sandbox, "switches", SWITCHES)
    control(sandbox, "webhooks/secret", {"secret": SANDBOX_WEBHOOK_SECRET})
    found.work()
    assert found.broken_promises() == []
    assert found.differences() == []


@pytest.fixture
def receiver(scene: Scene) -> Iterator[Receiver]:
    with receiving(scene) as found:
        yield found
