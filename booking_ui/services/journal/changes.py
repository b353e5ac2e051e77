"""News of changes for the pages that show them, told after the commit.

Topics: `doctor:<id>` (free slots), `appointment:<id>` (its status), `patient:<id>` (a status of one of their bookings). Listeners must be quick and must not raise.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session

from booking_ui.db.models import Appointment
from booking_ui.db.session import after_commit

Listener = Callable[[str], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    _listeners.append(listener)


def unlisten(listener: Listener) -> None:
    _listeners.remove(listener)


def silence() -> None:
    """Forget every listener (tests)."""
    _listeners.clear()


def announce(tx: Session, *topics: str) -> None:
    """Tell the listeners about `topics` once `tx` is committed."""

    def tell() -> None:
        for topic in topics:
            for listener in tuple(_listeners):
                listener(topic)

    after_commit(tx, tell)


def announce_booking(tx: Session, row: Appointment) -> None:
    """Tell the pages that show this booking, its doctor's slots or its patient's hold."""
    announce(tx, f"appointment:{row.id}", f"doctor:{row.doctor_id}", f"patient:{row.patient_id}")
