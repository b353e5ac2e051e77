"""A real database that is reset in no time, and whose commits are crash points."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, SQLModel

from booking_ui.config.settings import settings
from booking_ui.db.models import Doctor, Person, Role, Slot, WorkingHours, pk
from booking_ui.db.session import Database, Stamp
from booking_ui.services.accounts import staff
from booking_ui.services.views import Principal
from tests.simulation.configured import configured
from tests.simulation.stage import Stage
from tests.support.cast import FEE, NOW

PATIENTS = ("Asha", "Bilal", "Esha")
SLOTS = {
    "the 10:40 am today": timedelta(minutes=40),
    "the 11:10 am today": timedelta(minutes=70),
    "the 10:00 am tomorrow": timedelta(days=1),
    "the 10:00 am in three days": timedelta(days=3),
    "the 10:00 am in a week": timedelta(days=7),
}

HOURS = (*((weekday, time(10), time(10, 30)) for weekday in range(7)), (0, time(10, 40), time(11, 40)))
"""Dr Chandra's week, which offers the times above: another would withdraw them once a day is closed."""

DUE = {
    "apply_webhooks": "webhook_event WHERE status = 'waiting' AND next_attempt_at <= :now",
    "send_refunds": "refund WHERE status = 'pending' AND next_attempt_at <= :now",
    "sweep_holds": "appointment WHERE status = 'pending_payment' AND hold_expires_at <= :now",
    "ask_quiet": "payment WHERE next_check_at <= :now",
    "send_mails": "notification WHERE status = 'waiting' AND next_attempt_at <= :now",
}
_ANY_DUE = " UNION ALL ".join(
    f"SELECT '{job}' WHERE EXISTS (SELECT 1 FROM {rows})" for job, rows in DUE.items()
)


@dataclass(frozen=True)
class Cast:
    """Ids by name: the patients, Dr Chandra's slots, and Devi at the desk."""

    patients: dict[int, str]
    slots: dict[int, str]
    days: dict[int, date]  # of the slots, in the clinic's zone
    chandra: int
    devi: Principal


class StagedDatabase(Database):
    """The product's own transactions; others may move before one begins, and the process may die around its commit."""

    stage: Stage | None = None
    commits = 0
    asked = 0

    def stamp(self, tx: Session) -> Stamp:
        """Always a new one: in memory no second connection can notice commits, so nothing may be cached."""
        self.asked += 1
        return Stamp(str(self.asked), everywhere=False) if self.sqlite else super().stamp(tx)

    @contextmanager
    def write(self) -> Iterator[Session]:
        if self.stage is None:
            with super().write() as tx:
                yield tx
            return
        self.stage.pause()
        self.stage.writing = True
        try:
            with super().write() as tx:
                yield tx
                self.stage.point("before the commit")
        finally:
            self.stage.writing = False
        self.commits += 1
        self.stage.point("after the commit")


class Storage:
    """One database for many stories; SQLite in memory unless another URL is given."""

    def __init__(self, url: str = "sqlite://") -> None:
        self.database = StagedDatabase(url)
        SQLModel.metadata.create_all(self.database.engine)
        self.cast = _assemble(self.database)
        self._start = self._image() if self.database.sqlite else b""

    def reset(self) -> None:
        """Go back to the cast alone, undoing what a story did to tables and indexes."""
        if self.database.sqlite:
            with self.database.engine.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None  # it was just opened
                raw.deserialize(self._start)
            return
        SQLModel.metadata.drop_all(self.database.engine)
        SQLModel.metadata.create_all(self.database.engine)
        self.cast = _assemble(self.database)

    def writes(self) -> int:
        """The number of rows ever written; when it is unchanged, nothing was written."""
        if not self.database.sqlite:
            return self.database.commits
        with self.database.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None  # it was just opened
            return int(raw.total_changes)

    def due(self, now: datetime) -> set[str]:
        """The jobs that would find work. Asking the driver is many times faster than running them in vain."""
        if not self.database.sqlite:
            return set(DUE)
        instant = now.strftime("%Y-%m-%d %H:%M:%S.%f")
        with self.database.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None  # it was just opened
            return {job for (job,) in raw.execute(_ANY_DUE, {"now": instant})}

    def _image(self) -> bytes:
        with self.database.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None  # it was just opened
            return bytes(raw.serialize())


def _assemble(database: Database) -> Cast:
    with configured(), database.write() as tx:
        doctor = Doctor(
            slug="dr-chandra-rao",
            name="Dr Chandra Rao",
            speciality="Cardiologist",
            qualifications="MBBS, MD",
            practising_since=2008,
            languages=["English"],
            city="Bengaluru",
            area="Indiranagar",
            address="12, 100 Feet Road",
            fee_paise=FEE,
        )
        people = [_person(name, Role.PATIENT) for name in PATIENTS] + [_person("Devi", Role.ADMIN)]
        tx.add_all([doctor, *people])
        tx.flush()
        staff.record_first_role(tx, people[-1], NOW)
        slots = {
            label: Slot(
                doctor_id=pk(doctor), starts_at=NOW + ahead, ends_at=NOW + ahead + timedelta(minutes=30)
            )
            for label, ahead in SLOTS.items()
        }
        tx.add_all(slots.values())
        tx.add_all(
            WorkingHours(doctor_id=pk(doctor), weekday=day, starts=starts, ends=ends)
            for day, starts, ends in HOURS
        )
        tx.flush()
        *patients, devi = people
        return Cast(
            patients={pk(person): person.name for person in patients},
            slots={pk(slot): label for label, slot in slots.items()},
            days={pk(slot): slot.starts_at.astimezone(settings().zone).date() for slot in slots.values()},
            chandra=pk(doctor),
            devi=Principal(pk(devi), devi.name, devi.email or "", devi.phone, "admin"),
        )


def _person(name: str, role: Role) -> Person:
    return Person(
        name=name,
        email=f"{name.lower()}@example.com",
        phone="+919800000001",
        password_hash="-",
        role=role,
        created_at=NOW,
    )
