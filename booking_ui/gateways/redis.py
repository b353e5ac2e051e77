"""Redis as an accelerator, never as the truth: when it is slow or away, everything works without it.

After a failure it is left alone for a moment, and then one caller knocks for all: a Redis that is dead, or hangs, costs a
crowd one short wait and not one each, and the log a line now and then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import redis
import structlog
from redis.lock import Lock

from booking_ui.config.settings import settings

log = structlog.get_logger()

ANSWER_SECONDS = 0.25
LEAVE_ALONE_SECONDS = 2.0
SAID_EVERY_SECONDS = 30.0
TURN_SECONDS = 10.0  # after which a holder that died is forgotten
WAIT_SECONDS = 2.0
PAUSE_SECONDS = 0.01
KEPT_SECONDS = 60

_guard = threading.Lock()
_inside: set[str] = set()  # names that are alone in this process
_client: redis.Redis | None = None


@dataclass
class _Outage:
    """The time in which Redis does not answer; instants are of the monotonic clock."""

    began: float
    said: float
    knock_at: float
    without: int = 1  # calls that went on without Redis


_outage: _Outage | None = None


def connected() -> redis.Redis | None:
    """The client, or None when Redis is not used or away."""
    global _client
    if not settings().redis_url:
        return None
    with _guard:
        if _client is None:
            _client = redis.Redis.from_url(
                settings().redis_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
            )
        client, now = _client, time.monotonic()
        if _outage is None:
            return client
        if now < _outage.knock_at:
            _outage.without += 1
            return None
        _outage.knock_at = now + LEAVE_ALONE_SECONDS  # the others go on without Redis meanwhile
    return client if _answers(client) else None


def _answers(client: redis.Redis) -> bool:
    global _outage
    try:
        client.ping()
    except redis.RedisError as exc:
        left_alone(exc)
        return False
    with _guard:
        over, _outage = _outage, None
    if over:
        _say("redis.back", over)
    return True


def left_alone(exc: Exception) -> None:
    """Redis just failed: `connected` gives None until it answers again."""
    global _outage
    now = time.monotonic()
    with _guard:
        if _outage is None:
            _outage = _Outage(began=now, said=now, knock_at=now + LEAVE_ALONE_SECONDS)
            log.warning("redis.away", reason=type(exc).__name__)
            return
        _outage.without += 1
        if now - _outage.said >= SAID_EVERY_SECONDS:
            _outage.said = now
            _say("redis.still_away", _outage)


def _say(event: str, outage: _Outage) -> None:
    seconds = round(time.monotonic() - outage.began)
    log.warning(event, seconds=seconds, calls_without_redis=outage.without)


def reconnect() -> None:
    """Connect anew on the next call (tests, changed settings)."""
    global _client, _outage
    with _guard:
        if _client is not None:
            _client.close()
        _client, _outage = None, None


@contextmanager
def turn(name: str) -> Iterator[None]:
    """Go through one at a time, by name, across processes; a crowd waits here instead of in the database.

    Only politeness: after WAIT_SECONDS, or without Redis, the caller goes on all the same.
    """
    lock = _taken(f"turn:{name}")
    try:
        yield
    finally:
        if lock is not None:
            # Released by its token only: one that expired under a slow holder is another's by now, which is an error too.
            with suppress(redis.RedisError):
                lock.release()


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """True inside for one caller at a time, by name, in this process and, with Redis, in all of them. Nobody waits."""
    with _guard:
        entered = name not in _inside
        _inside.add(name)
    try:
        lock, free = _taken_at_once(f"alone:{name}") if entered else (None, False)
        try:
            yield free
        finally:
            if lock is not None:
                with suppress(redis.RedisError):
                    lock.release()
    finally:
        if entered:
            _inside.discard(name)


def _taken_at_once(name: str) -> tuple[Lock | None, bool]:
    """The lock, and whether the caller may go on: also without Redis, but not when another has it."""
    client = connected()
    if client is None:
        return None, True
    lock = client.lock(name, timeout=TURN_SECONDS, blocking=False)
    try:
        return (lock, True) if lock.acquire() else (None, False)
    except redis.RedisError as exc:
        left_alone(exc)
        return None, True


def _taken(name: str) -> Lock | None:
    client = connected()
    if client is None:
        return None
    lock = client.lock(name, timeout=TURN_SECONDS, sleep=PAUSE_SECONDS, blocking_timeout=WAIT_SECONDS)
    try:
        return lock if lock.acquire() else None
    except redis.RedisError as exc:
        left_alone(exc)
        return None


def load_text(key: str) -> str | None:
    """The text that was saved under this key less than KEPT_SECONDS ago; None also without Redis."""
    client = connected()
    if client is None:
        return None
    try:
        found: Any = client.get(f"kept:{key}")
    except redis.RedisError as exc:
        left_alone(exc)
        return None
    return found.decode() if found is not None else None


def save_text(key: str, text: str) -> None:
    """Save a text for the other processes; without Redis nothing happens."""
    client = connected()
    if client is None:
        return
    try:
        client.set(f"kept:{key}", text, ex=KEPT_SECONDS)
    except redis.RedisError as exc:
        left_alone(exc)
