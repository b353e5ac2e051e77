"""`make fuzz`: hundreds of thousands of broken, forged and poisoned webhooks at the door, and the worker over what it took.

The application is called as the server calls it (ASGI), in process, on a real database. Real bodies are mutated in their
structure and in their bytes, signed rightly or in one of the ways a forger would try, and sent whole or in pieces. Right
is: a signed body 200, a forged one 400, a large one 413, never anything else; nothing that the worker takes up fails
otherwise than by being parked, and memory does not grow. Exits 1 on any finding.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hashlib
import hmac
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlmodel import col, delete, func, select

from bench.crowd import looking_into
from booking_ui.api.app import api
from booking_ui.config import SANDBOX_KEY_SECRET, SANDBOX_WEBHOOK_SECRET, settings
from booking_ui.db.columns import DeliveryStatus
from booking_ui.db.models import WebhookEvent
from booking_ui.db.session import read, write
from booking_ui.domain.clock import utc_now
from booking_ui.services import inbox
from tests.servers import TRUSTED, migrate
from tests.unit.security.stage import HELD_ORDER, PAID_ORDER, captured, set_stage

HOOK = "/api/appointments/razorpay-webhook"
LARGEST = 256 * 1024
PREVIOUS = "the-secret-before-the-present-one"
BATCH, AT_ONCE = 500, 16
RESULTS = Path(__file__).parent / "results"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one: it is the inputs that count, not the disk

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 100, 49_999, 50_001, 2**31 - 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**40, 0.5, -0.0,
    1e308, float("nan"), float("inf"), "", " ", "INR", "USD", "inr", "₹", "\x00", "pay_\x00", "\ud800", "🩺" * 40,
    "x" * 5_000, "' or 1=1 --", "../../etc/passwd", "<script>", "2026-01-05T00:00:00Z", [], [1], {}, {"entity": {}},
    {"$ref": "#"}, [[[[]]]], "captured", "refunded", "failed", "authorized", "created", "processed", "payment.captured",
    "refund.processed", "refund.failed", "payment.failed", "order.paid", HELD_ORDER, PAID_ORDER, "order_" + "A" * 14,
    "pay_" + "B" * 14, "rfnd_" + "C" * 14, 253_402_300_800, 10**18,
)  # fmt: skip
KINDS = (
    "application/json", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "", "application/xml", "application/json, application/json",
)  # fmt: skip
Entity = dict[str, Any]


@dataclass
class Knock:
    """One request: what is sent, in which pieces, and what must come back."""

    body: bytes
    headers: list[tuple[bytes, bytes]]
    pieces: list[bytes]
    expected: int


@dataclass
class Result:
    sent: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    memory: list[int] = field(default_factory=list)  # MiB, at each tenth


def bases(number: int) -> list[Entity]:
    """Real bodies about a booking of ours; each round has payments and refunds of its own."""
    payment = f"pay_{number:014d}"
    paid = json.loads(captured(HELD_ORDER, payment, created_at=1_767_587_400, fee=1_000, amount_refunded=0))
    entity = paid["payload"]["payment"]["entity"]
    refund = {
        "id": f"rfnd_{number:014d}", "entity": "refund", "amount": 50_000, "currency": "INR", "payment_id": payment,
        "receipt": None, "status": "processed", "notes": [], "created_at": 1_767_587_400,
    }  # fmt: skip
    found = [paid, json.loads(captured(PAID_ORDER)), json.loads(captured("order_" + "Z" * 14, payment))]
    for name, status in (("payment.failed", "failed"), ("payment.authorized", "authorized")):
        found.append(
            {**paid, "event": name, "payload": {"payment": {"entity": {**entity, "status": status}}}}
        )
    for name in ("refund.created", "refund.processed", "refund.failed"):
        both = {"payment": {"entity": {**entity, "status": "refunded"}}, "refund": {"entity": refund}}
        found.append({**paid, "event": name, "payload": both})
    return [*found, {**paid, "event": "order.paid"}, {"event": "payment.downtime.started", "payload": {}}]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything within a JSON value."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def bent(rng: random.Random, event: Entity) -> Entity:
    """One to three things replaced, removed, or moved in a body's structure."""
    found = deepcopy(event)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not found:
            break
        path = rng.choice(list(places(found)))
        holder: Any = found
        for key in path[:-1]:
            holder = holder[key]
        how = rng.random()
        if how < 0.7:
            holder[path[-1]] = rng.choice(ODD)
        elif how < 0.85:
            holder.pop(path[-1])
        else:
            holder[path[-1]] = [holder[path[-1]]] if rng.random() < 0.5 else {"entity": holder[path[-1]]}
    return found


