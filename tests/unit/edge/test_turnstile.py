"""One address has a bounded number of requests or tabs open at once, and whoever leaves makes room."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import Message, Scope
from starlette.websockets import WebSocket

from booking_ui.api.app import api
from booking_ui.api.http import middleware
from booking_ui.config.settings import settings
from booking_ui.edge import perimeter
from booking_ui.edge.perimeter import Perimeter
from booking_ui.edge.turnstile import Turns, Turnstile

STRANGER, OTHER = "203.0.113.7", "203.0.113.8"
PROXY = "10.0.0.2"


def test_an_address_gets_its_places_and_no_more() -> None:
    turnstile = Turnstile("test", 2)
    first, second = turnstile.enter(STRANGER), turnstile.enter(STRANGER)
    assert first
    assert second
    assert turnstile.enter(STRANGER) is None
    assert turnstile.enter(OTHER)
    first.leave()
    first.leave()
    assert turnstile.enter(STRANGER)
    assert turnstile.enter(STRANGER) is None


def test_one_subscribers_addresses_share_their_places() -> None:
    turnstile = Turnstile("test", 1)
    assert turnstile.enter("2001:db8:1:2::1")
    assert turnstile.enter("2001:db8:1:2:ffff::9") is None
    assert turnstile.enter("2001:db8:1:3::1")


def test_a_trusted_address_has_all_the_places_it_wants(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("RATE_LIMIT_TRUSTED_IPS", "203.0.113.0/24")
    settings.cache_clear()
    turnstile = Turnstile("test", 1)
    assert all(turnstile.enter(STRANGER) for _ in range(5))


async def _goes(turns: Turns, line: str, name: str, gone: list[str]) -> None:
    await turns.take(line)
    gone.append(name)


def test_a_crowd_in_one_line_delays_another_line_by_a_few_of_its_own() -> None:
    async def story() -> list[str]:
        turns, gone = Turns(), list[str]()
        crowd = [asyncio.create_task(_goes(turns, STRANGER, f"crowd {n}", gone)) for n in range(100)]
        await asyncio.sleep(0)
        await asyncio.gather(_goes(turns, OTHER, "patient", gone), *crowd)
        return gone

    gone = asyncio.run(story())
    assert gone.index("patient") <= 2
    assert [one for one in gone if one != "patient"] == [f"crowd {n}" for n in range(100)]


def test_a_line_goes_on_without_those_who_left_it_and_is_then_forgotten() -> None:
    async def story() -> list[str]:
        turns, gone = Turns(), list[str]()
        line = [asyncio.create_task(_goes(turns, STRANGER, str(n), gone)) for n in range(4)]
        await asyncio.sleep(0)
        line[1].cancel()
        line[3].cancel()
        await asyncio.gather(*line, return_exceptions=True)
        await _goes(turns, STRANGER, "later", gone)
        return gone

    assert asyncio.run(story()) == ["0", "2", "later"]


class Waiting:
    """A caller behind the proxy whose request or tab stays open until `over` is set."""

    def __init__(self, app: Any, over: asyncio.Event, forwarded: str, **scope: Any) -> None:
        headers = [(b"x-forwarded-for", forwarded.encode()), (b"host", b"localhost:3000")]
        self.scope: Scope = {"headers": headers, "client": (PROXY, 1), "query_string": b"", **scope}
        self.told: list[Message] = []
        self._over, self._begun = over, False
        self.task = asyncio.create_task(app(self.scope, self.receive, self.send))

    async def receive(self) -> Message:
        if self.scope["type"] == "websocket" and not self._begun:
            self._begun = True
            return {"type": "websocket.connect"}
        await self._over.wait()
        return {"type": f"{self.scope['type']}.disconnect"}

    async def send(self, message: Message) -> None:
        self.told.append(message)


def request(app: Any, over: asyncio.Event, forwarded: str) -> Waiting:
    place = {"type": "http", "method": "POST", "path": "/api/auth/login", "raw_path": b"/api/auth/login"}
    return Waiting(app, over, forwarded, **place, root_path="", scheme="http", server=("localhost", 3000))


@pytest.fixture
def behind_a_proxy(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("TRUSTED_PROXY_HOPS", "1")
    settings.cache_clear()


@pytest.mark.usefixtures("behind_a_proxy")
def test_requests_are_counted_by_the_address_behind_the_proxy() -> None:
    async def story() -> tuple[list[Any], list[Any]]:
        app, over = Perimeter(api, None), asyncio.Event()
        waiting = [request(app, over, STRANGER) for _ in range(middleware.AT_ONCE)]
        await asyncio.sleep(0)
        one_more = request(app, over, STRANGER)
        await asyncio.wait_for(one_more.task, 5)
        other = request(app, over, OTHER)
        await asyncio.sleep(0)
        assert not other.task.done()
        over.set()
        await asyncio.gather(*(one.task for one in [*waiting, other]))
        again = request(app, over, STRANGER)
        await asyncio.wait_for(again.task, 5)
        return [one_more.told[0]["status"]], [one.told[0]["status"] for one in [*waiting, other, again]]

    refused, heard = asyncio.run(story())
    assert refused == [429]
    assert set(heard) == {400}  # they left before the end of their body


async def _tab(socket: WebSocket) -> None:
    await socket.accept()
    await socket.receive()


@pytest.mark.usefixtures("behind_a_proxy")
def test_tabs_are_counted_by_the_address_behind_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perimeter, "SOCKETS_AT_ONCE", 3)

    def tab(app: Any, over: asyncio.Event, forwarded: str) -> Waiting:
        return Waiting(app, over, forwarded, type="websocket", path="/_event/", root_path="", scheme="ws")

    async def story() -> list[str]:
        app, over = Perimeter(Starlette(routes=[WebSocketRoute("/_event/", _tab)]), None), asyncio.Event()
        tabs = [tab(app, over, STRANGER) for _ in range(4)] + [tab(app, over, OTHER)]
        await asyncio.wait_for(tabs[3].task, 5)
        over.set()
        await asyncio.gather(*(one.task for one in tabs))
        return [one.told[0]["type"] for one in tabs]

    accepted = "websocket.accept"
    assert asyncio.run(story()) == [accepted, accepted, accepted, "websocket.close", accepted]
