"""Redis hangs: it takes every connection and answers none. Nobody waits for it longer than for one that is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from booking_ui.edge import redis_client, tab_store
from tests.support.security.clinic import Served, served
from tests.support.security.socket import NOTICE, Tab
from tests.support.servers import hanging, redis_server, wait_until

HYDRATE = "reflex___state____state.hydrate"
SOON = redis_client.ANSWER_SECONDS + 1.0  # seconds that a caller may wait who needs no page's state


@pytest.fixture
def redis() -> Iterator[str]:
    """The address of a Redis of one's own."""
    with redis_server() as url:
        yield url


@pytest.fixture
def clinic(sqlite_url: str, redis: str, tmp_path: Path) -> Iterator[Served]:
    database = Path(sqlite_url.removeprefix("sqlite:///"))
    with served(database, tmp_path, REDIS_URL=redis, RATE_LIMIT_TRUSTED_IPS="") as found:
        yield found


@contextmanager
def within(seconds: float, *, what: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    passed = time.monotonic() - begun
    assert passed < seconds, f"{what} took {passed:.1f} s"


def opened(clinic: Served) -> Tab:
    tab = Tab(clinic.address)
    tab.send(HYDRATE)
    assert tab.settle(NOTICE)
    return tab


def test_a_click_is_said_to_be_lost_and_the_next_one_is_answered_soon_after_redis_goes_on(
    clinic: Served, redis: str
) -> None:
    tab = opened(clinic)
    with hanging(redis):
        begun = clinic.log.stat().st_size
        tab.send(NOTICE, {"text": "a click while Redis hangs"})
        with within(tab_store.KEPT_SECONDS + 2 * redis_client.ANSWER_SECONDS, what="the sentence"):
            tab.until(tab_store.LOST, seconds=60)
        written = clinic.log.read_text()[begun:]
        assert len(written) < 4_000, written
        assert written.count("pages.redis_away") == 1
    with within(5, what="the first click afterwards"):
        tab.send(NOTICE, {"text": "a click afterwards"})
        tab.until("a click afterwards", seconds=60)
    assert "Traceback" not in clinic.log.read_text()
    tab.close()


def test_a_click_that_comes_before_redis_goes_on_is_kept(clinic: Served, redis: str) -> None:
    tab = opened(clinic)
    with hanging(redis):
        tab.send(NOTICE, {"text": "a kept click"})
        wait_until(lambda: "pages.redis_away" in clinic.log.read_text(), what="the line of the outage")
    with within(5, what="the kept click"):
        tab.until("a kept click", seconds=60)
    tab.close()


def test_who_needs_no_state_is_answered_soon_and_limits_hold_and_the_service_is_not_ready(
    clinic: Served, redis: str
) -> None:
    def answered(method: str, path: str, **body: str) -> int:
        with within(SOON, what=path):
            return httpx.request(method, clinic.address + path, json=body or None, timeout=60).status_code

    def wrong_password() -> int:
        return answered("POST", "/api/auth/login", email="asha@example.com", password="not-hers")

    with hanging(redis):
        assert answered("GET", "/api/doctors") == 200
        assert answered("GET", "/api/ready") == 503
        assert answered("GET", "/_health") in (200, 503)
        tries = [wrong_password() for _ in range(12)]
        assert (tries[0], tries[-1], set(tries)) == (401, 429, {401, 429})
        assert clinic.log.read_text().count("redis.away") == 1

    def used_again() -> bool:
        wrong_password()
        return "redis.back" in clinic.log.read_text()

    wait_until(used_again, seconds=5, what="the use of Redis")


def test_a_tab_that_opens_while_redis_hangs_lives_afterwards(clinic: Served, redis: str) -> None:
    opened(clinic).close()
    with hanging(redis):
        tab = Tab(clinic.address)
        tab.send(NOTICE, {"text": "early"})
        wait_until(lambda: "pages.redis_away" in clinic.log.read_text(), what="the line of the outage")
    with within(10, what="the new tab"):
        tab.send(NOTICE, {"text": "a click afterwards"})
        tab.until("a click afterwards", seconds=60)
    assert "Traceback" not in clinic.log.read_text()
    tab.close()