def _flipped(rng: random.Random, body: bytes) -> bytes:
    found = bytearray(body or b"x")
    for _ in range(rng.randint(1, 4)):
        found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found)


def _twice(_rng: random.Random, body: bytes) -> bytes:
    return body.replace(b'"amount":', b'"amount":1,"amount":', 1).replace(
        b'"event":', b'"event":"x","event":', 1
    )


def _cut(rng: random.Random, body: bytes) -> bytes:
    return body[: rng.randrange(len(body) + 1)]


def _stuffed(rng: random.Random, body: bytes) -> bytes:
    at = rng.randrange(len(body) + 1)
    odd = (
        b"\x00",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xef\xbb\xbf",
        b"NaN",
        b"1" * 5_000,
        b"//",
        b"\\u0000",
    )
    return body[:at] + rng.choice(odd) + body[at:]


BYTES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _flipped,
    _twice,
    _cut,
    _stuffed,
    lambda _r, body: body.decode(errors="replace").encode("utf-16"),
    lambda _r, body: gzip.compress(body),
    lambda r, body: b"[" * r.choice((10, 1_000, 50_000)) + body,
    lambda r, body: b'{"event":' * r.choice((10, 500, 20_000)) + body,
    lambda r, _b: r.randbytes(r.randrange(400)),
    lambda _r, _b: b"",
    lambda r, body: body + b" " * r.choice((1, 10_000)),
)


def message(rng: random.Random, number: int) -> bytes:
    event = rng.choice(bases(number))
    event = event if rng.random() < 0.1 else bent(rng, event)
    body = json.dumps(event, ensure_ascii=rng.random() < 0.5).encode(errors="surrogatepass")
    return rng.choice(BYTES)(rng, body) if rng.random() < 0.35 else body


def sign(body: bytes, secret: str = SANDBOX_WEBHOOK_SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signature(rng: random.Random, body: bytes) -> tuple[bytes | None, bool]:
    """A signature header, and whether it is a right one."""
    if rng.random() < 0.6:
        return sign(body, PREVIOUS if rng.random() < 0.2 else SANDBOX_WEBHOOK_SECRET).encode(), True
    right = sign(body)
    forged: tuple[str | bytes | None, ...] = (
        None, "", " ", right.upper() if right.upper() != right else "x", right[:-1], right + "0", right[::-1], "0" * 64,
        sign(body, ""), sign(body, SANDBOX_KEY_SECRET), sign(body + b" "), sign(b""), f"sha256={right}", b"\xff" * 64,
        right.encode("utf-16"), hashlib.sha256(body).hexdigest(), f"{right},{right}", "é" * 32, f"{right}\t0",
        hmac.new(SANDBOX_WEBHOOK_SECRET.encode(), body, hashlib.md5).hexdigest(),
    )  # fmt: skip
    chosen = rng.choice(forged)
    if chosen == sign(body + b" ") or (chosen == sign(b"") and body == b""):
        return None, False
    return (chosen.encode() if isinstance(chosen, str) else chosen), False


def knock(rng: random.Random, number: int) -> Knock:
    body = message(rng, number)
    if rng.random() < 0.001:
        body += b" " * (LARGEST + 1 - len(body))
    signed_as, right = signature(rng, body)
    headers = [(b"host", b"localhost"), (b"content-type", rng.choice(KINDS).encode())]
    if signed_as is not None:
        headers.append((b"x-razorpay-signature", signed_as))
    event_id = rng.choice((f"evt_{number}", f"evt_{number}", "", "e" * 500, "é🩺", "' or 1=1", "same"))
    headers.append((b"x-razorpay-event-id", event_id.encode()))
    if rng.random() < 0.1:
        headers.append((b"content-encoding", rng.choice((b"gzip", b"br", b"identity"))))
    if rng.random() < 0.5:
        length = rng.choice((str(len(body)), str(len(body)), "0", "-1", "x", "9" * 30)).encode()
        headers.append((b"content-length", length))
        if length.isdigit() and LARGEST < int(length) < 10**19:
            return Knock(body, headers, [body], 413)
    step = rng.choice((len(body) or 1, 1_000, 7)) if len(body) < 5_000 else 65_536
    pieces = [body[at : at + step] for at in range(0, len(body), step)] or [b""]
    expected = 413 if len(body) > LARGEST else 200 if right else 400
    return Knock(body, headers, pieces, expected)


async def answer(one: Knock) -> int:
    """The status that the application gives."""
    waiting = list(one.pieces)
    status = 0

    async def receive() -> dict[str, Any]:
        piece = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(sent: Any) -> None:
        nonlocal status
        status = sent.get("status", status)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": HOOK, "raw_path": HOOK.encode(),
        "query_string": b"", "root_path": "", "headers": one.headers, "client": ("127.0.0.1", 1), "server": ("localhost", 80),
        "asgi": {"version": "3.0"}, "extensions": {},
    }  # fmt: skip
    await api(scope, receive, send)
    return status


