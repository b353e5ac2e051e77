"""Heartbeats: the last good end of every periodic job."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import select

from booking_ui.db.models import Heartbeat
from booking_ui.db.session import read, write


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


def last_beats() -> dict[str, datetime]:
    """The instant of the last good end of every job that ever ran."""
    with read() as tx:
        return {row.job: row.at for row in tx.exec(select(Heartbeat)).all()}
