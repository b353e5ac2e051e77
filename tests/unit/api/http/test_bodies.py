"""A request begins when its body is whole, and one that is late leaves alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from booking_ui.api.http import bodies
from booking_ui.api.http.middleware import ApiMiddleware

PART: Message = {"type": "http.request", "body": b"{", "more_body": True}
REST: Message = {"type": "http.request", "body": b"}", "more_body": False}
GONE: Message = {"type": "http.disconnect"}


class Route:
    """An application that reads the body, and remembers what it was given."""

    def __init__(self) -> None:
        self.begun, self.read = 0, list[Message]()

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        self.begun += 1
        message = await receive()
        self.read.append(message)
        while message.get("more_body"):
            message = await receive()
            self.read.append(message)


def asked(method: str) -> Scope:
    return {
        "type": "http",
        "method": method,
        "path": "/api/health",
        "headers": [],
        "client": ("203.0.113.7", 1),
    }


async def heard(route: Route, come: asyncio.Queue[Message], method: str = "POST") -> asyncio.Task[None]:
    """A request whose messages come from `come`, after what was there was taken."""

    async def send(_message: Message) -> None:
        pass

    task = asyncio.create_task(ApiMiddleware(route)(asked(method), come.get, send))
    for _ in range(5):  # rounds of the event loop
        await asyncio.sleep(0)
    return task


def queue(*messages: Message) -> asyncio.Queue[Message]:
    found = asyncio.Queue[Message]()
    for message in messages:
        found.put_nowait(message)
    return found


def test_nothing_is_done_about_a_request_before_its_body_is_whole() -> None:
    async def story() -> None:
        route, come = Route(), queue(PART)
        task = await heard(route, come)
        assert route.begun == 0
        come.put_nowait(REST)
        await task
        assert route.read == [PART, REST]

    asyncio.run(story())


def test_one_that_brings_no_body_is_not_waited_for() -> None:
    async def story() -> None:
        route = Route()
        task = await heard(route, queue(PART), "GET")
        assert route.begun == 1
        task.cancel()

    asyncio.run(story())


def test_the_route_hears_that_the_caller_is_gone() -> None:
    async def story() -> list[Message]:
        route = Route()
        await (await heard(route, queue(PART, GONE)))
        return route.read

    assert asyncio.run(story()) == [PART, GONE]


def test_late_bodies_leave_one_after_the_other_and_a_request_comes_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each gets all of its seconds; the answers are what takes turns."""
    monkeypatch.setattr(bodies, "SECONDS", 0.05)

    async def story() -> list[str]:
        ends: list[str] = []
        all_late = asyncio.Event()

        async def app(scope: Scope, receive: Receive, _send: Send) -> None:
            try:
                await receive()
            except Exception:
                all_late.set()
                ends.append("late")
                raise
            ends.append(scope["method"])

        door = ApiMiddleware(app)

        async def send(_message: Message) -> None:
            pass

        async def ask(method: str, receive: Any) -> None:
            await door(asked(method), receive, send)

        async def never() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        async def at_once() -> Message:
            return REST

        crowd = [asyncio.create_task(ask("POST", never)) for _ in range(100)]
        await all_late.wait()
        await ask("GET", at_once)
        await asyncio.gather(*crowd)
        return ends

    ends = asyncio.run(story())
    assert ends.count("late") == 100
    assert ends.index("GET") < 10
