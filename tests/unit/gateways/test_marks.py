"""Marks are seen by those who come later, in this process and, with Redis, in all; they are forgotten in time."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from booking_ui.config.settings import settings
from booking_ui.gateways import marks, redis
from tests.support.races import at_once
from tests.support.servers import free_port

KEEP = timedelta(minutes=10)
THEN = 1_790_000_000.5


def others(mark: str, at: float = THEN, key: str = "one") -> dict[str, float]:
    return marks.add(key, mark, at=at, keep=KEEP)


@pytest.mark.usefixtures("turns")
def test_each_sees_the_others_under_its_key_until_they_are_removed() -> None:
    assert (others("a"), others("b", THEN + 1), others("c", key="two")) == ({}, {"a": THEN}, {})
    assert others("b", THEN + 2) == {"a": THEN}
    marks.remove("one", ["a", "never set"])
    marks.remove("one", [])
    assert others("d", THEN + 3) == {"b": THEN + 2}


@pytest.mark.usefixtures("turns")
def test_a_mark_is_forgotten_after_its_time() -> None:
    others("a")
    assert others("b", THEN + 599) == {"a": THEN}
    assert others("c", THEN + 601) == {"b": THEN + 599}


@pytest.mark.usefixtures("turns")
def test_of_many_at_once_each_sees_those_before_it() -> None:
    seen = at_once([partial(others, f"mark {n}") for n in range(12)])
    assert sorted(len(one) for one in seen if isinstance(one, dict)) == list(range(12))


def test_all_processes_see_the_same_marks_in_redis(with_redis: str) -> None:
    del with_redis
    others("a")
    marks.reset()  # as in another process
    assert others("b") == {"a": THEN}


def test_without_redis_a_process_knows_its_own(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}")
    settings.cache_clear()
    redis.reconnect()
    try:
        assert (others("a"), others("b")) == ({}, {"a": THEN})
        redis.reconnect()
        marks.remove("one", ["a"])
        assert others("c") == {"b": THEN}
    finally:
        redis.reconnect()


def test_a_key_of_long_ago_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "TIDY_EVERY", 1)
    others("a")
    others("b", THEN + 601, key="two")
    assert set(marks._here) == {"two"}
