"""The bad things that happen inside: Redis, PostgreSQL or the disk is away, and processes that are killed."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import httpx

from bench.chaos.stage import Refused, Stage, Told
from booking_ui.edge import tab_store
from tests.support.full_disk import no_room
from tests.support.security.socket import NOTICE, Tab
from tests.support.servers import child_processes, hanging, wait_until

AWAY_SECONDS = 5.0
BUSY = 3  # patients who book and pay, one visit after the other
PATIENCE = 60.0
WORD_SECONDS = 2 * tab_store.KEPT_SECONDS  # shorter than the pause between two pings, which count as words


def redis_is_killed(on: Stage) -> Told:
    """`kill -9` of Redis with a click in an open tab; started again once the page has its answer."""
    assert on.redis is not None
    return _without_redis(on, on.redis.killed())


def redis_hangs(on: Stage) -> Told:
    """Redis takes every call and never answers (SIGSTOP), with a click in an open tab."""
    assert on.redis is not None
    return _without_redis(on, hanging(on.redis.url))


def _without_redis(on: Stage, away: AbstractContextManager[None]) -> Told:
    tab = Tab(on.app.base_url)
    tab.send("reflex___state____state.hydrate")
    tab.settle(NOTICE)
    on.begin()
    with away:
        tab.send(NOTICE, {"text": "a click while Redis is away"})
        booking, desk = on.told_to_a_patient(), on.told_to_the_desk()
        page = _answer_to_the_click(tab)
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
    """PostgreSQL is stopped for five seconds and started again while three patients book and pay without pause."""
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


def app_process_is_killed(on: Stage) -> Told:
    """`kill -9` of one of the app's two processes, in which pages, API and worker live."""
    (server,) = child_processes(on.app.pid, "granian")
    one = wait_until(lambda: _pair(server), what="two processes")[0]
    on.begin()
    os.kill(one, signal.SIGKILL)
    told, desk = on.told_to_a_patient(), on.told_to_the_desk()
    wait_until(lambda: one not in (_pair(server) or [one]), seconds=PATIENCE, what="another in its place")
    threading.Event().wait(AWAY_SECONDS)  # while it loads
    return Told(told, desk)


def server_is_killed(on: Stage) -> Told:
    """`kill -9` of the server that leads the app's processes; nobody is served until another one answers."""
    on.begin()
    server = _killed(on, "granian")
    told, desk = on.told_to_a_patient(), on.told_to_the_desk()
    _started_again(on, "granian", server)
    wait_until(on.answers, seconds=PATIENCE, what="the clinic's answer")
    return Told(told, desk)


def sandbox_is_killed(on: Stage) -> Told:
    """`kill -9` of the sandbox, and with it of Razorpay."""
    on.begin()
    sandbox = _killed(on, "booking_ui sandbox")
    told, desk = on.told_to_a_patient(), on.told_to_the_desk()
    _started_again(on, "booking_ui sandbox", sandbox)
    threading.Event().wait(AWAY_SECONDS)
    return Told(told, desk)


def _killed(on: Stage, module: str) -> int:
    """The id of the process that was killed, a child of the supervisor."""
    (process,) = child_processes(on.app.pid, module)
    os.kill(process, signal.SIGKILL)
    return process


def _started_again(on: Stage, module: str, before: int) -> None:
    def others() -> list[int]:
        return [one for one in child_processes(on.app.pid, module) if one != before]

    wait_until(others, seconds=PATIENCE, what=f"another {module}")


def _pair(server: int) -> list[int] | None:
    """The app's two processes; None while there are more or fewer."""
    found = child_processes(server, "")
    return found if len(found) == 2 else None
