"""Readiness: the conditions under which this process may be sent patients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from booking_ui.config.settings import settings
from booking_ui.db.session import read
from booking_ui.services.journal import heartbeats
from booking_ui.services.payments import cash_equation_count, reconciliation
from booking_ui.services.upkeep import audit_letter, invariants

LATE = timedelta(minutes=5)
SKEW = timedelta(minutes=1)  # by which the clocks of two machines may differ
PATIENCE = {
    "horizon": timedelta(hours=3),
    "webhook silence": timedelta(hours=3),
    "unpaid holds": timedelta(minutes=20),
    "idempotency keys": timedelta(hours=3),
    "promises": timedelta(minutes=20),
    "audit letter": timedelta(hours=3),
    audit_letter.TOLD: timedelta(days=2),
    "downtimes": timedelta(minutes=20),
    "comparison": timedelta(hours=3),
    reconciliation.COMPARED: timedelta(days=2),
    "settlements": timedelta(days=2),
    "retention": timedelta(days=2),
}  # these run less often
REDIS_SECONDS = 1.0
ONLY_SHOWN = {cash_equation_count.NUMBER, invariants.EVIDENCE}
"""Promises whose breach does not take this process out of service."""


@dataclass(frozen=True)
class Check:
    """One condition. `detail` describes it, never with a secret or an address."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class Readiness:
    ok: bool
    checks: list[Check]


def ready(*, now: datetime) -> Readiness:
    """Database, Redis, gateway, the worker's last sweep and the promises. Never raises: trouble is an answer."""
    checks = [_database(now), _redis(), _gateway(), _sweep(now), _promises()]
    return Readiness(all(check.ok for check in checks), checks)


def _database(now: datetime) -> Check:
    """Read and written: on a full disk patients can look at times, and no booking is possible."""
    try:
        with read() as tx:
            tx.connection().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return Check("database", ok=False, detail="can't be reached")
    try:
        heartbeats.prove_writing(now=now)
    except SQLAlchemyError:
        return Check("database", ok=False, detail="can't be written")
    return Check("database", ok=True, detail="answers")


def _redis() -> Check:
    url = settings().redis_url
    if not url:
        return Check("redis", ok=True, detail="not used")
    try:
        with redis.Redis.from_url(
            url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError):  # ValueError: a URL that is none
        return Check("redis", ok=False, detail="can't be reached")
    return Check("redis", ok=True, detail="answers")


def _gateway() -> Check:
    """The Razorpay in the settings. It is not called: patients may look around while it is down."""
    s = settings()
    mode = "sandbox" if s.sandbox else "live" if s.live else "test"
    return Check("gateway", ok=bool(s.key_id and s.key_secret and s.webhook_secrets), detail=mode)


def _sweep(now: datetime) -> Check:
    """Good when every periodic job ended well lately, in whichever process. Without a worker no payment is ever confirmed.

    An end that lies ahead says nothing of when the job last ended: it was noted by a clock that ran ahead.
    """
    try:
        beats = heartbeats.last_beats()
    except SQLAlchemyError:
        return Check("sweep", ok=False, detail="unknown")
    if not beats:
        return Check("sweep", ok=False, detail="no worker has run yet")
    ages = {job: now - at for job, at in beats.items()}
    if ahead := sorted(job for job, age in ages.items() if age < -SKEW):
        return Check("sweep", ok=False, detail=f"noted ahead of the clock: {', '.join(ahead)}")
    late = sorted(job for job, age in ages.items() if age > PATIENCE.get(job, LATE))
    if late:
        return Check("sweep", ok=False, detail=f"late: {', '.join(late)}")
    seconds = max(
        (int(age.total_seconds()) for job, age in ages.items() if job not in PATIENCE), default=None
    )
    if seconds is None:  # what runs every few seconds has not, though something else was once run by hand
        return Check("sweep", ok=False, detail="no worker has run yet")
    return Check("sweep", ok=True, detail=f"{max(seconds, 0)} s ago")


def _promises() -> Check:
    """Good when the last count of the promises found no violation.

    Promise 9 is only shown: somebody at Razorpay's dashboard could break it, and to turn patients away mends nothing. So
    is promise 10: somebody with access to the database could, and what it found stays marked for good.
    """
    try:
        counts = invariants.last()
    except SQLAlchemyError:
        return Check("promises", ok=False, detail="unknown")
    broken = [c.number for c in counts if c.violated]
    unchecked = [str(c.number) for c in counts if c.unchecked and not c.violated]
    parts = [
        f"violated: {', '.join(map(str, broken))}" if broken else "",
        f"not checked: {', '.join(unchecked)}" if unchecked else "",
    ]
    held = f"{len(counts) - len(unchecked)} hold" if counts and not broken else ""
    detail = "; ".join(filter(None, [held, *parts])) or "not yet counted"
    return Check("promises", ok=not set(broken) - ONLY_SHOWN, detail=detail)
