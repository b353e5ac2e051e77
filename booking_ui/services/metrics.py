"""What /metrics tells Prometheus: counters of this process, and gauges counted in the database at the scrape.

No label names a person, a booking or an address: each has a handful of values. With WORKERS above 1 the processes share
their counters through files in PROMETHEUS_MULTIPROC_DIR (serve.py sets it); the gauges need no sharing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from booking_ui.db.models import (
    Appointment,
    DeliveryStatus,
    Heartbeat,
    Payment,
    PromiseCount,
    ReconciliationCase,
    Refund,
    WebhookEvent,
)
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import SlotTaken
from booking_ui.domain.payment import PaymentStatus, RefundStatus

FRESH_SECONDS = 10.0  # the gauges count whole tables: two scrapers share one count

_registry = CollectorRegistry()
ProcessCollector(registry=_registry)

REQUESTS = Counter(
    "http_requests", "Answers of the API and the pages.", ["route", "method", "status"], registry=_registry
)
SECONDS = Histogram(
    "http_request_seconds",
    "Time until the answer was complete.",
    ["route", "method"],
    registry=_registry,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
CLAIMS = Counter("claims", "Attempts to hold a time.", ["outcome"], registry=_registry)
REFUSED = Counter("rate_limit_refusals", "Refused for coming too often.", ["limit"], registry=_registry)
BAD_SIGNATURES = Counter(
    "bad_signatures", "Messages that Razorpay did not sign.", ["door"], registry=_registry
)

for _outcome in ("won", "lost"):
    CLAIMS.labels(_outcome)  # zero is a value too

_guard = Lock()
_counted: tuple[float, bytes] = (float("-inf"), b"")


@contextmanager
def claiming() -> Iterator[None]:
    """Around one claim: was the time won, or lost to somebody else?"""
    try:
        yield
    except SlotTaken:
        CLAIMS.labels("lost").inc()
        raise
    CLAIMS.labels("won").inc()


def exposition(*, now: datetime) -> bytes:
    """Everything in Prometheus's text format."""
    return _counters() + _gauges(now)


def _counters() -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(_registry)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def _gauges(now: datetime) -> bytes:
    global _counted
    with _guard:
        at, known = _counted
        if time.monotonic() - at > FRESH_SECONDS:
            known = generate_latest(_counted_in_the_database(now))
            _counted = time.monotonic(), known
        return known


def forget() -> None:
    """Count anew at the next scrape (tests)."""
    global _counted
    _counted = float("-inf"), b""


def _counted_in_the_database(now: datetime) -> CollectorRegistry:
    registry = CollectorRegistry()
    up = Gauge("clinic_database_up", "Whether the database answers.", registry=registry)
    try:
        with read() as tx:
            _money(tx, now, registry)
            _messages(tx, now, registry)
            _machinery(tx, now, registry)
        up.set(1)
    except SQLAlchemyError:
        up.set(0)
    return registry


def _money(tx: Session, now: datetime, registry: CollectorRegistry) -> None:
    payments = Gauge("clinic_payments", "Payments by status.", ["status"], registry=registry)
    for status in PaymentStatus:
        payments.labels(status.value).set(0)
    for found, count in tx.exec(select(Payment.status, func.count()).group_by(col(Payment.status))):
        payments.labels(PaymentStatus(found).value).set(count)
    due = tx.exec(select(func.count()).where(Refund.status == RefundStatus.PENDING)).one()
    Gauge("clinic_refunds_due", "Refunds not yet settled.", registry=registry).set(due)
    held = select(func.count()).where(
        Appointment.status == AppointmentStatus.PENDING_PAYMENT, col(Appointment.hold_expires_at) > now
    )
    Gauge("clinic_holds_open", "Times held and not yet paid.", registry=registry).set(tx.exec(held).one())


def _messages(tx: Session, now: datetime, registry: CollectorRegistry) -> None:
    events = Gauge(
        "clinic_webhook_events", "Stored webhooks that are not done.", ["status"], registry=registry
    )
    for status in (DeliveryStatus.WAITING, DeliveryStatus.PARKED):
        count = tx.exec(select(func.count()).where(WebhookEvent.status == status)).one()
        events.labels(status.value).set(count)
    oldest = tx.exec(
        select(func.min(WebhookEvent.received_at)).where(WebhookEvent.status == DeliveryStatus.WAITING)
    ).one()
    lag = Gauge("clinic_webhook_lag_seconds", "Age of the oldest waiting webhook.", registry=registry)
    lag.set((now - oldest).total_seconds() if oldest else 0)


def _machinery(tx: Session, now: datetime, registry: CollectorRegistry) -> None:
    jobs = Gauge("clinic_job_age_seconds", "Since a job last ended well.", ["job"], registry=registry)
    for beat in tx.exec(select(Heartbeat)):
        jobs.labels(beat.job).set((now - beat.at).total_seconds())
    broken = Gauge(
        "clinic_promise_violations", "Of the last count, by number.", ["promise"], registry=registry
    )
    for promise in tx.exec(select(PromiseCount)):
        broken.labels(str(promise.number)).set(promise.violated)
    waiting = select(ReconciliationCase.kind, func.count()).where(col(ReconciliationCase.closed_at).is_(None))
    cases = Gauge("clinic_cases_open", "Differences that wait for the desk.", ["kind"], registry=registry)
    for kind, count in tx.exec(waiting.group_by(ReconciliationCase.kind)):
        cases.labels(kind).set(count)
