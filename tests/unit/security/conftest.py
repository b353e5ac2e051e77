"""The application with Asha's things in it, and the callers who reach for them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from booking_ui.api.app import api
from booking_ui.db.session import Database
from tests.support.cast import NOW
from tests.unit.api.conftest import ORIGIN, Caller, Clock, Door, signed_in
from tests.unit.api.conftest import clock as clock  # noqa: PLC0414 - a fixture, for the doors of this folder too
from tests.unit.security.stage import Stage, set_stage


@pytest.fixture(scope="session")
def _loop() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def stage(db: Database, dead_gateway: str) -> Stage:
    del db, dead_gateway
    return set_stage(NOW)


@pytest.fixture
def door(stage: Stage, clock: Clock, _loop: BlockingPortal) -> Iterator[Door]:
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(api, raise_app_exceptions=False), base_url=ORIGIN
    )
    yield Door(_loop, client)
    _loop.call(client.aclose)


@pytest.fixture
def callers(door: Door, stage: Stage) -> dict[str, Caller]:
    """By name: the attackers and Asha."""
    people = {"bilal": stage.cast.bilal, "doctor": stage.doctor, "desk": stage.cast.devi.person_id}
    return {
        "nobody": Caller(door),
        "asha": signed_in(door, stage.cast.asha),
        **{name: signed_in(door, person_id) for name, person_id in people.items()},
    }
