"""The application with Asha's things in it, and the callers who reach for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal

from booking_ui.db.session import Database
from tests.support.api import Caller, Clock, Door, opened, signed_in
from tests.support.cast import NOW
from tests.support.security.stage import Stage, set_stage


@pytest.fixture
def stage(db: Database, dead_gateway: str) -> Stage:
    del db, dead_gateway
    return set_stage(NOW)


@pytest.fixture
def door(stage: Stage, clock: Clock, portal: BlockingPortal) -> Iterator[Door]:
    del stage, clock
    with opened(portal) as found:
        yield found


@pytest.fixture
def callers(door: Door, stage: Stage) -> dict[str, Caller]:
    """By name: the attackers and Asha."""
    people = {"bilal": stage.cast.bilal, "doctor": stage.doctor, "desk": stage.cast.devi.person_id}
    return {
        "nobody": Caller(door),
        "asha": signed_in(door, stage.cast.asha),
        **{name: signed_in(door, person_id) for name, person_id in people.items()},
    }
