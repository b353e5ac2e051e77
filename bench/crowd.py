"""Parts that the benches share: new patients, free slots, and a running clinic's database in place of our own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlmodel import col, select

from booking_ui.db.models import Appointment, Person, Role, Slot, pk
from booking_ui.db.session import Database, read, use, write
from booking_ui.domain.clock import utc_now


def newcomers(count: int) -> list[int]:
    """New patients, written without passwords: hashing a thousand would take a minute."""
    now = utc_now()
    with write() as tx:
        made = [
            Person(
                name="Meera Nair",
                email=f"{uuid.uuid4().hex}@example.com",
                phone="+919800000001",
                password_hash="-",
                role=Role.PATIENT,
                created_at=now,
            )
            for _ in range(count)
        ]
        tx.add_all(made)
        tx.flush()
        return [pk(one) for one in made]


def free_slots(count: int) -> list[int]:
    """Slots that nobody ever booked, the latest first."""
    with read() as tx:
        query = (
            select(Slot)
            .where(
                col(Slot.id).not_in(select(Appointment.slot_id)),
                col(Slot.withdrawn).is_(False),
                col(Slot.starts_at) > utc_now() + timedelta(hours=6),
            )
            .order_by(col(Slot.starts_at).desc())
        )
        found = [pk(slot) for slot in tx.exec(query.limit(count))]
    assert len(found) == count, f"only {len(found)} of {count} free slots"
    return found


@contextmanager
def looking_into(url: str) -> Iterator[None]:
    """The clinic's database, in place of this process's own."""
    database = Database(url)
    use(database)
    try:
        yield
    finally:
        use(None)
        database.dispose()
