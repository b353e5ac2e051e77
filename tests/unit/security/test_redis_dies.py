"""Redis, which keeps what the tabs show, dies under an open tab with a click, and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from booking_ui.edge import tab_store
from tests.support.security.clinic import Served, served
from tests.support.security.socket import NOTICE, Tab
from tests.support.servers import free_port, redis_server, wait_until


@pytest.fixture
def redis_port() -> int:
    return free_port()


@pytest.fixture
def redis(redis_port: int) -> Iterator[ExitStack]:
    """A Redis of one's own; `close` kills it."""
    with ExitStack() as running:
        running.enter_context(redis_server(port=redis_port))
        yield running


@pytest.fixture
def clinic(sqlite_url: str, redis: ExitStack, redis_port: int, tmp_path: Path) -> Iterator[Served]:
    del redis
    database = Path(sqlite_url.removeprefix("sqlite:///"))
    with served(database, tmp_path, REDIS_URL=f"redis://127.0.0.1:{redis_port}/0") as found:
        yield found


def test_a_click_while_redis_is_away_is_kept_or_said_to_be_lost_and_costs_next_to_nothing(
    clinic: Served, redis: ExitStack, redis_port: int
) -> None:
    tab = Tab(clinic.address)
    tab.send("reflex___state____state.hydrate")
    assert tab.settle(NOTICE)
    redis.close()
    log = clinic.log.stat().st_size
    tab.send(NOTICE, {"text": "a click while Redis is away"})
    tab.until(tab_store.LOST, seconds=30)
    written = clinic.log.read_text()[log:]
    assert len(written) < 4_000, written
    assert written.count("pages.redis_away") == 1

    tab.send(NOTICE, {"text": "another click, kept"})
    with redis_server(port=redis_port):
        tab.until("another click, kept", seconds=30)
        wait_until(lambda: "pages.redis_back" in clinic.log.read_text(), what="the line of the return")
        assert "Traceback" not in clinic.log.read_text()
        tab.close()
