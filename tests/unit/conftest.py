"""Unit tests get a real database, the cast, and, when they pay, the real sandbox over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from booking_ui.config import settings
from booking_ui.db.session import Database, use
from booking_ui.gateways import limiter
from booking_ui.gateways.razorpay import use as use_gateway
from booking_ui.services import changes, metrics
from tests.servers import free_port, wait_until
from tests.unit.cast import Cast, assemble


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """This test's database, in place of the process's own."""
    database = Database(database_url)
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
def _nobody_was_here_before() -> Iterator[None]:
    yield
    limiter.forget()
    metrics.forget()


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Set variables, then call `settings.cache_clear()`; all is undone at the end."""
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()
    use_gateway(None)


@pytest.fixture(scope="session")
def _sandbox_process() -> Iterator[str]:
    port = free_port()
    env = {**os.environ, "SANDBOX_PORT": str(port), "SANDBOX_STATE": "", "SANDBOX_WEBHOOK_URLS": ""}
    process = subprocess.Popen([sys.executable, "-m", "booking_ui.sandbox"], env=env)
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
    except requests.ConnectionError:
        return False


@pytest.fixture
def sandbox(_sandbox_process: str, configured: pytest.MonkeyPatch) -> str:
    """The URL of a running sandbox that the gateway of this process talks to."""
    configured.setenv("RAZORPAY_API_URL", _sandbox_process)
    settings.cache_clear()
    use_gateway(None)
    return _sandbox_process


@pytest.fixture
def dead_gateway(configured: pytest.MonkeyPatch) -> str:
    """A gateway that nobody answers for."""
    url = f"http://127.0.0.1:{free_port()}"
    configured.setenv("RAZORPAY_API_URL", url)
    settings.cache_clear()
    use_gateway(None)
    return url
