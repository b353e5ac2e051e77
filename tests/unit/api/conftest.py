"""Callers of the API over real HTTP semantics: the application itself, without a socket in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import httpx
import pytest
import requests
from anyio.from_thread import BlockingPortal, start_blocking_portal
from httpx import Response

from booking_ui.api.app import api
from booking_ui.api.http.identity import now
from booking_ui.services.accounts import authentication
from tests.support.cast import NOW, Cast

ORIGIN = "http://localhost:3000"
Json = dict[str, object]


@dataclass
class Clock:
    """The API's clock; it stands still unless a test moves it."""

    now: datetime = NOW


@dataclass(frozen=True)
class Door:
    """The application behind a client with a cookie jar. Redirects are not followed; an unexpected error is an answer."""

    portal: BlockingPortal
    client: httpx.AsyncClient

    def request(self, method: str, path: str, **options: Any) -> Response:
        return self.portal.call(partial(self.client.request, method, path, **options))


@dataclass(frozen=True)
class Caller:
    """Somebody at the door, with her token if she has one."""

    door: Door
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def cookies(self) -> httpx.Cookies:
        return self.door.client.cookies

    def send(self, method: str, path: str, **options: Any) -> Response:
        headers = {**self.headers, **options.pop("headers", {})}
        return self.door.request(method, path, headers=headers, **options)

    def get(self, path: str, **query: Any) -> Response:
        return self.send("GET", path, params=query)

    def post(self, path: str, body: object = None, **headers: str) -> Response:
        return self.send("POST", path, json=body, headers=headers)

    def form(self, path: str, fields: dict[str, str], **headers: str) -> Response:
        return self.send("POST", path, data=fields, headers={"Origin": ORIGIN, **headers})


@pytest.fixture(scope="session")
def _portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def clock() -> Iterator[Clock]:
    found = Clock()

    async def read() -> datetime:
        return found.now

    api.dependency_overrides[now] = read
    yield found
    api.dependency_overrides.clear()


@pytest.fixture
def door(cast: Cast, clock: Clock, _portal: BlockingPortal) -> Iterator[Door]:
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
    yield Door(_portal, client)
    _portal.call(client.aclose)


@pytest.fixture
def anybody(door: Door) -> Caller:
    return Caller(door)


def signed_in(door: Door, person_id: int, at: datetime = NOW) -> Caller:
    pair = authentication.issue_tokens(person_id=person_id, now=at)
    return Caller(door, {"Authorization": f"Bearer {pair.access_token}"})


@pytest.fixture
def asha(door: Door, cast: Cast) -> Caller:
    return signed_in(door, cast.asha)


@pytest.fixture
def bilal(door: Door, cast: Cast) -> Caller:
    return signed_in(door, cast.bilal)


@pytest.fixture
def devi(door: Door, cast: Cast) -> Caller:
    return signed_in(door, cast.devi.person_id)


def paid(sandbox: str, order_id: str, **script: object) -> dict[str, str]:
    """Pay an order at the sandbox; what Razorpay's page would hand to ours."""
    answer = requests.post(f"{sandbox}/_sandbox/orders/{order_id}/pay", json=script, timeout=10)
    answer.raise_for_status()
    found: dict[str, str] = answer.json()["checkout"]
    return found
