"""The worker: applies webhooks, sends refunds and mails, frees expired holds, asks about quiet orders.

It runs inside the app (RUN_WORKER) or by itself: `python -m booking_ui worker`. Any number may run at once: each job
leases its rows, and each effect is safe to repeat.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from booking_ui.domain.channel import Channel
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import DatabaseAway
from booking_ui.edge import access, live
from booking_ui.edge.threads import call_job
from booking_ui.services.booking import completion, hold_expiry
from booking_ui.services.cases import alarms
from booking_ui.services.journal import audit_roots, changes, heartbeats, request_ids
from booking_ui.services.limits import idempotency
from booking_ui.services.payments import downtimes, orders, reconciliation, settlements, webhook_inbox
from booking_ui.services.receipts import issue
from booking_ui.services.refunds import send
from booking_ui.services.schedule import slots
from booking_ui.services.upkeep import (
    absences,
    alerts,
    audit_letter,
    delivery,
    invariants,
    reminders,
    retention,
)

log = structlog.get_logger()


QUICK = timedelta(minutes=1)  # a job that is looked for more often than this goes on while it finds work


@dataclass(frozen=True)
class Job:
    """A piece of work, looked for every so often, and at once when its topic is announced in this process."""

    name: str
    run: Callable[[datetime], int]
    every: timedelta
    topic: str = ""


HOLDS = Job("holds", lambda now: hold_expiry.expire_due(now=now), timedelta(seconds=5))
JOBS = (
    Job(
        "webhooks", lambda now: webhook_inbox.process_due(now=now), timedelta(seconds=1), webhook_inbox.TOPIC
    ),
    Job("refunds", lambda now: send.send_due(now=now), timedelta(seconds=1), send.TOPIC),
    HOLDS,
    Job("quiet orders", lambda now: orders.ask_quiet(now=now), timedelta(seconds=5)),
    Job("visits over", lambda now: completion.conclude_due(now=now), timedelta(seconds=30)),
    Job("receipts", lambda now: issue.issue_due(now=now), timedelta(seconds=5)),
    Job("mails", lambda now: delivery.deliver_due(now=now, by=(Channel.MAIL,)), timedelta(seconds=2)),
    # Apart: a provider that hangs holds up its own channel alone, neither the mails nor the codes by SMS.
    Job("texts", lambda now: delivery.deliver_due(now=now, by=(Channel.SMS,)), timedelta(seconds=2)),
    Job("whatsapp", lambda now: delivery.deliver_due(now=now, by=(Channel.WHATSAPP,)), timedelta(seconds=2)),
    Job("absences", lambda now: absences.watch(now=now), timedelta(minutes=1)),
    Job("alerts", lambda now: alerts.announce(now=now), timedelta(minutes=1)),
    Job("reminders", lambda now: reminders.remind(now=now), timedelta(minutes=1)),
    Job("unpaid", lambda now: reminders.remind_unpaid(now=now), timedelta(seconds=15)),
    Job("promises", lambda now: invariants.keep(now=now), timedelta(minutes=5)),
    Job("comparison", lambda now: reconciliation.compare_daily(now=now), timedelta(hours=1)),
    Job("audit roots", lambda now: audit_roots.extend(now=now), timedelta(minutes=1)),
    Job("audit letter", lambda now: audit_letter.send_daily(now=now), timedelta(hours=1)),
    Job("retention", lambda now: retention.sweep(now=now), timedelta(days=1)),
    Job("webhook silence", lambda now: alarms.check_silence(now=now), timedelta(hours=1)),
    Job("unpaid holds", lambda now: alarms.check_unpaid_holds(now=now), timedelta(minutes=5)),
    Job("idempotency keys", lambda now: idempotency.delete_old(now=now), timedelta(hours=1)),
    Job("settlements", lambda now: settlements.reconcile(now=now), timedelta(days=1)),
    Job("downtimes", lambda now: downtimes.refresh(now=now), timedelta(minutes=5)),
    Job("horizon", lambda now: slots.extend_horizon(now=now), timedelta(hours=1)),
)


async def run() -> None:
    """Work until cancelled."""
    nudges = {job: asyncio.Event() for job in JOBS}
    loop = asyncio.get_running_loop()

    def listen(topic: str) -> None:
        for job, nudge in nudges.items():
            if job.topic == topic:
                loop.call_soon_threadsafe(nudge.set)

    changes.listen(listen)
    try:
        await _run_logged(HOLDS)  # what fell due while nobody worked is done before the promises are counted
        async with asyncio.TaskGroup() as group:
            for job, nudge in nudges.items():
                group.create_task(_repeat(job, nudge))
    finally:
        changes.unlisten(listen)


async def _repeat(job: Job, nudge: asyncio.Event) -> None:
    while True:
        with request_ids.known_by(access.new_id("job"), job=job.name):
            await _run_logged(job)
        await _pause(job.every, nudge)


async def _run_logged(job: Job) -> None:
    """Run the job; an error goes to the log, and the job is looked for again."""
    try:
        await work_off(job)
    except DatabaseAway:
        return  # in the log; there is nothing to work on
    except Exception:
        log.exception("job.failed", job=job.name)


async def work_off(job: Job) -> int:
    """Run the job until it finds nothing more; the number of things it did.

    Each run leaves a heartbeat: a job with much to do is not late.
    """
    done, found = 0, 1
    while found:
        found = await call_job(job.run, utc_now())
        await call_job(heartbeats.beat, job=job.name, now=utc_now())
        done += found
        found = found if job.every < QUICK else 0
    return done


async def run_once(job: Job) -> int:
    """Work one job off in a process that then ends; the number of things it did."""
    telling = asyncio.create_task(live.run())
    try:
        with request_ids.known_by(access.new_id("job"), job=job.name):
            done = await work_off(job)
        await live.all_told()
    finally:
        telling.cancel()
    return done


async def _pause(every: timedelta, nudge: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(nudge.wait(), every.total_seconds())
    nudge.clear()


async def alone() -> None:
    """The worker as its own process: ends quietly on SIGTERM or Ctrl-C."""
    work = asyncio.gather(run(), live.run())  # what changes here must reach the tabs of the other processes
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        log.info("worker.stopped")
