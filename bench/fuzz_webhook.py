"""`make fuzz`: hundreds of thousands of broken, forged and poisoned webhooks at the door, then the worker on those that it took.

The application is called as the server calls it (ASGI), in process, on a real database. Real bodies are mutated in their
structure and in their bytes, signed rightly or in one of the ways a forger would try, and sent whole or in pieces. Right
is: a signed body 200, a forged one 400, a large one 413, never anything else; nothing that the worker takes up fails
otherwise than by being parked, and memory does not grow. Exits 1 on any finding.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlmodel import col, delete, func, select

from bench.bent_webhooks import PREVIOUS, Knock, knock
from bench.crowd import looking_into
from booking_ui.api.app import api
from booking_ui.config.settings import settings
from booking_ui.db.columns import DeliveryStatus
from booking_ui.db.models import WebhookEvent
from booking_ui.db.session import read, write
from booking_ui.domain.clock import utc_now
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.services.payments import webhook_inbox
from tests.support.security.stage import set_stage
from tests.support.servers import TRUSTED, migrate

HOOK = "/api/appointments/razorpay-webhook"
BATCH, AT_ONCE = 500, 16
RESULTS = Path(__file__).parent / "results"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one: it is the inputs that count, not the disk


@dataclass
class Result:
    sent: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    memory: list[int] = field(default_factory=list)  # MiB, at each tenth


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
    """Run the worker until each event has ended, then delete them."""
    while webhook_inbox.process_due(now=now, limit=BATCH):
        pass
    # One failure is enough: it would be tried again for hours and then be parked.
    with write() as tx:
        for row in tx.exec(select(WebhookEvent)).all():
            outcome, _ = webhook_inbox.outcomes(row)
            result.outcomes[f"{row.status}: {row.outcome_code}"] += 1
            if row.outcome_code is OutcomeCode.BROKEN or row.status is DeliveryStatus.WAITING:
                result.findings[f"the worker {outcome}: {row.body[:300]!r}"] += 1
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
