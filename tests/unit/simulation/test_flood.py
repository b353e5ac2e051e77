"""A small `make flood`, through real processes: crowds at the same slots of two apps on one database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import books, flood, stand
from bench.crowd import looking_into
from tests.support.servers import free_port


@pytest.fixture
def apps(database_url: str, tmp_path: Path) -> Iterator[list[dict[str, str]]]:
    """The environments of two running apps, whose database this process uses, too."""
    told = [
        stand.environment(database_url, tmp_path, free_port(), sandbox_port=free_port()) for _ in range(2)
    ]
    started = [stand.app(env | {"RUN_WORKER": "false"}, tmp_path) for env in told]
    with looking_into(database_url), stand.running(*started):
        stand.doctors()
        for app, env in zip(started, told, strict=True):
            asyncio.run(app.answering(_address(env)))
        yield told


def _address(env: dict[str, str]) -> str:
    return f"http://127.0.0.1:{env['PORT']}"


@pytest.mark.timeout(300)  # two apps start, and the pages may have to be built first
def test_a_crowd_at_two_apps_on_one_database_gets_one_winner_a_slot(apps: list[dict[str, str]]) -> None:
    addresses = tuple(_address(env) for env in apps)
    at_one = asyncio.run(flood.storm(flood.Case(clients=50, slots=1, rounds=2), addresses))
    at_twenty = asyncio.run(flood.storm(flood.Case(clients=50, slots=20, rounds=1), addresses))
    assert (at_one.faults, at_one.winners) == ([], [1, 1])
    assert (at_twenty.faults, at_twenty.winners) == ([], [20])
    assert at_one.statuses == Counter({"201": 2, flood.REFUSED: 98})
    assert at_twenty.statuses == Counter({"201": 20, flood.REFUSED: 30})
    assert books.broken_promises(apps[0]) == []
