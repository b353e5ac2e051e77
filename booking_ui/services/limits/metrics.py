"""Metrics for Prometheus: counters of this process, and gauges counted in the database at the scrape.

No label names a person, a booking or an address: each has a handful of values. With WORKERS above 1 the processes share
their counters through files in PROMETHEUS_MULTIPROC_DIR (serve.py sets it); the gauges need no sharing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from threading import Lock

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from booking_ui.db import holds
from booking_ui.db.models import (
    Appointment,
    DeliveryStatus,
    Heartbeat,
    Notification,
    Payment,
    PromiseCount,
    ReconciliationCase,
    Refund,
    WebhookEvent,
)
from booking_ui.db.session import read
from booking_ui.domain.channel import Channel
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.domain.payment import PaymentStatus, RefundStatus
from booking_ui.gateways import breaker
from booking_ui.services.journal.heartbeats import WRITTEN

log = structlog.get_logger()

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
_CLAIMS = Counter("claims", "Attempts to hold a time.", ["outcome"], registry=_registry)
REFUSED = Counter("rate_limit_refusals", "Refused for coming too often.", ["limit"], registry=_registry)
BAD_SIGNATURES = Counter(
    "bad_signatures", "Messages that Razorpay did not sign.", ["door"], registry=_registry
)
CIRCUITS = Counter(
    "circuit_changes",
    "A service outside was found to be away (opened), or back (closed).",
    ["service", "change"],
    registry=_registry,
)

# Made here and not by the first claim: zero is a value too.
WON_CLAIMS, LOST_CLAIMS = _CLAIMS.labels("won"), _CLAIMS.labels("lost")
_AWAY, _BACK = CIRCUITS.labels("razorpay", "opened"), CIRCUITS.labels("razorpay", "closed")
breaker.listen(lambda _service, opened: (_AWAY if opened else _BACK).inc())

_guard = Lock()
_counted: tuple[float, bytes] = (float("-inf"), b"")


def exposition(*, now: datetime) -> bytes:
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


def reset_gauges() -> None:
    """Count anew at the next scrape (tests)."""
    global _counted
    _counted = float("-inf"), b""


class _Clinic(Collector):
    """Families made for one scrape. As `Gauge`s they would stand in the shared files once for each process."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> list[GaugeMetricFamily]:
        return self._families


def _counted_in_the_database(now: datetime) -> CollectorRegistry:
    families: list[GaugeMetricFamily] = []
    try:
        with read() as tx:
            families = [*_money(tx, now), *_messages(tx, now), *_machinery(tx, now)]
    except SQLAlchemyError:
        log.warning("metrics.database_away")
    up = _gauge("clinic_database_up", "Whether the database answers.", 1 if families else 0)
    registry = CollectorRegistry()
    registry.register(_Clinic([up, *families]))
    return registry


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value)


def _gauges_by(
    name: str, about: str, label: str, values: Iterable[tuple[object, float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for which, value in values:
        family.add_metric([str(which)], value)
    return family


def _money(tx: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    found = dict(tx.exec(select(Payment.status, func.count()).group_by(col(Payment.status))).all())
    every = [(status.value, found.get(status, 0)) for status in PaymentStatus]
    yield _gauges_by("clinic_payments", "Payments by status.", "status", every)
    due = tx.exec(select(func.count()).where(Refund.status == RefundStatus.PENDING)).one()
    yield _gauge("clinic_refunds_due", "Refunds not yet settled.", due)
    open_holds = select(func.count()).select_from(Appointment).where(holds.held(now))
    yield _gauge("clinic_holds_open", "Times held and not yet paid.", tx.exec(open_holds).one())


def _messages(tx: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    undone = (DeliveryStatus.WAITING, DeliveryStatus.PARKED)
    counts = [
        (status.value, tx.exec(select(func.count()).where(WebhookEvent.status == status)).one())
        for status in undone
    ]
    yield _gauges_by("clinic_webhook_events", "Stored webhooks that are not done.", "status", counts)
    mails = [
        (status.value, tx.exec(select(func.count()).where(Notification.status == status)).one())
        for status in undone
    ]
    yield _gauges_by(
        "clinic_mails",
        "Messages on every channel that are not sent: waiting, or parked for the desk.",
        "status",
        mails,
    )
    by_channel = select(Notification.channel, func.count()).where(
        Notification.status == DeliveryStatus.PARKED
    )
    parked = dict(tx.exec(by_channel.group_by(col(Notification.channel))).all())
    every = [(channel.value, parked.get(channel, 0)) for channel in Channel]
    yield _gauges_by("clinic_messages_parked", "Messages that were given up, by channel.", "channel", every)
    # What waits for the morning is late for nobody.
    unsent = (
        Notification.status == DeliveryStatus.WAITING,
        col(Notification.refusal).is_distinct_from(Refusal.QUIET),
    )
    due = tx.exec(select(func.min(Notification.created_at)).where(*unsent)).one()
    yield _gauge(
        "clinic_mail_lag_seconds",
        "Age of the oldest waiting message.",
        (now - due).total_seconds() if due else 0,
    )
    waiting = WebhookEvent.status == DeliveryStatus.WAITING
    oldest = tx.exec(select(func.min(WebhookEvent.received_at)).where(waiting)).one()
    lag = (now - oldest).total_seconds() if oldest else 0
    yield _gauge("clinic_webhook_lag_seconds", "Age of the oldest waiting webhook.", lag)


def _machinery(tx: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    beats = tx.exec(select(Heartbeat).where(Heartbeat.job != WRITTEN))
    ages = [(beat.job, (now - beat.at).total_seconds()) for beat in beats]
    yield _gauges_by("clinic_job_age_seconds", "Since a job last ended well.", "job", ages)
    broken = [(one.number, one.violated) for one in tx.exec(select(PromiseCount))]
    yield _gauges_by("clinic_promise_violations", "Of the last count, by number.", "promise", broken)
    open_ones = select(ReconciliationCase.kind, func.count()).where(
        col(ReconciliationCase.closed_at).is_(None)
    )
    cases = tx.exec(open_ones.group_by(ReconciliationCase.kind)).all()
    yield _gauges_by("clinic_cases_open", "What waits for the desk.", "kind", cases)
