"""Being alone with something: one caller at a time, in this process and across processes, and nobody waits."""

from __future__ import annotations

import pytest

from booking_ui.gateways import redis


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