def worked_off(now: datetime, result: Result) -> None:
    """Let the worker take up everything, again and again until each event has its end; then forget them."""
    while inbox.process_due(now=now, limit=BATCH):
        pass
    # One failure is enough: it would be tried again for hours and then be parked.
    with write() as tx:
        rows = tx.exec(select(WebhookEvent.status, WebhookEvent.outcome, WebhookEvent.body)).all()
        for status, outcome, body in rows:
            result.outcomes[f"{status}: {outcome.partition(':')[0]}"] += 1
            if outcome.startswith("failed") or status is DeliveryStatus.WAITING:
                result.findings[f"the worker {outcome}: {body[:300]!r}"] += 1
        tx.exec(delete(WebhookEvent))


def memory() -> int:
    """Resident MiB now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20 if pages else peak


async def storm(count: int, seed: int, result: Result, say: Callable[[str], None]) -> None:
    rng = random.Random(seed)
    began = time.perf_counter()
    for start in range(0, count, BATCH):
        end = min(start + BATCH, count)
        for first in range(start, end, AT_ONCE):
            some = [knock(rng, number) for number in range(first, min(first + AT_ONCE, end))]
            for one, status in zip(some, await asyncio.gather(*map(answer, some)), strict=True):
                result.answers[status] += 1
                if status != one.expected:
                    result.findings[
                        f"{status} instead of {one.expected}: {one.headers} {one.body[:300]!r}"
                    ] += 1
        worked_off(utc_now() + timedelta(minutes=1), result)
        if end * 10 // count > start * 10 // count:
            result.memory.append(memory())
            say(f"{end} inputs, {time.perf_counter() - began:.0f} s, {result.memory[-1]} MiB")
    result.sent, result.seconds = count, time.perf_counter() - began


def fuzz(count: int, seed: int, say: Callable[[str], None] = lambda _: None) -> Result:
    """Send `count` inputs to the present database, which must hold the stage."""
    result = Result()
    asyncio.run(storm(count, seed, result, say))
    return result


def left_waiting() -> int:
    with read() as tx:
        waiting = col(WebhookEvent.status) == DeliveryStatus.WAITING
        return tx.exec(select(func.count()).select_from(WebhookEvent).where(waiting)).one()


def table(result: Result) -> list[str]:
    answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(result.answers.items()))
    ends = ", ".join(f"{count:,} {what}" for what, count in sorted(result.outcomes.items()))
    rows = [
        (
            "inputs",
            f"{result.sent:,} in {result.seconds:.0f} s ({result.sent / result.seconds:.0f} a second)",
        ),
        ("answers", answers),
        ("what the worker made of the stored", ends),
        ("resident memory at each tenth, MiB", ", ".join(map(str, result.memory))),
        ("findings", str(sum(result.findings.values()))),
    ]
    return ["| what | result |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--inputs", type=int, default=200_000)
    asked.add_argument("--seed", type=int, default=1)
    told = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    os.environ["RAZORPAY_WEBHOOK_SECRET_PREVIOUS"] = PREVIOUS
    os.environ["RATE_LIMIT_TRUSTED_IPS"] = TRUSTED  # the signature is to decide, not the limit of bad ones
    settings.cache_clear()
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.exists() else None) as home:
        url = f"sqlite:///{home}/fuzz.db"
        migrate(url, data_dir=Path(home))
        with looking_into(url):
            set_stage(utc_now())
            result = fuzz(told.inputs, told.seed, lambda text: print(text, flush=True))
    lines = table(result)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "fuzz.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    for finding, count in result.findings.most_common(20):
        print(f"{count} × {finding}")
    sys.exit(bool(result.findings))


if __name__ == "__main__":
    main()
