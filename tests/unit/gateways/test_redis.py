"""Being alone with something: one caller at a time, in every process. And a Redis that hangs, which nobody waits for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from booking_ui.config.settings import settings
from booking_ui.gateways import limiter, redis
from tests.support.servers import hanging, redis_server, wait_until


@pytest.fixture
def own_redis(configured: pytest.MonkeyPatch) -> Iterator[str]:
    """A Redis that this process uses, and no other test."""
    with redis_server() as url:
        configured.setenv("REDIS_URL", url)
        settings.cache_clear()
        redis.reconnect()
        yield url
        redis.reconnect()


def test_only_one_at_a_time_is_alone_and_the_next_one_is_afterwards(turns: str) -> None:
    with redis.alone("ask:1") as first, redis.alone("ask:1") as second, redis.alone("ask:2") as other:
        assert (first, second, other) == (True, False, True)
    with redis.alone("ask:1") as later:
        assert later


def test_another_process_that_is_alone_is_seen_through_redis(with_redis: str) -> None:
    client = redis.connected()
    assert client is not None
    with client.lock("alone:ask:1", timeout=5), redis.alone("ask:1") as free:
        assert not free
    with redis.alone("ask:1") as free:
        assert free


def test_an_error_inside_leaves_nobody_alone_for_ever(turns: str) -> None:
    with pytest.raises(ValueError, match="inside"), redis.alone("ask:1"):
        raise ValueError("inside")
    with redis.alone("ask:1") as free:
        assert free


def test_a_redis_that_hangs_costs_a_crowd_one_short_wait_and_one_line_and_is_used_again_soon(
    own_redis: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert limiter.take("5/minute", "somebody else") == 0
    with hanging(own_redis), ThreadPoolExecutor(8) as crowd:
        began = time.monotonic()
        waits = list(crowd.map(lambda _turn: limiter.take("5/minute", "somebody"), range(200)))
        assert time.monotonic() - began < 4 * redis.ANSWER_SECONDS
        assert waits.count(0) == 5  # counted here meanwhile
    wait_until(redis.connected, seconds=redis.LEAVE_ALONE_SECONDS + 1, what="the use of Redis")
    said = [line for line in capfd.readouterr().err.splitlines() if "redis." in line]
    assert ["redis.away" in said[0], "redis.back" in said[1], len(said)] == [True, True, 2]
    assert int(said[1].partition("calls_without_redis=")[2].split()[0]) >= 200


def test_one_caller_knocks_at_a_redis_that_hangs_and_the_others_go_on(
    own_redis: str, configured: pytest.MonkeyPatch
) -> None:
    configured.setattr(redis, "LEAVE_ALONE_SECONDS", 0.0)
    assert redis.connected() is not None
    with hanging(own_redis):
        redis.left_alone(TimeoutError())
        configured.setattr(redis, "LEAVE_ALONE_SECONDS", 60.0)
        began = time.monotonic()
        with ThreadPoolExecutor(1) as knocking:
            knock = knocking.submit(redis.connected)
            assert [redis.connected() for _ in range(100)] == [None] * 100
            assert knock.result() is None
        assert time.monotonic() - began < 3 * redis.ANSWER_SECONDS
