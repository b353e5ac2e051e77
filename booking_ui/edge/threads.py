"""The bounded thread pools between asynchronous states and routes and the synchronous services.

Reflex runs synchronous handlers on the event loop: one slow query would stall every patient. So every state and every
route awaits `call(service, …)`, or `call_gateway(…)` for a service that may ask Razorpay: its threads are others, so that
a Razorpay that hangs stalls nobody else. Passwords, which cost a core, and the worker's jobs, which may wait long, have
threads of their own as well.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from booking_ui.config.settings import settings
from booking_ui.edge import outages
from booking_ui.gateways import razorpay

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 16  # pages, routes, webhooks
PASSWORD_THREADS = (
    2  # judging and hashing use a whole core each: in more threads they would only slow everybody down
)
GATEWAY_THREADS = 8
JOB_THREADS = (
    12  # more than there are jobs that wait for Razorpay or a mail server, so that the others always find one
)
GATEWAY_WAITING = 32  # more than these wait for no thread: they are answered without Razorpay
GATEWAY_SECONDS = 3.0  # all that one service may spend with Razorpay while somebody waits


class Pool:
    """Threads made on first use: forked workers must not inherit them."""

    def __init__(self, name: str, threads: int) -> None:
        self.name, self.threads = name, threads
        self.busy = 0  # services that run or wait
        self._executor: ThreadPoolExecutor | None = None

    async def run(self, service: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a service here, in the context of its caller; its errors arrive unchanged, but that the database is away.

        Raises DatabaseAway.
        """
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self.threads, thread_name_prefix=self.name)
        work = partial(contextvars.copy_context().run, service, *args, **kwargs)
        self.busy += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        except SQLAlchemyError as fault:
            if refusal := outages.refusal_of(fault):
                raise refusal from fault
            raise
        finally:
            self.busy -= 1


_pages = Pool("service", THREADS)
_passwords = Pool("password", PASSWORD_THREADS)
_gateway = Pool("gateway", GATEWAY_THREADS)
_jobs = Pool("job", JOB_THREADS)
_asked: set[str] = set()  # what Razorpay is being asked about


async def call(service: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service that asks nobody outside; its errors arrive here unchanged."""
    return await _pages.run(service, *args, **kwargs)


async def call_password(service: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service that judges, hashes or checks a password, a few at a time."""
    return await _passwords.run(service, *args, **kwargs)


async def call_gateway(about: str, service: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service that may ask Razorpay while somebody waits; it gets GATEWAY_SECONDS for that.

    While Razorpay is asked about the same thing, or too many wait, the service runs at once and each question of it is
    refused with GatewayUnavailable, so that a check answers with what is known. `about` is empty where one answer does
    not serve another, for instance for a payment that must be proven.
    """
    if about in _asked or _gateway.busy >= GATEWAY_THREADS + GATEWAY_WAITING:
        return await _pages.run(_hurried, 0.0, partial(service, *args, **kwargs))
    if about:
        _asked.add(about)
    try:
        return await _gateway.run(_hurried, GATEWAY_SECONDS, partial(service, *args, **kwargs))
    finally:
        _asked.discard(about)


def _hurried(seconds: float, service: Callable[[], R]) -> R:
    with razorpay.in_a_hurry(seconds):
        return service()


async def call_job(service: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a piece of work that nobody waits for, or that is known to take long; it may ask Razorpay with patience."""
    return await _jobs.run(service, *args, **kwargs)


async def call_quick(service: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service that only counts: on the event loop where it counts in memory, in a thread where it asks Redis.

    Not in a pool: a stranger must be refused even while every service thread waits for the database.
    """
    if settings().redis_url:
        return await asyncio.to_thread(service, *args, **kwargs)
    return service(*args, **kwargs)
