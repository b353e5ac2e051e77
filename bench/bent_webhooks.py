"""Broken webhooks: real bodies mutated in structure and bytes, signed rightly or in a forger's way."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from booking_ui.config.settings import SANDBOX_KEY_SECRET, SANDBOX_WEBHOOK_SECRET
from tests.support.security.stage import HELD_ORDER, PAID_ORDER, captured

LARGEST = 256 * 1024
PREVIOUS = "the-secret-before-the-present-one"

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
    """One request as it is sent, piece by piece, with the status that must come back."""

    body: bytes
    headers: list[tuple[bytes, bytes]]
    pieces: list[bytes]
    expected: int


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
    trouble = {"id": f"down_{number:014d}", "entity": "payment.downtime", "method": "upi", "begin": 1_767_587_400,
               "end": None, "status": "started", "severity": "high", "instrument": {"vpa_handle": "ybl"},
               "created_at": 1_767_587_400, "updated_at": 1_767_587_400}  # fmt: skip
    name = "payment.downtime.started"
    return [
        *found,
        {**paid, "event": "order.paid"},
        {"event": name, "payload": {}},
        {"event": name, "payload": {"payment.downtime": {"entity": trouble}}},
    ]


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
    """A signature header, and True when it is a right one."""
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
