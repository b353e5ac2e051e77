"""Counters over a moving window, in this process or, with Redis, for all processes.

While Redis is away each process counts for itself: a limit is then up to WORKERS times as wide, never an error.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import lru_cache
from threading import Lock, Timer

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from booking_ui.config.settings import settings
from booking_ui.gateways import redis

PREFIX = "limit"
TIDY_SECONDS = 1.0  # between two walks through all keys in memory; counting never waits for them

_guard = Lock()
_here: MovingWindowRateLimiter | None = None
_shared: MovingWindowRateLimiter | None = None


class _Pace:
    """A timer that counts as running for a second after it was set."""

    def __init__(self, timer: Timer) -> None:
        self._timer, self._until = timer, time.monotonic() + TIDY_SECONDS

    def start(self) -> None:
        self._timer.start()

    def is_alive(self) -> bool:
        return time.monotonic() < self._until


class _Memory(MemoryStorage):
    """The library would start a thread that walks through all keys a hundred times a second while a crowd is here."""

    @property  # type: ignore[override]  # the library sets it anew whenever it is not alive
    def timer(self) -> _Pace:
        return self._pace

    @timer.setter
    def timer(self, timer: Timer) -> None:
        self._pace = _Pace(timer)


def take(rules: str, key: str) -> int:
    """Count one more under `key` unless a rule is used up; returns seconds until it may be tried again, 0 for done."""
    return _asked(rules, key, count=True)


def peek(rules: str, key: str) -> int:
    """The answer that `take` would give, without counting."""
    return _asked(rules, key, count=False)


def clear(rules: str, key: str) -> None:
    """Forget what was counted under `key`."""

    def forget_it(limiter: MovingWindowRateLimiter) -> int:
        for rule in parsed(rules):
            limiter.clear(rule, key)
        return 0

    _with_the_best(forget_it)


def reset() -> None:
    """Begin anew (tests, changed settings)."""
    global _here, _shared
    with _guard:
        _here, _shared = None, None


@lru_cache(maxsize=64)
def parsed(rules: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse_many(rules))


def _asked(rules: str, key: str, *, count: bool) -> int:
    def ask(limiter: MovingWindowRateLimiter) -> int:
        found = parsed(rules)
        for rule in found if len(found) > 1 or not count else ():
            if not limiter.test(rule, key):
                return _seconds(limiter, rule, key)
        for rule in found if count else ():
            if not limiter.hit(rule, key):
                return _seconds(limiter, rule, key)
        return 0

    return _with_the_best(ask)


def _seconds(limiter: MovingWindowRateLimiter, rule: RateLimitItem, key: str) -> int:
    reset = limiter.get_window_stats(rule, key).reset_time
    return min(max(1, math.ceil(reset - time.time())), rule.get_expiry())


def _with_the_best(work: Callable[[MovingWindowRateLimiter], int]) -> int:
    """The answer of Redis, or of this process's own memory when Redis is not used or does not answer."""
    try:
        if shared := _in_redis():
            return work(shared)
    except RedisError as exc:
        redis.left_alone(exc)
    return work(_in_memory())


def _in_redis() -> MovingWindowRateLimiter | None:
    global _shared
    client = redis.connected()
    if client is None:
        return None
    with _guard:
        if _shared is None:
            storage = RedisStorage(
                settings().redis_url, connection_pool=client.connection_pool, key_prefix=PREFIX
            )
            _shared = MovingWindowRateLimiter(storage)
        return _shared


def _in_memory() -> MovingWindowRateLimiter:
    global _here
    with _guard:
        if _here is None:  # on first use: its timer is a thread, which forked workers must not inherit
            _here = MovingWindowRateLimiter(_Memory())
        return _here
