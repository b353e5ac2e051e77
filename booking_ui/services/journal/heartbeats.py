"""Heartbeats: the last good end of every periodic job."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import select

from booking_ui.db.models import Heartbeat
from booking_ui.db.session import read, write

WRITTEN = "written"  # no job: the last proof that the database can be written
WRITTEN_SECONDS = 5  # anybody may ask for it, as often as the limits allow


def beat(*, job: str, now: datetime) -> None:
    """Note that `job` ended well at `now`; at most one write a minute and job.

    An instant that lies ahead was noted by a clock that ran ahead, and is written over.
    """
    with read() as tx:
        last = tx.get(Heartbeat, job)
    if last is not None and 0 <= (now - last.at).total_seconds() < 60:
        return
    with write() as tx:
        tx.merge(Heartbeat(job=job, at=now))


def prove_writing(*, now: datetime) -> None:
    """Commit a row, unless somebody did within WRITTEN_SECONDS: what is never committed meets no full disk.

    Raises SQLAlchemyError.
    """
    with read() as tx:
        last = tx.get(Heartbeat, WRITTEN)
    if last is not None and 0 <= (now - last.at).total_seconds() < WRITTEN_SECONDS:
        return
    with write() as tx:
        tx.merge(Heartbeat(job=WRITTEN, at=now))


def last_beats() -> dict[str, datetime]:
    """The instant of the last good end of every job that ever ran."""
    with read() as tx:
        rows = tx.exec(select(Heartbeat).where(Heartbeat.job != WRITTEN)).all()
    return {row.job: row.at for row in rows}
