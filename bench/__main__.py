"""`make bench`: how fast, how light, and never sold twice. Prints a table and writes it under bench/results/.

In-process services with as many threads as the app uses, on a fresh SQLite file and on a real PostgreSQL; one warm-up.
Times depend on the machine: compare rows of one run.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier

import structlog
from sqlmodel import col, func, select

from bench import door
from booking_ui.db.models import Appointment, Doctor, Person, Role, Slot, pk
from booking_ui.db.session import Database, read, use, write
from booking_ui.demo import clinic
from booking_ui.domain.appointment import LIVE
from booking_ui.domain.errors import SlotTaken
from booking_ui.edge.threads import THREADS
from booking_ui.services.booking import claim
from booking_ui.services.schedule import doctor_search, slots
from tests.support.servers import migrate, postgres_server, scratch

NOW = datetime(2026, 1, 5, 4, 30, tzinfo=UTC)
CLIENTS, ROUNDS, HOLDS, READS = 50, 20, 600, 60
RESULTS = Path(__file__).parent / "results"


@contextmanager
def fresh(url: str) -> Iterator[None]:
    """A migrated database with the demo's doctors, in place of the process's own."""
    with scratch("bench") as home:
        migrate(url, data_dir=home)
    database = Database(url)
    use(database)
    try:
        with write() as tx:
            clinic.doctors(tx, clinic.facts(), NOW.date())
        slots.extend_horizon(now=NOW)
        yield
    finally:
        use(None)
        database.dispose()


def people(count: int) -> list[int]:
    with write() as tx:
        crowd = [
            Person(
                name=f"P{n}",
                email=f"p{n}@example.com",
                phone="+919800000001",
                password_hash="-",
                role=Role.PATIENT,
                created_at=NOW,
            )
            for n in range(count)
        ]
        tx.add_all(crowd)
        tx.flush()
        return [pk(one) for one in crowd]


def free_slots(count: int) -> list[int]:
    with read() as tx:
        taken = select(Appointment.slot_id)
        found = tx.exec(
            select(Slot.id).where(col(Slot.id).not_in(taken), col(Slot.starts_at) > NOW).limit(count)
        ).all()
    return [slot_id for slot_id in found if slot_id is not None]


def claimed(patient_id: int, slot_id: int, gate: Barrier | None = None) -> bool:
    if gate:
        gate.wait(60)
    try:
        claim.claim(patient_id=patient_id, slot_id=slot_id, now=NOW)
    except SlotTaken:
        return False
    return True


def one_slot(crowd: list[int]) -> str:
    """50 clients released at one slot, 20 rounds: winners per round (1 is right)."""
    winners = []
    for number, slot_id in enumerate(free_slots(ROUNDS)):
        clients = crowd[number * CLIENTS : (number + 1) * CLIENTS]  # new ones: a patient may hold only three
        gate = Barrier(CLIENTS)
        with ThreadPoolExecutor(CLIENTS) as pool:
            results = list(pool.map(partial(claimed, slot_id=slot_id, gate=gate), clients))
        winners.append(sum(results))
    with read() as tx:
        live = select(Appointment.slot_id).where(col(Appointment.status).in_(LIVE))
        doubles = len(tx.exec(live.group_by(col(Appointment.slot_id)).having(func.count() > 1)).all())
    return f"{min(winners)} to {max(winners)} winners a round, {doubles} sold twice"


def holds_a_second(crowd: list[int]) -> str:
    """Distinct slots, distinct patients, as many threads as the app has."""
    pairs = list(zip(crowd[:HOLDS], free_slots(HOLDS), strict=True))
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        won = sum(pool.map(lambda pair: claimed(*pair), pairs))
    return f"{won / (time.perf_counter() - began):.0f} holds/s ({won} of {HOLDS})"


def reads(work: Callable[[], object]) -> str:
    took = []
    for _ in range(READS):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    cut = statistics.quantiles(took, n=20)
    return f"p50 {statistics.median(took):.1f} ms, p95 {cut[-1]:.1f} ms"


def measured(url: str) -> list[tuple[str, str]]:
    with fresh(url):
        crowd = people(HOLDS + CLIENTS * ROUNDS)
        with read() as tx:
            doctor_id = pk(tx.exec(select(Doctor).limit(1)).one())
        later = NOW + timedelta(minutes=1)
        return [
            (f"{CLIENTS} clients at one slot, {ROUNDS} rounds", one_slot(crowd)),
            (f"{THREADS} threads, a slot each", holds_a_second(crowd[CLIENTS * ROUNDS :])),
            ("14 days of one doctor", reads(partial(slots.days, doctor_id=doctor_id, now=later))),
            ("search, all doctors", reads(partial(doctor_search.search, now=later))),
            ("webhook door, answered", _door(url)),
        ]


def _door(url: str) -> str:
    with scratch("door") as home:
        return door.answers(url, home)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        rows = [("SQLite", *row) for row in measured(f"sqlite:///{folder}/bench.db")]
    with postgres_server() as server:
        server.execute("CREATE DATABASE bench")
        rows += [("PostgreSQL", *row) for row in measured(server.url("bench"))]
    lines = ["| database | what | result |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
