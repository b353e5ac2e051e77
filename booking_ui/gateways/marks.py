"""Marks under a key, each with its instant and forgotten after a while: in this process or, with Redis, for all processes.

While Redis is away each process knows its own marks alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta
from threading import Lock
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from booking_ui.gateways import redis

PREFIX = "marks"
TIDY_EVERY = 1000  # marks set in memory between two walks through all keys

_guard = Lock()
_here: dict[str, dict[str, float]] = {}
_set = 0


def add(key: str, mark: str, *, at: float, keep: timedelta) -> dict[str, float]:
    """Set a mark; returns the others not older than `keep`, each with its instant as seconds since 1970.

    Of several callers at once each sees the marks of those before it.
    """
    client = redis.connected()
    if client is not None:
        try:
            return _add_shared(client, key, mark, at, keep)
        except RedisError as exc:
            redis.left_alone(exc)
    return _add_here(key, mark, at, keep)


def remove(key: str, marks: Iterable[str]) -> None:
    """Forget these marks; one that is not there is no error."""
    gone = list(marks)
    client = redis.connected()
    if client is not None and gone:
        try:
            client.zrem(f"{PREFIX}:{key}", *gone)
        except RedisError as exc:
            redis.left_alone(exc)
    with _guard:
        for mark in gone:
            _here.get(key, {}).pop(mark, None)


def reset() -> None:
    """Forget all marks of this process (tests)."""
    with _guard:
        _here.clear()


def _add_shared(client: Redis, key: str, mark: str, at: float, keep: timedelta) -> dict[str, float]:
    name = f"{PREFIX}:{key}"
    with client.pipeline(transaction=True) as steps:
        steps.zremrangebyscore(name, "-inf", at - keep.total_seconds())
        steps.zadd(name, {mark: at})
        steps.zrange(name, 0, -1, withscores=True)
        steps.expire(name, math.ceil(keep.total_seconds()))
        found: list[Any] = steps.execute()[2]
    return {one.decode(): score for one, score in found if one.decode() != mark}


def _add_here(key: str, mark: str, at: float, keep: timedelta) -> dict[str, float]:
    global _set
    with _guard:
        _set += 1
        oldest = at - keep.total_seconds()
        for name in list(_here) if _set % TIDY_EVERY == 0 else [key]:
            _here[name] = {one: when for one, when in _here.get(name, {}).items() if when > oldest}
            if not _here[name]:
                del _here[name]
        mine = _here.setdefault(key, {})
        others = {one: when for one, when in mine.items() if one != mark}
        mine[mark] = at
        return others
