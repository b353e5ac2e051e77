"""Many at once: people released by one barrier, and what is left on a slot afterwards."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlmodel import Session, col, func, select

from booking_ui.db.models import Appointment, Person, Role, Slot, pk
from booking_ui.db.session import Database, read, write
from booking_ui.domain.appointment import LIVE
from tests.support.cast import NOW
from tests.support.servers import wait_until

CROWD = 24


def crowd() -> list[int]:
    """The ids of CROWD patients."""
    with write() as tx:
        people = [
            Person(
                name=f"P{n}",
                email=f"p{n}@example.com",
                phone="+919800000001",
                password_hash="-",
                role=Role.PATIENT,
                created_at=NOW,
            )
            for n in range(CROWD)
        ]
        tx.add_all(people)
        tx.flush()
        return [pk(p) for p in people]


def at_once(works: list[Callable[[], object]]) -> list[object]:
    """Run all of them released by one barrier; each result or the error it ended with."""
    gate = Barrier(len(works))

    def one(work: Callable[[], object]) -> object:
        gate.wait(30)
        try:
            return work()
        except Exception as exc:  # noqa: BLE001  the test looks at every outcome
            return exc

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def live_on(slot_id: int) -> int:
    """How many live appointments a slot has."""
    with read() as tx:
        return tx.exec(
            select(func.count()).where(col(Appointment.slot_id) == slot_id, col(Appointment.status).in_(LIVE))
        ).one()


def unlocked(tx: Session, slot_id: int) -> Slot | None:
    """In place of `locks.slot`: the slot without its lock."""
    return tx.get(Slot, slot_id)


def until_it_waits_for_a_lock(db: Database, *, who: str = "the other") -> None:
    """Return once another transaction waits; on SQLite at once, where the whole database is the lock."""
    if not db.sqlite:
        wait_until(lambda: waiting_for_a_lock(db), what=f"{who} to wait")


def waiting_for_a_lock(db: Database) -> bool:
    with db.read() as tx:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(tx.connection().exec_driver_sql(waiting).scalar())
