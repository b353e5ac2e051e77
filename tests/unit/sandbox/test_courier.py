"""The courier sleeps no longer than until the next delivery is due."""

from __future__ import annotations

import asyncio

from booking_ui.sandbox.bank import jobs
from booking_ui.sandbox.box import Box, set_endpoints
from booking_ui.sandbox.clock import Clock
from booking_ui.sandbox.settings import Settings
from booking_ui.sandbox.store import Store
from booking_ui.sandbox.webhooks import queue
from booking_ui.sandbox.webhooks.courier import Courier


class TickingClock(Clock):
    """A millisecond passes with every look at it, as between two statements."""

    def now(self) -> float:
        self.offset += 0.001
        return self.offset


async def slept_over(milliseconds: int) -> bool:
    """True if a delivery that falls due so soon is neither begun at once nor waited for."""
    box = Box(settings=Settings(), store=Store(""), clock=TickingClock())
    courier = Courier(box, jobs)
    with box.store.transaction():
        set_endpoints(box.store, ("http://127.0.0.1:9/hook",))
        queue.emit(box, "order.paid", "pay_1", b"{}", gap=0.0)
        box.store.db.execute("UPDATE delivery SET due = ?", (box.clock.offset + milliseconds / 1000,))
    courier._work()
    lost = not courier._tasks and courier._pause() > 1
    await courier.close()
    box.store.close()
    return lost


def test_what_falls_due_between_two_looks_is_not_slept_over() -> None:
    assert [ahead for ahead in range(20) if asyncio.run(slept_over(ahead))] == []
