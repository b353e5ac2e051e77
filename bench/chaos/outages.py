"""The bad things that happen inside: Redis, PostgreSQL or the disk is away, and processes that are killed."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from bench.chaos.stage import Refused, Stage, Told
from booking_ui.edge import tab_store
from tests.support.full_disk import no_room
from tests.support.security.socket import NOTICE, Tab
from tests.support.servers import child_processes, wait_until

AWAY_SECONDS = 5.0
BUSY = 4  # patients who book and pay, one visit after the other
PATIENCE = 60.0
WORD_SECONDS = 2 * tab_store.KEPT_SECONDS  # shorter than the pause between two pings, which count as words


def redis_is_killed(on: Stage) -> Told:
    """`kill -9` of Redis with a click in an open tab; started again once the page has its answer."""
    return _without_redis(on, signal.SIGKILL)


def redis_hangs(on: Stage) -> Told:
    """Redis takes every call and never answers (SIGSTOP), with a click in an open tab."""
    return _without_redis(on, signal.SIGSTOP)


def _without_redis(on: Stage, how: signal.Signals) -> Told:
    assert on.redis is not None
    tab = Tab(on.app.base_url)
    tab.send("reflex___state____state.hydrate")
    tab.settle(NOTICE)
    on.begin()
    on.redis.signal(how)
    try:
        tab.send(NOTICE, {"text": "a click while Redis is away"})
        booking, desk = on.told_to_a_patient(), on.told_to_the_desk()
        page = _answer_to_the_click(tab)
    finally:
        on.redis.come_back()
    tab.send(NOTICE, {"text": "a click afterwards"})
    tab.until("a click afterwards", seconds=PATIENCE)
    tab.close()
    return Told(f"{booking}; the page says {page}", desk)


def _answer_to_the_click(tab: Tab) -> str:
    """The sentence on the page; a page that says nothing within seconds never will."""
    try:
        tab.until(tab_store.LOST, seconds=WORD_SECONDS)
    except TimeoutError:
        return "nothing"
    return f"“{tab_store.LOST}”"


def postgres_restarts(on: Stage) -> Told:
    """PostgreSQL is stopped for five seconds and started again while four patients book and pay without pause."""
    assert on.postgres is not None
    with _busy(on) as told:
        on.begin()
        on.postgres.stop()
        try:
            booking, desk = on.told_to_a_patient(), on.told_to_the_desk()
            threading.Event().wait(AWAY_SECONDS)
        finally:
            on.postgres.start()
    return Told(f"{booking}; of the busy patients' visits {_counted(told)}", desk)


@contextmanager
def _busy(on: Stage) -> Iterator[Counter[str]]:
    """Patients who book and pay while the block runs; their ends are counted."""
    over, ends, guard = threading.Event(), Counter[str](), threading.Lock()

    def visits() -> None:
        while not over.wait(0.2):
            try:
                on.book_and_pay()
                end = "confirmed"
            except Refused as refusal:
                end = str(refusal).partition(":")[0]
            except (httpx.TransportError, TimeoutError) as fault:
                end = type(fault).__name__
            with guard:
                ends[end] += 1

    with ThreadPoolExecutor(BUSY) as pool:
        for _ in range(BUSY):
            pool.submit(visits)
        try:
            yield ends
        finally:
            over.set()


def _counted(told: Counter[str]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in told.most_common())


def disk_is_full(on: Stage) -> Told:
    """No file of the clinic's processes can grow (RLIMIT_FSIZE), so that SQLite can commit nothing, for five seconds."""
    database = on.app.data_dir / "booking.db"
    app = on.app_processes()
    with no_room(database, app):
        on.begin()
        booking, desk = on.told_to_a_patient(), on.told_to_the_desk()
        threading.Event().wait(AWAY_SECONDS)
    return Told(booking, desk)


def processes_are_killed(on: Stage) -> Told:
    """`kill -9` of one of the app's two processes, of the server that leads them, and of the sandbox, one after the other.

    The pages, the API and the worker live in the app's processes.
    """
    on.begin()
    (server,) = child_processes(on.app.pid, "granian")
    one, _ = _pair(server) or [0, 0]
    os.kill(one, signal.SIGKILL)
    told = [f"an app process: {on.told_to_a_patient()}"]
    wait_until(lambda: one not in (_pair(server) or [one]), seconds=PATIENCE, what="another app process")

    os.kill(server, signal.SIGKILL)
    told.append(f"the server: {on.told_to_a_patient()}")
    wait_until(
        lambda: [pid for pid in child_processes(on.app.pid, "granian") if pid != server], what="a server"
    )
    wait_until(on.answers, seconds=PATIENCE, what="the clinic's answer")

    (sandbox,) = child_processes(on.app.pid, "booking_ui sandbox")
    os.kill(sandbox, signal.SIGKILL)
    told.append(f"the sandbox: {on.told_to_a_patient()}")
    desk = on.told_to_the_desk()
    wait_until(
        lambda: [pid for pid in child_processes(on.app.pid, "booking_ui sandbox") if pid != sandbox],
        seconds=PATIENCE,
        what="a sandbox",
    )
    return Told("; ".join(told), desk)


def _pair(server: int) -> list[int] | None:
    """The app's two processes; None while there are more or fewer."""
    found = child_processes(server, "")
    return found if len(found) == 2 else None
