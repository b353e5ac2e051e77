"""Razorpay takes every call and never answers: who pays is told so in seconds, and nobody else notices."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from booking_ui.domain.clock import utc_now
from booking_ui.edge import threads
from booking_ui.services.accounts import authentication
from booking_ui.services.booking import claim
from tests.support.security.clinic import Served, served

STATUSES, ORDERS, LOOKS = 48, 24, 40


@pytest.fixture
def clinic(sqlite_url: str, tmp_path: Path) -> Iterator[Served]:
    """A served app whose Razorpay hangs."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as silent:
        place = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with served(Path(sqlite_url.removeprefix("sqlite:///")), tmp_path, RAZORPAY_API_URL=place) as found:
            yield found


def test_a_patient_who_asks_without_end_while_razorpay_hangs_slows_nobody_down(clinic: Served) -> None:
    stage = clinic.stage
    held = claim.claim(patient_id=stage.cast.bilal, slot_id=stage.free_slot, now=utc_now())
    tokens = [
        authentication.issue_tokens(person_id=who, now=utc_now()).access_token
        for who in (stage.cast.asha, stage.cast.bilal)
    ]
    asha, bilal = ({"Authorization": f"Bearer {token}"} for token in tokens)

    async def timed(
        ask: httpx.AsyncClient, method: str, path: str, **more: object
    ) -> tuple[float, httpx.Response]:
        began = time.monotonic()
        answer = await ask.request(method, path, **more)  # type: ignore[arg-type]
        return time.monotonic() - began, answer

    async def story() -> tuple[list[tuple[float, httpx.Response]], ...]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=clinic.address, limits=limits, timeout=60) as ask:
            await ask.get("/api/doctors")
            statuses = [
                asyncio.create_task(
                    timed(ask, "GET", f"/api/appointments/{stage.held.id}/status", headers=asha)
                )
                for _ in range(STATUSES)
            ]
            orders = [
                asyncio.create_task(
                    timed(ask, "POST", "/api/payments/intent", headers=bilal, json={"appointmentId": held.id})
                )
                for _ in range(ORDERS)
            ]
            looks = [await timed(ask, "GET", "/api/doctors") for _ in range(LOOKS)]
            return looks, list(await asyncio.gather(*statuses)), list(await asyncio.gather(*orders))

    looks, statuses, orders = asyncio.run(story())
    assert {answer.status_code for _, answer in looks} == {200}
    slow = sorted(seconds for seconds, _ in looks)[int(LOOKS * 0.95)]
    assert slow < threads.GATEWAY_SECONDS, "nobody else waits as long as one question takes"
    assert {(a.status_code, a.json()["data"]["status"]) for _, a in statuses} == {(200, "pending_payment")}
    refused = {(a.status_code, a.json()["code"], a.json()["message"]) for _, a in orders}
    assert {(status, code) for status, code, _ in refused} == {(503, "gateway_unavailable")}
    assert all("still held" in sentence for _, _, sentence in refused)
    assert max(seconds for seconds, _ in [*statuses, *orders]) < 9, (
        "one question, and nobody queues behind it"
    )
    log = clinic.log.read_text()
    assert log.count("circuit.opened") == 1
    assert "Traceback" not in log
