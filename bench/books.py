"""The end of `make crash`: wait until nothing is under way, then compare the clinic's books with the sandbox's ledger."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa

from booking_ui.config.settings import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET
from booking_ui.db.session import read
from tests.support.servers import ROOT

PATIENCE = 300.0  # seconds until what does not settle is a fault
DAYS = 4 * 24 * 3600
VISITS = ("confirmed", "completed", "no_show")
Doc = dict[str, Any]

UNDER_WAY = {
    "webhooks wait": "SELECT COUNT(*) FROM webhook_event WHERE status = 'waiting'",
    "refunds wait": "SELECT COUNT(*) FROM refund WHERE status = 'pending'",
    "mails wait": "SELECT COUNT(*) FROM notification WHERE status = 'waiting'",
    "holds are open": "SELECT COUNT(*) FROM appointment WHERE status = 'pending_payment'",
}
PARKED = {
    "parked webhooks": "SELECT COUNT(*) FROM webhook_event WHERE status = 'parked'",
    "parked mails": "SELECT COUNT(*) FROM notification WHERE status = 'parked'",
    "failed refunds": "SELECT COUNT(*) FROM refund WHERE status = 'failed'",
}
ATTEMPTS = """
    SELECT t.gateway_payment_id, a.status, p.gateway_payment_id AS kept, p.amount_paise,
           COALESCE((SELECT SUM(r.amount_paise) FROM refund r WHERE r.gateway_payment_id = t.gateway_payment_id
                     AND r.status = 'processed'), 0) AS refunded,
           (SELECT COUNT(*) FROM refund r WHERE r.gateway_payment_id = t.gateway_payment_id) AS refunds
    FROM payment_attempt t JOIN payment p ON p.id = t.payment_id JOIN appointment a ON a.id = p.appointment_id
"""
PAID = """
    SELECT p.gateway_payment_id FROM appointment a JOIN payment p ON p.appointment_id = a.id
    WHERE a.status IN ('confirmed', 'completed', 'no_show')
"""


@dataclass
class Books:
    """Counts of the sandbox's ledger, and its differences from our books."""

    payments: int = 0
    captured: int = 0
    kept: int = 0
    refunded: int = 0
    webhooks: int = 0
    sent_again: int = 0
    faults: list[str] = field(default_factory=list)


def broken_promises(env: Mapping[str, str]) -> list[str]:
    """The lines of `python -m booking_ui invariants` when it finds anything."""
    done = subprocess.run(
        [sys.executable, "-m", "booking_ui", "invariants"],
        cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()


async def settle(sandbox_url: str) -> Books:
    """The books once nothing is under way here and four days have passed at the sandbox.

    The days are needed: after many failures Razorpay tries a webhook again only hours later, and we ask about a quiet
    order only after 1, 5 and 15 minutes.
    """
    deadline = time.monotonic() + PATIENCE
    while (left := _counted(UNDER_WAY)) and time.monotonic() < deadline:
        await _moment()
    if left:
        return Books(faults=left)
    await _days_pass(sandbox_url)
    while (found := await _compared(sandbox_url)).faults and time.monotonic() < deadline:
        await _moment()
    return found


async def _moment() -> None:
    """Wait a moment: other processes send no event to wait for."""
    await asyncio.sleep(0.5)


async def _days_pass(sandbox_url: str) -> None:
    """Let four days pass at the sandbox, with their retries, late money and lapses."""
    async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False, timeout=120) as client:
        for seconds in (600, DAYS, DAYS):  # a small step first: an address that failed for a day is given up
            (await client.post("/_sandbox/clock/advance", json={"seconds": seconds})).raise_for_status()


def _counted(what: Mapping[str, str]) -> list[str]:
    with read() as tx:
        counts = {name: int(tx.execute(sa.text(query)).scalar_one()) for name, query in what.items()}
    return [f"{count} {name}" for name, count in counts.items() if count]


async def _listed(client: httpx.AsyncClient, kind: str) -> list[Doc]:
    """All entities of a kind, read page by page while nothing new is made."""
    found: list[Doc] = []
    while True:
        page = await client.get(f"/v1/{kind}", params={"count": 100, "skip": len(found)})
        page.raise_for_status()
        found += page.json()["items"]
        if page.json()["count"] < 100:
            return found


async def _compared(sandbox_url: str) -> Books:
    keys = (SANDBOX_KEY_ID, SANDBOX_KEY_SECRET)
    async with httpx.AsyncClient(base_url=sandbox_url, auth=keys, trust_env=False, timeout=120) as client:
        payments, refunds = await _listed(client, "payments"), await _listed(client, "refunds")
        events = (await client.get("/_sandbox/events")).json()
    tries = [len(delivery["attempts"]) for event in events for delivery in event["deliveries"]]
    captured = [payment for payment in payments if payment["captured"]]
    found = Books(len(payments), len(captured), webhooks=len(events), sent_again=sum(tries) - len(tries))
    found.faults += _counted(UNDER_WAY | PARKED)
    _compare(captured, refunds, found)
    return found


def _compare(captured: list[Doc], refunds: list[Doc], found: Books) -> None:
    with read() as tx:
        ours = {row.gateway_payment_id: row for row in tx.execute(sa.text(ATTEMPTS))}
        paid = {row.gateway_payment_id for row in tx.execute(sa.text(PAID))}
    made: dict[str, int] = defaultdict(int)
    for refund in refunds:
        made[refund["payment_id"]] += 1
    for payment in captured:
        row = ours.get(payment["id"])
        if row is None:
            found.faults.append(f"{payment['id']} was captured and we never heard of it")
            continue
        kept = row.status in VISITS and row.kept == payment["id"]
        found.kept += kept
        found.refunded += not kept
        found.faults += _wrong(payment, row, kept=kept, refunds=made[payment["id"]])
    found.faults += [
        f"{lost} is confirmed, but was never captured" for lost in paid - {p["id"] for p in captured}
    ]


def _wrong(payment: Doc, row: Any, *, kept: bool, refunds: int) -> list[str]:
    """The faults of captured payments: each must pay exactly for a visit, or have gone back whole and once."""
    due = 0 if kept else payment["amount"]
    rules = (
        (kept and payment["amount"] != row.amount_paise, "pays for a visit of another price"),
        (payment["amount_refunded"] != due, f"{payment['amount_refunded']} of {due} paise went back"),
        (row.refunded != due, f"our books say that {row.refunded} of {due} paise went back"),
        (refunds != row.refunds, f"{refunds} refunds at Razorpay, {row.refunds} in our books"),
    )
    return [f"{payment['id']} ({row.status}): {fault}" for broken, fault in rules if broken]
