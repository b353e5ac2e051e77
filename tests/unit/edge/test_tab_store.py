"""The pages' store while Redis is away: one that knocks, many that wait, few lines of log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
import reflex as rx
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoRedis
from reflex.istate.manager import StateManager
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis
from reflex.utils import prerequisites
from reflex.utils.token_manager import RedisTokenManager, TokenManager
from reflex_base.config import get_config
from reflex_base.constants import StateManagerMode

from booking_ui.booking_ui import app, event_failed
from booking_ui.edge import live, redis_client, tab_store
from booking_ui.edge.tab_store import Outage, StateAway, TabStore
from booking_ui.states.shared.session import NoticeState
from tests.support.servers import free_port, hanging, redis_server, wait_until


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab_store, "PAUSES", (0.01,))
    monkeypatch.setattr(tab_store, "KEPT_SECONDS", 0.5)


def at(port: int) -> Redis:
    return Redis.from_url(f"redis://127.0.0.1:{port}/0")


def store(redis: Redis) -> TabStore:
    made: Any = TabStore  # see tab_store.patient
    found: TabStore = made(
        redis=redis, token_expiration=60, lock_expiration=10_000, lock_warning_threshold=1_000
    )
    return found


TAB = rx.BaseStateToken(ident="tab-1", cls=NoticeState)


async def handled(tabs: TabStore, *, during: Callable[[], object]) -> None:
    """One event of the tab, whose handler does `during`."""
    async with tabs.modify_state(TAB) as root:
        (await root.get_state(NoticeState)).text = "done"
        during()


def test_many_that_wait_knock_once_at_a_time_and_the_log_has_two_lines(
    capfd: pytest.CaptureFixture[str],
) -> None:
    knocks = 0

    async def knock() -> None:
        nonlocal knocks
        knocks += 1
        if knocks < 5:
            raise NoRedis

    async def story() -> list[bool]:
        outage = Outage(knock)
        for _ in range(500):
            outage.note(NoRedis())
        return await asyncio.gather(*(outage.ended(20) for _ in range(500)))

    assert asyncio.run(story()) == [True] * 500
    assert knocks == 5
    said = capfd.readouterr().err
    assert (said.count("pages.redis_away"), said.count("pages.redis_back")) == (1, 1)
    assert len(said.splitlines()) == 2


def test_a_long_outage_is_said_again_now_and_then_with_counts(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tab_store, "SAID_EVERY_SECONDS", 0.0)
    answers = iter([NoRedis(), NoRedis(), None])

    async def knock() -> None:
        if fault := next(answers):
            raise fault

    async def story() -> None:
        outage = Outage(knock)
        outage.note(NoRedis())
        outage.lost = 7
        assert await outage.ended(20)

    asyncio.run(story())
    said = capfd.readouterr().err
    assert said.count("pages.redis_still_away") == 2
    assert said.count("events_lost=7") == 3


def test_an_event_is_lost_before_it_began_and_unseen_once_its_handler_ran() -> None:
    async def story() -> tuple[StateAway, StateAway]:
        port = free_port()
        tabs = store(at(port))
        with ExitStack() as running:
            running.enter_context(redis_server(port=port))
            with pytest.raises(StateAway) as unseen:
                await handled(tabs, during=running.close)
        with pytest.raises(StateAway) as lost:
            await handled(tabs, during=lambda: pytest.fail("no handler runs without the tab's state"))
        await tabs.redis.aclose()
        return unseen.value, lost.value

    unseen, lost = asyncio.run(story())
    assert (unseen.begun, unseen.sentence) == (True, tab_store.UNSEEN)
    assert (lost.begun, lost.sentence) == (False, tab_store.LOST)


def test_no_event_of_before_keeps_the_tab_locked_when_redis_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_client, "ANSWER_SECONDS", 0.3)

    async def story(url: str) -> None:
        tabs = store(redis_client.bounded(url))
        await handled(tabs, during=lambda: None)
        with ExitStack() as hang:
            with pytest.raises(StateAway) as unseen:
                await handled(tabs, during=lambda: hang.enter_context(hanging(url)))
            with pytest.raises(StateAway) as lost:
                await handled(tabs, during=lambda: pytest.fail("no handler runs without the tab's state"))
            assert (unseen.value.begun, lost.value.begun) == (True, False)
        monkeypatch.setattr(tab_store, "KEPT_SECONDS", 30.0)
        await asyncio.wait_for(handled(tabs, during=lambda: None), 2)  # a lock lasts ten seconds
        await tabs.close()  # type: ignore[no-untyped-call]

    with redis_server() as url:
        asyncio.run(story(url))


def test_reflex_takes_our_client_for_states_tabs_and_its_check_of_health(
    configured: pytest.MonkeyPatch,
) -> None:
    configured.setattr(get_config(), "redis_url", "redis://127.0.0.1:1/0")
    configured.setattr(get_config(), "state_manager_mode", StateManagerMode.REDIS)
    tokens = TokenManager.create()
    states = StateManager.create()  # type: ignore[no-untyped-call]
    assert isinstance(tokens, RedisTokenManager)
    assert isinstance(states, StateManagerRedis)
    for client in (tokens.redis, states.redis, prerequisites.get_redis()):
        assert isinstance(client, redis_client.Bounded)


def test_a_click_that_comes_while_redis_starts_again_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab_store, "KEPT_SECONDS", 30.0)

    async def story() -> int:
        port = free_port()
        tabs = store(at(port))

        waiting = asyncio.create_task(handled(tabs, during=lambda: None))
        await asyncio.to_thread(wait_until, lambda: tabs.outage.lasts)
        with redis_server(port=port):
            await waiting
            async with tabs.modify_state(TAB) as root:
                assert (await root.get_state(NoticeState)).text == "done"
            await tabs.close()  # type: ignore[no-untyped-call]
        return tabs.outage.kept

    assert asyncio.run(story()) == 1


def test_only_reflexs_manager_in_redis_is_replaced() -> None:
    memory = StateManagerMemory()  # type: ignore[abstract]  # overloads that mypy takes for methods
    assert tab_store.patient(memory) is memory
    theirs = StateManagerRedis(  # type: ignore[abstract]  # as above
        redis=Redis(), token_expiration=5, lock_expiration=3_000, lock_warning_threshold=900
    )
    ours = tab_store.patient(theirs)
    assert isinstance(ours, TabStore)
    assert ours.redis is theirs.redis
    assert (ours.token_expiration, ours.lock_expiration, ours.lock_warning_threshold) == (5, 3_000, 900)


def test_a_failed_event_of_an_absent_store_makes_no_other_event_that_would_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[tuple[str, str, str]] = []
    monkeypatch.setattr(tab_store, "show", lambda *what: shown.append(what))
    assert event_failed(StateAway(begun=False)) is None
    assert shown == [(NoticeState.get_full_name(), "text", tab_store.LOST)]


def test_a_live_update_that_found_no_store_is_delivered_later_without_a_trace(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> set[str]:
        hub = live.Hub()
        hub.watch("doctor:1", "tab-1", live.Watch(NoticeState, lambda state, news: asyncio.sleep(0)))
        monkeypatch.setattr(hub, "_prune", lambda app: None)

        def away(*_given: object, **_named: object) -> object:
            raise StateAway(begun=False)

        monkeypatch.setattr(app, "modify_state", away)
        await hub.deliver(app, "doctor:1")
        return hub._pending

    assert asyncio.run(story()) == {"doctor:1"}
    assert "live update" not in caplog.text
