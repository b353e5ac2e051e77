"""Patients of `make crash`: they claim, pay in every way the sandbox knows, come back, cancel, and repeat requests that were cut off."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.crowd import free_slots, newcomers
from booking_ui.domain.clock import utc_now
from booking_ui.services.accounts import access_tokens

AT_ONCE = 10
POPULAR = 40  # slots that half of the patients want, so that money often comes too late
ALL = 2_500
Doc = dict[str, Any]

# The ways a payment goes, with their weights; "late" is answered while the hold lives or after its end.
WAYS = {
    "success": 40,
    "upi_retry": 10,
    "late_authorized": 15,
    "card_declined": 10,
    "payment_cancelled": 5,
    "authorized": 5,
    "amount_mismatch": 3,
    "unanswered": 4,
    "second_late": 4,
    "nothing": 4,
}
GIVES_UP = 0.2  # the share of patients who do so when an answer was cut off
LATEST = 90.0  # real seconds until a late payment is authorized; a hold lives 60
PACE = 20  # how much faster than ours the sandbox's seconds pass


@dataclass
class Tally:
    """Counts of the answers that patients got."""

    requests: int = 0
    cut_off: int = 0
    server_errors: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    stories: Counter[str] = field(default_factory=Counter)


class Gone(Exception):
    """The patient gave up, or was refused."""


@dataclass
class Visitor:
    """One browser; every visit is of another patient."""

    base_url: str
    sandbox_url: str
    rng: random.Random
    tally: Tally
    token: str = ""

    async def visits(self, done: asyncio.Event) -> None:
        """One visit after the other until `done`."""
        people, slots = newcomers(200), free_slots(ALL)
        async with (
            httpx.AsyncClient(base_url=self.base_url, trust_env=False, timeout=20) as self.app,
            httpx.AsyncClient(base_url=self.sandbox_url, trust_env=False, timeout=20) as self.bank,
        ):
            while not done.is_set():
                self.token = access_tokens.mint(self.rng.choice(people), 0, utc_now())
                slot_id = self.rng.choice(slots[:POPULAR] if self.rng.random() < 0.5 else slots)
                try:
                    await self._visit(slot_id)
                except Gone as why:
                    self.tally.stories[str(why)] += 1
                await asyncio.sleep(self.rng.uniform(0, 0.2))

    async def _visit(self, slot_id: int) -> None:
        held = await self._ask("POST", "appointments", availabilityId=slot_id)
        order = await self._ask("POST", "payments/intent", appointmentId=held["appointmentId"])
        way = self.rng.choices([*WAYS], [*WAYS.values()])[0]
        self.tally.stories[way] += 1
        result = await self._pay(order["gatewayOrderId"], way)
        if "razorpay_signature" in result and self.rng.random() < 0.5:
            await self._ask("POST", "appointments/payment-callback", **result)
        await self._afterwards(held["appointmentId"])

    async def _pay(self, order_id: str, way: str) -> Doc:
        if way == "nothing":
            return {}
        if way == "second_late":
            await self._bank(order_id, outcome="success")
        late = {"after": self.rng.uniform(0, LATEST) * PACE} if way == "late_authorized" else {}
        return await self._bank(order_id, outcome=way, **late)

    async def _bank(self, order_id: str, **how: object) -> Doc:
        answer = await self.bank.post(f"/_sandbox/orders/{order_id}/pay", json=how)
        found: Doc = answer.json().get("checkout", {})
        return found

    async def _afterwards(self, appointment_id: int) -> None:
        """Read the status once or twice; half of the confirmed visits are cancelled."""
        for _ in range(self.rng.randint(0, 2)):
            shown = await self._ask("GET", f"appointments/{appointment_id}/status")
            if shown["status"] == "confirmed" and self.rng.random() < 0.5:
                await self._ask("POST", f"appointments/{appointment_id}/cancel")
                self.tally.stories["cancelled"] += 1
                return

    async def _ask(self, method: str, path: str, **body: object) -> Doc:
        """The answer's data. A request that was cut off is repeated until its answer; one patient in five gives up.

        Raises Gone.
        """
        while True:
            try:
                answer = await self.app.request(
                    method,
                    f"/api/{path}",
                    json=body or None,
                    headers={"Authorization": f"Bearer {self.token}"},
                )
            except httpx.ConnectError:  # nobody was there to ask
                await asyncio.sleep(0.1)
                continue
            except httpx.TransportError as exc:
                self.tally.requests += 1
                self.tally.cut_off += 1
                if self.rng.random() < GIVES_UP:
                    raise Gone("gave up") from exc
                continue
            self.tally.requests += 1
            return self._understood(answer)

    def _understood(self, answer: httpx.Response) -> Doc:
        found = answer.json()
        self.tally.statuses[f"{answer.status_code} {found.get('code', '')}".strip()] += 1
        self.tally.server_errors += answer.status_code >= 500
        if not found["success"]:
            raise Gone(f"refused: {found['code']}")
        data: Doc = found["data"]
        return data
