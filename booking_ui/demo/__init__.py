"""The demo clinic: doctors, hours, patients and about fifty bookings, loaded once into an empty database.

Every booking is made by the services with an earlier clock, so their promises hold for it too. It is paid in the
sandbox where that runs, else at the desk. A load that is cut short leaves a clinic that works, with fewer bookings.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Doctor, Person
from booking_ui.db.session import read, write
from booking_ui.demo import clinic
from booking_ui.demo.diary import PAST, book_everything
from booking_ui.demo.reception import Reception
from booking_ui.domain import clock
from booking_ui.services.accounts import passwords
from booking_ui.services.schedule import slots

PASSWORD = "demo-clinic"  # noqa: S105 - public on purpose; live mode refuses to start with it


def load(now: datetime) -> bool:
    """Load the demo clinic. False, and nothing changed, when DEMO is off or the database has people or doctors.

    Of two that start at once one loads: doctors and people come in one transaction, and the other's collides.
    """
    if not settings().demo_mode or inhabited():
        return False
    facts = clinic.facts()
    password_hash = passwords.hashed(PASSWORD)
    try:
        with write() as tx:
            if _occupied(tx):
                return False
            clinic.doctors(tx, facts, clock.today(now, settings().zone))
            clinic.words(tx)
            devi = clinic.people(tx, facts, password_hash, now)
    except IntegrityError:
        return False
    slots.extend_horizon(now=now - PAST)
    slots.extend_horizon(now=now)
    book_everything(Reception(now, devi), facts)
    return True


def inhabited() -> bool:
    """True when the database has people or doctors."""
    with read() as tx:
        return _occupied(tx)


def _occupied(tx: Session) -> bool:
    return bool(tx.exec(select(Doctor.id).limit(1)).first() or tx.exec(select(Person.id).limit(1)).first())
