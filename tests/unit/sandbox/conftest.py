"""One sandbox and one endpoint a module; every test makes its own order and looks at its own events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.sandbox import Endpoint, Sandbox, listening, running


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with listening() as found:
        yield found


@pytest.fixture(scope="module")
def sandbox(endpoint: Endpoint) -> Iterator[Sandbox]:
    # Twenty times faster: the gaps between events last milliseconds, a capture window still lasts minutes.
    with running(WEBHOOK_URLS=endpoint.url, CLOCK="20", WEBHOOK_TIMEOUT="2") as found:
        yield found


@pytest.fixture(autouse=True)
def _undisturbed(request: pytest.FixtureRequest) -> Iterator[None]:
    """What one test breaks on purpose is whole again for the next."""
    yield
    if "sandbox" in request.fixturenames:
        found: Sandbox = request.getfixturevalue("sandbox")
        if found.process.poll() is None:
            found.control.delete("/_sandbox/faults")
            found.command(
                "switches",
                refunds="processed",
                refund_seconds=0,
                list_lag_seconds=0,
                refuse_duplicate_receipts=False,
            )
