"""The bounded thread pool between asynchronous states and routes and the synchronous services.

Reflex runs synchronous handlers on the event loop: one slow query would stall every patient. So every state and every
route awaits `call(service, …)`.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from booking_ui.config.settings import settings

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 16  # the database pool's size: a thread never waits for a connection
_pool: ThreadPoolExecutor | None = None


async def call(service: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service in the pool; its errors arrive here unchanged."""
    global _pool
    if _pool is None:  # on first use: forked workers must not inherit threads
        _pool = ThreadPoolExecutor(THREADS, thread_name_prefix="service")
    context = contextvars.copy_context()
    work = partial(context.run, service, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_pool, work)


async def call_quick(service: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service that only counts: on the event loop where it counts in memory, in a thread where it asks Redis.

    Not in the pool: a stranger must be refused even while every service thread waits for the database.
    """
    if settings().redis_url:
        return await asyncio.to_thread(service, *args, **kwargs)
    return service(*args, **kwargs)
