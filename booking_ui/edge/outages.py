"""The database away: one error for all who called a service, and few lines of log instead of a trace each."""

from __future__ import annotations

import time
from threading import Lock

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from booking_ui.db.session import is_away
from booking_ui.domain.errors import DatabaseAway

log = structlog.get_logger(__name__)

SAID_EVERY_SECONDS = 10.0


class Repeated:
    """A line of log for what fails again and again: at once, then every SAID_EVERY_SECONDS with a count."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._guard = Lock()
        self._said = float("-inf")
        self._unsaid = 0

    def say(self, now: float, **about: object) -> None:
        with self._guard:
            if now - self._said < SAID_EVERY_SECONDS:
                self._unsaid += 1
                return
            before, self._unsaid, self._said = self._unsaid, 0, now
        log.error(self._event, **about, times_since_last_line=before + 1)


_database = Repeated("database.away")


def refusal_of(error: SQLAlchemyError) -> DatabaseAway | None:
    """The refusal to raise in place of a database's error; None when the error is a defect of ours."""
    if not is_away(error):
        return None
    cause = error.orig if isinstance(error, DBAPIError) else error
    _database.say(
        time.monotonic(), reason=type(cause).__name__, said=str(cause).strip().partition("\n")[0][:200]
    )
    return DatabaseAway()
