"""The asynchronous client of Redis, for the pages' state and the live updates: no command waits for ever.

A Redis that hangs takes connections and commands, and answers none. Reflex's own client would wait without an end, and
with it every click, every new tab and every look at the pages' health.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from reflex.utils import prerequisites

ANSWER_SECONDS = 2.0  # more than a busy process may need to look at an answer that is there


class Bounded(Redis):
    """Made by `bounded`."""

    listening: Redis

    def pubsub(self, **more: Any) -> PubSub:
        return self.listening.pubsub(**more)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await self.listening.aclose(close_connection_pool)
        await super().aclose(close_connection_pool)


def bounded(url: str, **more: Any) -> Redis:
    """A client whose commands are answered within ANSWER_SECONDS, or raise RedisError; a subscription may be silent for hours.

    A connection that broke is tried anew once, as Redis may have been started again since; a silent one is not.
    """
    common = {
        "socket_connect_timeout": ANSWER_SECONDS,
        "retry": Retry(NoBackoff(), 1, (NoConnection,)),
        **more,
    }
    made = Bounded.from_url(url, socket_timeout=ANSWER_SECONDS, **common)
    assert isinstance(made, Bounded)  # which mypy does not see
    made.listening = Redis.from_url(url, socket_keepalive=True, **common)
    return made


def lend_to_reflex() -> None:
    """From now on Reflex makes this client, for the pages' state, its list of tabs and its own check of health."""
    prerequisites.get_redis = _for_reflex


def _for_reflex() -> Redis | None:
    url = prerequisites.parse_redis_url()
    return bounded(url) if url else None
