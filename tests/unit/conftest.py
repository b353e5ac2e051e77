"""Unit tests get a real database, the cast, and, when they pay, the real sandbox over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest
import requests
import sqlalchemy as sa
from anyio.from_thread import BlockingPortal, start_blocking_portal

from booking_ui.config.settings import settings
from booking_ui.db.session import Database, use
from booking_ui.gateways import limiter, marks, redis
from booking_ui.gateways.razorpay import use as use_gateway
from booking_ui.services.journal import changes
from booking_ui.services.limits import metrics
from tests.support.api import Clock, standing_clock
from tests.support.cast import Cast, assemble
from tests.support.sandbox_control import control
from tests.support.servers import free_port, wait_until

WITH_REDIS = {"services", "api", "scenarios", "states", "edge"}
"""Rooms of tests/unit."""


@cache
def _engine(url: str) -> sa.Engine:
    """One for the whole run: a statement is compiled once, not in every test. No test waits for a disk either."""
    database = Database(url)
    if database.sqlite:
        sa.event.listen(
            database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF")
        )
    return database.engine


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """This test's database, in place of the process's own."""
    database = Database(database_url)
    database.engine = _engine(database_url)
    database._writer = database.engine.execution_options(begin_immediate=True)
    use(database)
    yield database
    use(None)
    database.dispose()


@pytest.fixture
def cast(db: Database) -> Cast:
    return assemble()


@pytest.fixture(autouse=True)
def _nobody_listens() -> Iterator[None]:
    yield
    changes.silence()


@pytest.fixture(autouse=True)
def _a_generous_clinic(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All of the fee comes back until four hours before the visit. What is about the bands sets its own policy."""
    monkeypatch.setenv("CANCELLATION_POLICY", "4:100")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _nobody_was_here_before() -> Iterator[None]:
    yield
    limiter.reset()
    marks.reset()
    metrics.reset_gauges()


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Set variables, then call `settings.cache_clear()`; all is undone at the end."""
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()
    use_gateway(None)


@pytest.fixture
def with_redis(redis_url: str, configured: pytest.MonkeyPatch) -> Iterator[str]:
    """A real Redis that this process uses for whatever it uses one for."""
    configured.setenv("REDIS_URL", redis_url)
    settings.cache_clear()
    redis.reconnect()
    yield redis_url
    redis.reconnect()


@pytest.fixture(params=["alone", "redis"])
def turns(request: pytest.FixtureRequest) -> str:
    """Twice: without Redis, then with a real one. Nothing may come out differently."""
    kind: str = request.param
    if kind == "redis":
        request.getfixturevalue("with_redis")
    return kind


@pytest.fixture(autouse=True)
def _redis_for_everybody(request: pytest.FixtureRequest) -> None:
    """`make test-redis`: the doors and what is behind them, all with a real Redis."""
    if os.environ.get("TEST_WITH_REDIS") and WITH_REDIS & set(request.path.parts):
        request.getfixturevalue("with_redis")


@pytest.fixture(scope="session")
def _sandbox_process() -> Iterator[str]:
    port = free_port()
    env = {**os.environ, "SANDBOX_PORT": str(port), "SANDBOX_STATE": "", "SANDBOX_WEBHOOK_URLS": ""}
    process = subprocess.Popen([sys.executable, "-m", "booking_ui", "sandbox"], env=env)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url), what="the sandbox")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/v1/checkout.js", timeout=1).ok
    except requests.RequestException:
        return False


@pytest.fixture
def sandbox(_sandbox_process: str, configured: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a running sandbox that the gateway of this process talks to; its faults end with the test."""
    configured.setenv("RAZORPAY_API_URL", _sandbox_process)
    settings.cache_clear()
    use_gateway(None)
    yield _sandbox_process
    control(_sandbox_process, "faults", method="DELETE")
    control(_sandbox_process, "switches", {"refunds": "processed"})


@pytest.fixture
def dead_gateway(configured: pytest.MonkeyPatch) -> str:
    """A gateway that nobody answers for."""
    url = f"http://127.0.0.1:{free_port()}"
    configured.setenv("RAZORPAY_API_URL", url)
    settings.cache_clear()
    use_gateway(None)
    return url


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """The event loop of the application, in a thread of its own."""
    with start_blocking_portal() as found:
        yield found


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The API's clock; it stands still unless a test moves it."""
    with standing_clock() as found:
        yield found
