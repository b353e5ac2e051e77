"""The worker: its order of work at its start, and the nudge that makes a job run at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Event

import pytest
from sqlmodel import col, update

from booking_ui import worker
from booking_ui.db.models import Notification
from booking_ui.db.session import write
from booking_ui.domain.channel import Channel
from booking_ui.gateways import mail, texts
from booking_ui.services.booking import cancel, claim
from booking_ui.services.journal import heartbeats
from booking_ui.services.upkeep import health
from booking_ui.services.upkeep import invariants as promises
from tests.support.cast import NOW, Cast
from tests.support.paying import bill_of, paid, paid_at_the_desk
from tests.support.phones import proven


def test_what_fell_due_while_nobody_worked_is_done_before_the_promises_are_counted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    monkeypatch.setattr(worker, "utc_now", lambda: NOW + timedelta(hours=9))
    judging = next(job for job in worker.JOBS if job.name == "promises")
    monkeypatch.setattr(worker, "JOBS", (judging,))

    async def until_counted() -> None:
        work = asyncio.create_task(worker.run())
        async with asyncio.timeout(20):
            await _until(work, lambda: judging.name in heartbeats.last_beats())
        await _ended(work)

    asyncio.run(until_counted())
    assert [count.violated for count in promises.last()] == [0] * 10


def test_a_refund_leaves_at_once_when_its_visit_is_cancelled(
    cast: Cast, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job is looked for once an hour here, so that only the nudge can make it leave in time."""
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    refunds = next(job for job in worker.JOBS if job.name == "refunds")
    monkeypatch.setattr(worker, "JOBS", (replace(refunds, every=timedelta(hours=1)),))

    async def story() -> None:
        work = asyncio.create_task(worker.run())
        async with asyncio.timeout(20):
            await _until(work, lambda: "refunds" in heartbeats.last_beats())
            click = partial(
                cancel.cancel_by_policy, patient_id=cast.asha, appointment_id=appointment_id, now=NOW
            )
            await asyncio.to_thread(click)
            await _until(work, lambda: bill_of(appointment_id).status == "refunded")
        await _ended(work)

    asyncio.run(story())


@pytest.mark.usefixtures("db")
def test_a_job_that_always_finds_more_is_not_late(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(NOW + timedelta(seconds=30 * n) for n in range(100))
    monkeypatch.setattr(worker, "utc_now", lambda: next(clock))
    heartbeats.beat(job="texts", now=NOW)
    left = iter([20] * 20 + [0])
    late: list[timedelta] = []

    def send(now: datetime) -> int:
        beats = heartbeats.last_beats()
        late.append(now - beats["texts"])
        return next(left)

    assert asyncio.run(worker.work_off(worker.Job("texts", send, timedelta(seconds=2)))) == 400
    assert max(late) < health.LATE


def test_a_provider_of_texts_that_hangs_holds_up_no_mail(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    proven(cast.asha)
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, visit)
    with write() as tx:
        texted = update(Notification).where(col(Notification.channel) == Channel.SMS)
        tx.exec(texted.values(next_attempt_at=NOW - timedelta(minutes=1)))
    monkeypatch.setattr(worker, "utc_now", lambda: NOW)
    once = [replace(one, every=timedelta(hours=1)) for one in worker.JOBS if one.name in ("mails", "texts")]
    monkeypatch.setattr(worker, "JOBS", tuple(once))
    free, sent = Event(), Event()
    monkeypatch.setattr(texts, "send", lambda _text: free.wait(20))
    monkeypatch.setattr(mail, "send", lambda _mail: sent.set())

    async def story() -> None:
        work = asyncio.create_task(worker.run())
        try:
            async with asyncio.timeout(20):
                await _until(work, sent.is_set)
        finally:
            free.set()
        await _until(work, lambda: {"mails", "texts"} <= set(heartbeats.last_beats()))
        await _ended(work)

    asyncio.run(story())


def test_a_provider_of_whatsapp_that_hangs_holds_up_no_sms(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven(cast.asha)
    monkeypatch.setattr(texts, "configured", lambda: (Channel.SMS, Channel.WHATSAPP))
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, visit)
    with write() as tx:
        hanging = update(Notification).where(col(Notification.channel) == Channel.WHATSAPP)
        tx.exec(hanging.values(next_attempt_at=NOW - timedelta(minutes=1)))
    monkeypatch.setattr(worker, "utc_now", lambda: NOW)
    names = ("texts", "whatsapp")
    once = [replace(one, every=timedelta(hours=1)) for one in worker.JOBS if one.name in names]
    monkeypatch.setattr(worker, "JOBS", tuple(once))
    free, hung, sent = Event(), Event(), Event()

    def send(text: texts.Text) -> None:
        if text.channel is Channel.SMS:
            sent.set()
        else:
            hung.set()
            free.wait(20)

    monkeypatch.setattr(texts, "send", send)

    async def story() -> None:
        work = asyncio.create_task(worker.run())
        try:
            async with asyncio.timeout(20):
                await _until(work, lambda: hung.is_set() and sent.is_set())
        finally:
            free.set()
        await _until(work, lambda: set(names) <= set(heartbeats.last_beats()))
        await _ended(work)

    asyncio.run(story())


async def _until(work: asyncio.Task[None], done: Callable[[], bool]) -> None:
    while not await asyncio.to_thread(done):
        await asyncio.wait([work], timeout=0.05)


async def _ended(work: asyncio.Task[None]) -> None:
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
