"""The pages' state in Redis, while Redis is away.

Reflex keeps what a tab shows in Redis and fails each event as long as Redis does not answer. A failed event calls our
handler of exceptions, whose message to the page is an event too: that one fails, calls the handler, and so on, which
cost a core and 3 MB of log a second (reflex-dev/reflex issues 3505 and 6855 are about the same place). So here:

- a Redis that hangs fails like one that is away, because edge/redis_client.py waits for no answer for ever
- a click waits KEPT_SECONDS for Redis, so that a restart of Redis loses none; after that the page is told that it is lost
- one task knocks at Redis, with growing pauses, however many clicks wait
- the log has one line when Redis goes, one every SAID_EVERY_SECONDS, and one when it is back, with counts
- the sentence is sent to the page without its state (`show`), and so can't fail for want of Redis
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import chain, repeat
from typing import Any

import structlog
from redis.exceptions import RedisError
from reflex.istate.manager import StateManager
from reflex.istate.manager.redis import StateManagerRedis
from reflex_base.event.context import EventContext

from booking_ui.languages import N_, _

log = structlog.get_logger(__name__)

KEPT_SECONDS = 8.0
PAUSES = (0.1, 0.25, 0.5, 1.0, 2.0)  # between two knocks; the last one again and again
SAID_EVERY_SECONDS = 30.0

LOST = N_(
    "Your last click is lost: part of our service is away. Nothing was changed by it. Please try again in a moment."
)
UNSEEN = N_(
    "We can't show what came of your last click: part of our service is away. "
    "Reload the page in a moment, before you try again."
)


class StateAway(Exception):
    """A tab's state can't be reached. `begun` when the event's handler ran: its work may be done all the same."""

    def __init__(self, *, begun: bool) -> None:
        self.begun = begun
        super().__init__(UNSEEN if begun else LOST)

    @property
    def sentence(self) -> str:
        return _(UNSEEN if self.begun else LOST)


class Outage:
    """The time in which Redis does not answer; `knock` raises RedisError as long as it lasts."""

    def __init__(self, knock: Callable[[], Awaitable[object]]) -> None:
        self._knock = knock
        self._knocking: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self.kept = self.lost = 0

    @property
    def lasts(self) -> bool:
        return self._knocking is not None and not self._knocking.done()

    def note(self, fault: RedisError) -> None:
        """Redis failed just now: begin to knock, unless somebody does already."""
        if self.lasts:
            return
        log.warning("pages.redis_away", reason=type(fault).__name__)
        self.kept = self.lost = 0
        self._over.clear()
        self._knocking = asyncio.create_task(self._knock_until_answered())

    async def ended(self, seconds: float) -> bool:
        """Wait for its end; False when it lasts longer."""
        if not self.lasts:
            return True
        try:
            await asyncio.wait_for(self._over.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _knock_until_answered(self) -> None:
        began = said = time.monotonic()
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            await asyncio.sleep(pause)
            try:
                await self._knock()
            except RedisError as fault:
                if time.monotonic() - said >= SAID_EVERY_SECONDS:
                    said = time.monotonic()
                    self._tell("pages.redis_still_away", said - began, reason=type(fault).__name__)
                continue
            break
        self._tell("pages.redis_back", time.monotonic() - began)
        self._over.set()

    def _tell(self, event: str, seconds: float, **more: str) -> None:
        log.warning(event, seconds=round(seconds), events_kept=self.kept, events_lost=self.lost, **more)


class TabStore(StateManagerRedis):
    """Reflex's own manager of states in Redis, patient while Redis is away. Its methods raise StateAway then."""

    def __post_init__(self) -> None:
        super().__post_init__()  # type: ignore[no-untyped-call]
        self.outage = Outage(self._knock)
        self._unsure: dict[bytes, bytes] = {}  # locks, by key, that nobody may release: Redis did not answer

    async def _knock(self) -> None:
        """Redis answers again: then it also did what it was asked meanwhile, and may keep locks of events that are over."""
        await self.redis.get("knock")
        while self._unsure:
            key, lock_id = next(iter(self._unsure.items()))
            if await self.redis.get(key) == lock_id:
                await self.redis.delete(key)
            del self._unsure[key]

    @asynccontextmanager
    async def modify_state(self, token: Any, **context: Any) -> AsyncIterator[Any]:
        begun = False
        try:
            async with super().modify_state(token, **context) as state:
                begun = True
                yield state
        except RedisError as fault:
            self.outage.note(fault)
            self.outage.lost += 1
            raise StateAway(begun=begun) from fault

    @asynccontextmanager
    async def _lock(self, token: Any, event_name: str | None = None) -> AsyncIterator[bytes]:
        lock_id = b""
        try:
            async with super()._lock(token, event_name=event_name) as lock_id:
                yield lock_id
        except RedisError:
            if lock_id:
                self._unsure[self._lock_key(token)] = lock_id
            raise

    async def _try_get_lock(self, lock_key: bytes, lock_id: bytes) -> bool | None:
        """True also when an earlier try got the lock, whose answer never came."""
        return await super()._try_get_lock(lock_key, lock_id) or await self.redis.get(lock_key) == lock_id

    async def _wait_lock(self, lock_key: bytes, lock_id: bytes) -> None:
        """The first thing that an event does with Redis, and so the one that waits for its return."""
        until, waited = time.monotonic() + KEPT_SECONDS, False
        while True:
            if not await self.outage.ended(max(0.0, until - time.monotonic())):
                self.outage.lost += 1
                if waited:
                    self._unsure[lock_key] = lock_id
                raise StateAway(begun=False)
            try:
                await super()._wait_lock(lock_key, lock_id)
            except RedisError as fault:
                self.outage.note(fault)
                waited = True
            else:
                self.outage.kept += waited
                return

    async def _subscribe_lock_updates(self) -> None:
        """Reflex would write an error and begin anew, every second."""
        try:
            await super()._subscribe_lock_updates()  # type: ignore[no-untyped-call]
        except RedisError as fault:
            self.outage.note(fault)
            await self.outage.ended(3600)


def patient(manager: StateManager) -> StateManager:
    """The manager to use in place of the one that Reflex made; others than Redis' stay as they are."""
    if not isinstance(manager, StateManagerRedis):
        return manager
    store: Any = TabStore  # without its cache, mypy takes Reflex's overloaded methods for missing ones
    made: StateManager = store(
        redis=manager.redis,
        token_expiration=manager.token_expiration,
        lock_expiration=manager.lock_expiration,
        lock_warning_threshold=manager.lock_warning_threshold,
    )
    return made


_showing: set[asyncio.Task[None]] = set()


def show(state: str, var: str, value: str) -> None:
    """Set a var on the page of the event that is being handled, past its stored state; `state` is the full name."""
    event = EventContext.get()
    task = asyncio.get_running_loop().create_task(event.emit_delta({state: {f"{var}_rx_state_": value}}))
    _showing.add(task)
    task.add_done_callback(_showing.discard)
