"""The application with the cast in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal

from tests.support.api import Caller, Door, opened, signed_in
from tests.support.cast import Cast


@pytest.fixture
def door(cast: Cast, clock: object, portal: BlockingPortal) -> Iterator[Door]:
    del cast, clock
    with opened(portal) as found:
        yield found


@pytest.fixture
def anybody(door: Door) -> Caller:
    return Caller(door)


@pytest.fixture
def asha(door: Door, cast: Cast) -> Caller:
    return signed_in(door, cast.asha)


@pytest.fixture
def bilal(door: Door, cast: Cast) -> Caller:
    return signed_in(door, cast.bilal)


@pytest.fixture
def devi(door: Door, cast: Cast) -> Caller:
    return signed_in(door, cast.devi.person_id)
