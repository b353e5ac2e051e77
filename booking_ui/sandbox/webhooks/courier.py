"""Carries webhooks to their addresses and runs the jobs that fall due."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Protocol

import httpx

from booking_ui.sandbox.box import Box
from booking_ui.sandbox.signing import webhook_signature
from booking_ui.sandbox.webhooks import queue
from booking_ui.sandbox.webhooks.queue import Delivery

_AT_ONCE = 32
_IDLE = 30.0
log = logging.getLogger("sandbox.webhooks")


class Jobs(Protocol):
    """Work that falls due between deliveries."""

    def run_due(self, box: Box) -> None: ...
    def next_due(self, box: Box) -> float | None: ...


class Courier:
    """Deliveries run side by side, except two about the same payment to the same address:
    only then is the order of events the order of arrival, as it mostly is at Razorpay."""

    def __init__(self, box: Box, jobs: Jobs) -> None:
        self._box = box
        self._jobs = jobs
        self._busy: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._looked = 0.0  # up to this instant of the box's clock all deliveries were seen
        self._client = httpx.AsyncClient(
            trust_env=False,
            timeout=box.settings.webhook_timeout,
            headers={"User-Agent": "Razorpay-Webhook/v1", "Accept-Encoding": "gzip"},
            limits=httpx.Limits(max_connections=_AT_ONCE),
        )

    async def run(self) -> None:
        while True:
            self._box.work.clear()
            self._work()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._box.work.wait(), self._pause())

    async def settle(self, patience: float = 30.0) -> None:
        """Return when nothing that is due is left, or after `patience` real seconds."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            self._work()
            if not self._tasks:
                return
            await asyncio.wait(
                self._tasks, timeout=end - time.monotonic(), return_when=asyncio.FIRST_COMPLETED
            )

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    def _work(self) -> None:
        with self._box.store.transaction():
            self._jobs.run_due(self._box)
            queue.disable_failing(self._box)
            self._looked = self._box.clock.now()
            # More than can start now: some of the first may have to wait for their predecessors.
            free = len(self._tasks) < _AT_ONCE
            waiting = queue.due(self._box, 10 * _AT_ONCE, by=self._looked) if free else []
        for delivery_id, url, subject in waiting:
            if (url, subject) not in self._busy and len(self._tasks) < _AT_ONCE:
                self._start(queue.load(self._box, delivery_id), (url, subject))

    def _start(self, delivery: Delivery, key: tuple[str, str]) -> None:
        self._busy.add(key)
        task = asyncio.create_task(self._deliver(delivery))
        self._tasks.add(task)

        def ended(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            self._busy.discard(key)
            self._box.work.set()
            if not done.cancelled() and (failure := done.exception()):
                log.error("a delivery failed here, not there", exc_info=failure)

        task.add_done_callback(ended)

    async def _deliver(self, delivery: Delivery) -> None:
        began = time.monotonic()
        outcome = await self._send(delivery)
        with self._box.store.transaction():
            queue.note_attempt(self._box, delivery, outcome, round((time.monotonic() - began) * 1000))
        log.info("%s %s -> %s", delivery.event_id, delivery.url, outcome)

    async def _send(self, delivery: Delivery) -> str:
        try:
            async with asyncio.timeout(self._box.settings.webhook_timeout):
                answer = await self._client.post(
                    delivery.url, content=delivery.body, headers=self._headers(delivery)
                )
        except (TimeoutError, httpx.TimeoutException):
            return "timeout"
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            return type(exc).__name__
        return str(answer.status_code)

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        faults = delivery.header_fault.split(",")
        if "no_event_id" not in faults:
            headers |= {"X-Razorpay-Event-Id": delivery.event_id, "Request-Id": delivery.event_id}
        if "none" in faults:
            return headers
        secret = self._box.previous_webhook_secret if "old" in faults else delivery.secret
        signature = webhook_signature(delivery.body, secret)
        if "wrong" in faults:
            signature = signature[:-1] + ("0" if signature[-1] != "0" else "1")
        return headers | {"X-Razorpay-Signature": signature}

    def _pause(self) -> float:
        """Real seconds until something falls due. What fell due since the last look counts, or it would be slept over."""
        coming = (queue.next_due(self._box, after=self._looked), self._jobs.next_due(self._box))
        dues = [due for due in coming if due is not None]
        return max(0.0, min([due - self._box.clock.now() for due in dues] + [_IDLE]))
