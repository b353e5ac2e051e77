"""What waits for Razorpay stands in nobody's way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import ContextVar
from threading import Event, current_thread

import pytest

from booking_ui.db import session
from booking_ui.domain.errors import GatewayUnavailable
from booking_ui.edge import threads
from booking_ui.edge.threads import call, call_gateway, call_job
from booking_ui.gateways.razorpay import gateway
from booking_ui.worker import JOBS
from tests.support.sandbox_control import a_silent_gateway, control

ORDER = "order_00000000000001"


@pytest.fixture(autouse=True)
def _pools_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that another test left waiting is in the way."""
    sizes = {"_pages": threads.THREADS, "_passwords": 2, "_gateway": threads.GATEWAY_THREADS, "_jobs": 12}
    for name, size in sizes.items():
        monkeypatch.setattr(threads, name, threads.Pool(name, size))
    monkeypatch.setattr(threads, "_asked", set())


def asked() -> str:
    """Ask about an order; the reason why Razorpay could not be asked."""
    try:
        gateway().payments_of(ORDER)
    except GatewayUnavailable as away:
        return away.reason
    return ""


def test_a_thread_never_waits_for_a_database_connection() -> None:
    together = threads.THREADS + threads.PASSWORD_THREADS + threads.GATEWAY_THREADS + threads.JOB_THREADS
    assert together <= session.POOL + session.OVERFLOW
    outside = {
        "webhooks",
        "refunds",
        "quiet orders",
        "mails",
        "texts",
        "whatsapp",
        "unpaid",
        "comparison",
        "settlements",
        "downtimes",
    }
    assert outside < {job.name for job in JOBS}
    assert len(outside) < threads.JOB_THREADS


def test_full_gateway_threads_hold_up_neither_pages_nor_jobs() -> None:
    release = Event()

    async def story() -> list[str]:
        room = threads.GATEWAY_THREADS + threads.GATEWAY_WAITING
        stuck = [asyncio.create_task(call_gateway("", release.wait, 20)) for _ in range(room)]
        await asyncio.sleep(0)
        try:
            return [await one(lambda: current_thread().name) for one in (call, call_job)]
        finally:
            release.set()
            assert all(await asyncio.gather(*stuck))

    assert [name.rpartition("_")[0] for name in asyncio.run(story())] == ["_pages", "_jobs"]


def test_a_hanging_razorpay_costs_who_waits_three_seconds_for_all_its_questions_together(
    configured: pytest.MonkeyPatch,
) -> None:
    configured.setattr(threads, "GATEWAY_SECONDS", 0.3)

    def three_questions() -> list[str]:
        return [asked() for _ in range(3)]

    with a_silent_gateway(configured):
        began = time.monotonic()
        found = asyncio.run(call_gateway("", three_questions))
    assert time.monotonic() - began < 5
    assert found == ["network", "no time left to ask", "no time left to ask"]


def test_while_an_order_is_asked_about_the_others_get_what_is_known_at_once(
    configured: pytest.MonkeyPatch,
) -> None:
    first_asks, release = Event(), Event()

    def first() -> str:
        first_asks.set()
        release.wait(20)
        return "first"

    async def story() -> tuple[list[str], str]:
        running = asyncio.create_task(call_gateway(ORDER, first))
        await asyncio.to_thread(first_asks.wait, 20)
        others = await asyncio.gather(*(call_gateway(ORDER, asked) for _ in range(48)))
        another_order = await call_gateway("order_00000000000002", lambda: "asked")
        release.set()
        assert await running == "first"
        assert await call_gateway(ORDER, lambda: "asked again") == "asked again"
        return others, another_order

    others, another_order = asyncio.run(story())
    assert others == ["no time left to ask"] * 48
    assert another_order == "asked"


def test_more_than_may_wait_are_answered_without_razorpay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "GATEWAY_WAITING", 2)
    release = Event()

    async def story() -> str:
        room = threads.GATEWAY_THREADS + 2
        waiting = [asyncio.create_task(call_gateway("", release.wait, 20)) for _ in range(room)]
        await asyncio.sleep(0)
        try:
            return await call_gateway("", asked)
        finally:
            release.set()
            await asyncio.gather(*waiting)

    assert asyncio.run(story()) == "no time left to ask"


def test_once_razorpay_is_known_to_be_away_nobody_waits_and_the_workers_answer_closes_the_circuit(
    sandbox: str,
) -> None:
    control(sandbox, "faults/http", {"kind": "502", "times": 0})

    async def ask_nine_times(how: Callable[..., object]) -> list[str]:
        return [await how("", asked) for _ in range(9)]  # type: ignore[misc]  # call_gateway

    found = asyncio.run(ask_nine_times(call_gateway))
    assert found[-1] == "known to be away"
    assert "known to be away" not in found[:-1]
    control(sandbox, "faults", method="DELETE")
    assert asyncio.run(call_gateway("", asked)) == "known to be away"
    asyncio.run(call_job(gateway().downtimes))  # a job is not refused
    assert asyncio.run(call_gateway("", gateway().downtimes)) == []


def test_the_callers_context_goes_along_and_errors_come_back_unchanged() -> None:
    who: ContextVar[str] = ContextVar("who", default="nobody")

    def fail() -> None:
        raise GatewayUnavailable(reason=who.get())

    async def story(run: Callable[..., object]) -> None:
        who.set("asha")
        await run(fail)  # type: ignore[misc]  # one of the three

    for run in (call, call_job, lambda service: call_gateway("", service)):
        with pytest.raises(GatewayUnavailable) as raised:
            asyncio.run(story(run))
        assert raised.value.reason == "asha"
