"""The time until the webhook door answers: the whole app in a process of its own, with its worker inside.

Razorpay waits five seconds; the promise is a tenth of one. Each event is new and genuine, about an order that is not
ours, so that the worker's part is the same for all.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import statistics
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from bench import stand
from booking_ui.config.settings import SANDBOX_WEBHOOK_SECRET
from tests.support.servers import free_port

HOOK = "/api/appointments/razorpay-webhook"
EVENTS, SENDERS, WARM = 4_000, 8, 40


def answers(url: str, home: Path) -> str:
    """Milliseconds to a 200 for a stored event: one sender by itself, then eight at once."""
    env = stand.environment(url, home, free_port(), sandbox_port=free_port())
    app = stand.app(env, home)
    with stand.running(app):
        return asyncio.run(_measured(app, f"http://127.0.0.1:{env['PORT']}"))


async def _measured(app: stand.Mortal, base_url: str) -> str:
    await app.answering(base_url)
    async with _client(base_url) as client:
        await _send(client, range(WARM))
        alone = await _send(client, range(WARM, WARM + EVENTS // 8))
    begin = WARM + EVENTS // 8
    shares = [range(begin + n, begin + EVENTS, SENDERS) for n in range(SENDERS)]
    async with AsyncExitStack() as doors:
        # Making a client takes this process 15 ms (its certificates): made in turn, and before any clock runs.
        senders = [await doors.enter_async_context(_client(base_url)) for _ in shares]
        crowd = await asyncio.gather(*map(_send, senders, shares))
    return f"alone {_spread(alone)}; {SENDERS} at once {_spread([ms for one in crowd for ms in one])}"


def _client(base_url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=30)


async def _send(client: httpx.AsyncClient, numbers: range) -> list[float]:
    took = []
    for number in numbers:
        body = _event(number)
        headers = {"X-Razorpay-Signature": _signed(body), "X-Razorpay-Event-Id": f"{number:014d}"}
        began = time.perf_counter()
        answer = await client.post(HOOK, content=body, headers=headers)
        took.append((time.perf_counter() - began) * 1000)
        assert (answer.status_code, answer.json()["data"]) == (200, {"new": True}), answer.text
    return took


def _event(number: int) -> bytes:
    entity = {
        "id": f"pay_{number:014d}", "entity": "payment", "amount": 50_000, "currency": "INR", "status": "captured",
        "order_id": "order_00000000000000", "method": "upi", "captured": True, "notes": [],
    }  # fmt: skip
    event = {"entity": "event", "event": "payment.captured", "payload": {"payment": {"entity": entity}}}
    return json.dumps(event, separators=(",", ":")).encode()


def _signed(body: bytes) -> str:
    return hmac.new(SANDBOX_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()


def _spread(took: list[float]) -> str:
    cut = statistics.quantiles(took, n=100)
    return f"p50 {statistics.median(took):.0f}, p99 {cut[-1]:.0f}, longest {max(took):.0f} ms"
