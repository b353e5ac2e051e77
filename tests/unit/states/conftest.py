"""Pages read the real clock, so their cast has its times tomorrow."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Slot
from booking_ui.db.session import Database, write
from booking_ui.domain.clock import today, utc_now
from tests.support.cast import Cast, assemble


@pytest.fixture
def cast(db: Database) -> Cast:
    """The cast, with Dr Chandra's four times tomorrow from 10:00 am on."""
    del db
    cast = assemble()
    zone = settings().zone
    first = datetime.combine(today(utc_now(), zone) + timedelta(days=1), time(10), zone)
    with write() as tx:
        for n, slot in enumerate(tx.exec(select(Slot).order_by(col(Slot.id))).all()):
            slot.starts_at = first + timedelta(minutes=30 * n)
            slot.ends_at = slot.starts_at + timedelta(minutes=30)
            tx.add(slot)
    return cast
