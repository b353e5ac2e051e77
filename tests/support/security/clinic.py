"""A served app with Asha's things in its database, and a look into that database from outside."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import stand
from bench.crowd import looking_into
from booking_ui.commands.serving import server
from booking_ui.domain.clock import utc_now
from tests.support.security.stage import Stage, set_stage
from tests.support.servers import free_port


@dataclass(frozen=True)
class Served:
    address: str
    stage: Stage
    log: Path
    database: Path


@contextmanager
def served(database: Path, home: Path, **more: str) -> Iterator[Served]:
    """`database` is a migrated SQLite file, `more` are settings; the app has no worker, so that nothing changes unless a
    caller is let in."""
    port = free_port()
    env = stand.environment(f"sqlite:///{database}", home, port, sandbox_port=free_port())
    env |= {
        "RUN_WORKER": "false",
        "RATE_LIMIT_EVENTS": "1000000/minute",
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_SKIP_COMPILE": "true",
        **more,
    }
    command = server.command("127.0.0.1", port, 1, "tests.support.security.served:app")
    app = stand.Mortal(command, env, home / "served.log")
    with looking_into(f"sqlite:///{database}"), stand.running(app):
        stage = set_stage(utc_now())
        asyncio.run(app.answering(f"http://127.0.0.1:{port}"))
        yield Served(f"http://localhost:{port}", stage, app.log, database)


def version(at: Served) -> int:
    """A number that changes with every commit of another connection."""
    return int(_look(at.database).execute("PRAGMA data_version").fetchone()[0])


_connections: dict[Path, sqlite3.Connection] = {}


def _look(database: Path) -> sqlite3.Connection:
    if database not in _connections:
        _connections[database] = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    return _connections[database]


def belongings(at: Served) -> list[tuple[Any, ...]]:
    """Asha's rows: person, appointments, payments, attempts and refunds."""
    look, asha = _look(at.database), at.stage.cast.asha
    mine = f"(SELECT id FROM appointment WHERE patient_id = {asha})"
    bills = f"(SELECT id FROM payment WHERE appointment_id IN {mine})"
    return [
        row
        for question in (
            f"SELECT * FROM person WHERE id = {asha}",
            f"SELECT * FROM appointment WHERE id IN {mine}",
            f"SELECT * FROM payment WHERE id IN {bills}",
            f"SELECT * FROM payment_attempt WHERE payment_id IN {bills}",
            f"SELECT * FROM refund WHERE payment_id IN {bills}",
        )
        for row in look.execute(question).fetchall()
    ]
