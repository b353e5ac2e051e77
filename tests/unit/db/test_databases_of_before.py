"""Whole databases of before revision 0009 upgrade, and every booking and promise is the same afterwards.

The fixture holds the rows of the demo clinic and of some stories of the simulation as the code of before wrote them, with
what that code made of them: phases, sums, tones of the timelines, outcomes of the webhooks, counts of the promises.
"""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, AuditEntry
from booking_ui.db.session import Database, database, read, use
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import booking, webhook_log
from booking_ui.services.upkeep import invariants
from booking_ui.services.visits import patient_view
from tests.support.databases import to_revision
from tests.support.servers import Postgres

LATER = timedelta(days=2)
BEFORE = json.loads(
    gzip.decompress((Path(__file__).parent / "fixtures" / "before_0009.json.gz").read_bytes())
)

Fresh = Callable[[], str]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    """Makes an empty database of revision 0008 and returns its address."""
    if request.param == "sqlite":
        home = tmp_path_factory.mktemp("before")
        to_revision(f"sqlite:///{home / 'template.db'}", "upgrade", "0008")

        def copy() -> str:
            place = home / f"{uuid.uuid4().hex}.db"
            shutil.copyfile(home / "template.db", place)
            return f"sqlite:///{place}"

        yield copy
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    template, made = f"before_{uuid.uuid4().hex[:12]}", list[str]()
    postgres.execute(f"CREATE DATABASE {template}")
    to_revision(postgres.url(template), "upgrade", "0008")

    def create() -> str:
        made.append(f"before_{uuid.uuid4().hex[:12]}")
        postgres.execute(f"CREATE DATABASE {made[-1]} TEMPLATE {template}")
        return postgres.url(made[-1])

    yield create
    for name in (*made, template):
        postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=BEFORE)
def story(
    request: pytest.FixtureRequest, fresh: Fresh, configured: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """What the code of before made of a database; the same rows, upgraded, are the process's own database."""
    configured.delenv("CANCELLATION_POLICY", raising=False)
    settings.cache_clear()
    known: dict[str, Any] = BEFORE[request.param]
    url = fresh()
    _fill(url, known["rows"])
    to_revision(url, "upgrade", "head")
    opened = Database(url)
    use(opened)
    yield known
    use(None)
    opened.dispose()


def _fill(url: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as tx:
        if engine.dialect.name == "postgresql":  # a refund may name a later one as the one that replaced it
            tx.execute(sa.text("SET session_replication_role = replica"))
        for table, found in rows.items():
            names = ", ".join(f'"{name}"' for name in found[0])
            values = ", ".join(f":{name}" for name in found[0])
            statement = sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})")
            tx.execute(statement, [{name: _value(value) for name, value in row.items()} for row in found])
            if (
                engine.dialect.name == "postgresql" and "id" in found[0]
            ):  # the next id, as a clinic would have it
                newest = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}"
                tx.execute(sa.text(newest))
    engine.dispose()


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["bytes"])
    return json.dumps(value) if isinstance(value, list) else value


def test_every_booking_and_promise_is_as_it_was_even_after_the_way_back(story: dict[str, Any]) -> None:
    _require_as_before(story)
    to_revision(database().url, "downgrade", "0009")
    to_revision(database().url, "upgrade", "head")
    _require_as_before(story)


def _require_as_before(story: dict[str, Any]) -> None:
    now = datetime.fromisoformat(story["now"])

    with read() as tx:
        found = {one.reference: one.id or 0 for one in tx.exec(select(Appointment)).all()}
    assert {reference: _facts(reference, number, now) for reference, number in found.items()} == story[
        "bookings"
    ]
    stored = webhook_log.stored(page_size=100)
    assert [[row.status, row.outcome] for row in stored.rows] == story["webhooks"]
    assert len(reconciliation_cases.open_cases()) == story["cases"]
    counts = {one.number: one for one in invariants.count(now=now)}
    assert counts.pop(10).violations == []
    counts[5] = replace(counts[5], checked=counts[5].checked - _roles_found())
    counted = [
        [one.number, one.checked, sorted([v.subject, v.fault] for v in one.violations)]
        for one in counts.values()
    ]
    assert counted == story["promises"]


def _roles_found() -> int:
    """Audit rows that the upgrade wrote: accounts that were made with their role had none."""
    with read() as tx:
        return tx.exec(select(func.count()).where(AuditEntry.actor == "system:upgrade")).one()


def _facts(reference: str, number: int, now: datetime) -> list[Any]:
    """The values that the patient's page and the desk's page of a booking rest on."""
    with read() as tx:
        whole = patient_view.load(tx, Appointment.id == number)[0]
        seen = patient_view.view(whole, now)
        later = patient_view.phase(whole, now + LATER)
    desk = booking.whole_booking(now=now, reference=reference)
    return [
        seen.phase, later, seen.status, seen.payment_status, seen.paid_paise, seen.refunded_paise, seen.can_try_again,
        seen.can_cancel, seen.cancel_refund_paise, [line.tone for line in seen.timeline],
        [line.tone for line in desk.timeline], [one.status for one in desk.refunds], desk.row.way_out,
        bool(desk.row.needs_attention), desk.marks,
    ]  # fmt: skip
