"""The doctors whose pages search engines may list."""

from __future__ import annotations

from sqlmodel import col, select

from booking_ui.db import memory
from booking_ui.db.models import Doctor
from booking_ui.db.session import read


def slugs() -> tuple[str, ...]:
    """The last part of each page's address, in their order; a doctor who has left the clinic has none."""
    with read() as tx:
        query = select(Doctor.slug).where(col(Doctor.active).is_(True)).order_by(col(Doctor.slug))
        return memory.remembered(tx, "listed doctors", lambda: tuple(tx.exec(query).all()))
