"""One hub per worker: "something about doctor 7 changed" reaches every tab that watches doctor 7.

Services announce a topic after their commit, in a service thread; the hub hands it to its event loop, collapses bursts,
and lets each watching tab reload from the database. With REDIS_URL it publishes its topics to the other processes and
subscribes to theirs. Changes that are announced nowhere (no Redis, a lost message, a hold that ended) are found by polling
the watched doctors' times twice a second, which costs one tiny query while nothing was written. A page that is stale
meanwhile never makes a wrong booking: the database refuses what the page still offers.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import reflex as rx
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from booking_ui.config.settings import settings
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import DatabaseAway
from booking_ui.edge.gate import page_language
from booking_ui.edge.redis_client import bounded
from booking_ui.edge.tab_store import StateAway
from booking_ui.edge.threads import call
from booking_ui.languages import speaking, spoken
from booking_ui.services.journal import changes
from booking_ui.services.schedule import availability

T = TypeVar("T")

logger = logging.getLogger(__name__)

CHANNEL = "clinic:changes"
TABS_AT_ONCE = 16  # reloads of one topic that run side by side
OUTBOX = 1_000  # changes kept for Redis while it is slow; more are dropped
POLL_SECONDS = 0.5  # a change of another process is on the page after this long at most
RECONNECT_SECONDS = (1, 2, 5, 10)


class News:
    """One delivery. `once` loads a snapshot that all tabs of this delivery share."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._shared: dict[tuple[str, str], asyncio.Task[Any]] = {}

    async def once(self, name: str, load: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of `load()`, which is awaited once under its name, and in each language, however many tabs ask."""
        key = (name, spoken())
        if key not in self._shared:
            self._shared[key] = asyncio.create_task(load())
        shared: T = await asyncio.shield(self._shared[key])
        return shared


@dataclass(frozen=True)
class Watch:
    """A tab's way to take news: `apply(state, news)` reloads the page state of class `cls`."""

    cls: type[rx.State]
    apply: Callable[[Any, News], Awaitable[None]]


class Hub:
    def __init__(self) -> None:
        self.me = ""
        self._tabs: dict[str, dict[str, Watch]] = {}
        self._pending: set[str] = set()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._outbox: asyncio.Queue[str] = asyncio.Queue(OUTBOX)

    # -- watching ------------------------------------------------------------------------------------------------

    def watch(self, topic: str, tab: str, watch: Watch) -> None:
        """Deliver `topic` to the tab from now on, and no longer the topic that its page watched before."""
        self.unwatch(tab, watch.cls)
        self._tabs.setdefault(topic, {})[tab] = watch

    def unwatch(self, tab: str, cls: type[rx.State]) -> None:
        for topic, tabs in list(self._tabs.items()):
            if (found := tabs.get(tab)) and found.cls is cls:
                self._drop(topic, tab)

    def watching(self, topic: str) -> set[str]:
        return set(self._tabs.get(topic, ()))

    def _drop(self, topic: str, tab: str) -> None:
        tabs = self._tabs.get(topic, {})
        tabs.pop(tab, None)
        if not tabs:
            self._tabs.pop(topic, None)

    # -- announcing ----------------------------------------------------------------------------------------------

    def announce(self, topic: str) -> None:
        """Called by services, in any thread, after their commit."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._announce_here, topic)

    def _announce_here(self, topic: str) -> None:
        self.deliver_soon(topic)
        if settings().redis_url and not self._outbox.full():
            self._outbox.put_nowait(topic)

    def deliver_soon(self, topic: str) -> None:
        """Mark `topic` for delivery. Without a watching tab nothing happens; a burst costs one delivery."""
        if topic in self._tabs:
            self._pending.add(topic)
            self._wake.set()

    # -- delivering ----------------------------------------------------------------------------------------------

    async def deliver_forever(self, app: rx.App) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            topics, self._pending = self._pending, set()
            for topic in topics:
                await self.deliver(app, topic)

    async def deliver(self, app: rx.App, topic: str) -> None:
        """Reload every open tab that watches `topic`; closed tabs are dropped."""
        self._prune(app)
        news, turns = News(topic), asyncio.Semaphore(TABS_AT_ONCE)

        async def reload(tab: str, watch: Watch) -> None:
            async with turns, app.modify_state(rx.BaseStateToken(ident=tab, cls=watch.cls)) as root:
                state = await root.get_state(watch.cls)
                with speaking(page_language(state)):
                    await watch.apply(state, news)

        tabs = list(self._tabs.get(topic, {}).items())
        outcomes = await asyncio.gather(*(reload(tab, watch) for tab, watch in tabs), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, StateAway):
                self.deliver_soon(topic)  # once Redis is back; each try has waited for it
            elif isinstance(outcome, DatabaseAway):
                continue  # in the log; the page's next question finds what it missed
            elif isinstance(outcome, Exception):  # one broken tab must not silence the others
                logger.error("live update of %s failed", topic, exc_info=outcome)

    def _prune(self, app: rx.App) -> None:
        if app.event_namespace is None:
            return
        open_tabs = app.event_namespace.token_to_sid
        for topic, tabs in list(self._tabs.items()):
            for tab in [tab for tab in tabs if tab not in open_tabs]:
                self._drop(topic, tab)

    # -- other processes -----------------------------------------------------------------------------------------

    async def publish_forever(self, url: str) -> None:
        async with bounded(url, decode_responses=True) as client:
            away = 0  # changes since Redis answered last that the other processes were not told of
            while True:
                topic = await self._outbox.get()
                try:
                    await client.publish(CHANNEL, f"{self.me} {topic}")
                except (RedisError, OSError) as fault:
                    if not away:
                        logger.warning("could not tell the other processes: %s", fault)
                    away += 1 + self._drop_outbox()
                else:
                    if away:
                        logger.warning("the other processes are told again, but not of %s changes", away)
                    away = 0
                finally:
                    self._outbox.task_done()

    def _drop_outbox(self) -> int:
        """Each would wait for Redis as long as the one before it; the other processes find them by polling."""
        dropped = self._outbox.qsize()
        for _ in range(dropped):
            self._outbox.get_nowait()
            self._outbox.task_done()
        return dropped

    async def all_told(self) -> None:
        """Wait until the other processes know of every change made here; without Redis at once."""
        await self._outbox.join()

    async def subscribe_forever(self, url: str) -> None:
        tries = 0
        while True:
            try:
                async with (
                    bounded(url, decode_responses=True) as client,
                    client.pubsub() as inbox,
                ):
                    await inbox.subscribe(CHANNEL)
                    tries = 0
                    async for message in inbox.listen():
                        self._take(message)
            except (RedisError, OSError) as away:
                pause = RECONNECT_SECONDS[min(tries, len(RECONNECT_SECONDS) - 1)]
                tries += 1
                logger.warning("Redis is away (%s); trying again in %s s", away, pause)
                await asyncio.sleep(pause)

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("type") == "message":
            sender, _, topic = str(message.get("data", "")).partition(" ")
            if sender != self.me:
                self.deliver_soon(topic)

    # -- polling -------------------------------------------------------------------------------------------------

    async def poll_forever(self) -> None:
        """Find changes that were announced nowhere: other processes without Redis, a lost message, a hold that ended."""
        before: dict[str, int] = {}
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                before = await self.poll(before)
            except SQLAlchemyError as fault:  # the next poll will find what this one missed
                logger.warning("could not look for changed times: %s", type(fault).__name__)
            except DatabaseAway:
                continue  # it is in the log

    async def poll(self, before: dict[str, int]) -> dict[str, int]:
        """Deliver the watched doctors whose times differ from `before`; returns the version of each now.

        A doctor who was not watched before may have changed since the page was read, and so is delivered once too.
        """
        ids = [int(topic.partition(":")[2]) for topic in self._tabs if topic.startswith("doctor:")]
        if not ids:
            return {}
        found = await call(availability.fingerprints, doctor_ids=sorted(ids), now=utc_now())
        now = {f"doctor:{doctor_id}": number for doctor_id, number in found.items()}
        for topic in now.keys() - {topic for topic, number in now.items() if before.get(topic) == number}:
            self.deliver_soon(topic)
        return now

    # -- running -------------------------------------------------------------------------------------------------

    async def run(self, app: rx.App | None) -> None:
        """Run until cancelled. `app` is None in a process without pages, which only announces to the others."""
        self._loop = asyncio.get_running_loop()
        self.me = secrets.token_hex(6)  # not earlier: forked workers would share the name
        changes.listen(self.announce)
        url = settings().redis_url
        async with asyncio.TaskGroup() as tasks:
            if app is not None:
                tasks.create_task(self.deliver_forever(app))
                tasks.create_task(self.poll_forever())
            if url:
                tasks.create_task(self.publish_forever(url))
            if url and app is not None:
                tasks.create_task(self.subscribe_forever(url))


hub = Hub()


def watch(topic: str, state: rx.State, apply: Callable[[Any, News], Awaitable[None]]) -> None:
    """Reload the tab of `state` whenever `topic` changes; called when its page loads."""
    hub.watch(topic, state.router.session.client_token, Watch(type(state), apply))


def unwatch(state: rx.State) -> None:
    """Called when the page is left."""
    hub.unwatch(state.router.session.client_token, type(state))


def is_watching(state: rx.State, topic: str) -> bool:
    return state.router.session.client_token in hub.watching(topic)


async def run(app: rx.App | None = None) -> None:
    """The lifespan task of a process with pages; without `app`, that of a worker (booking_ui.worker)."""
    await hub.run(app)


async def all_told() -> None:
    """For a process that ends when its work is done."""
    await hub.all_told()
