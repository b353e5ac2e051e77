"""Checks after every step, whatever went wrong before it."""

from __future__ import annotations

from sqlmodel import col, select

from booking_ui.db.models import Appointment, Notification, Payment, WebhookEvent
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.sandbox.rest import payments
from booking_ui.services.journal import audit
from booking_ui.services.upkeep import invariants
from tests.simulation.world import World

VISITS = (AppointmentStatus.CONFIRMED, AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW)
SWEPT = 4
"""The number of the promise that needs the sweep to have run, so it is counted only then."""


def faults(w: World, *, swept: bool = False, thorough: bool = False) -> list[str]:
    """Every broken promise; `swept` says that the sweep has just run. Only `thorough` rehashes the trail."""
    if not thorough and not w.changed():
        return []
    if not thorough and w.storage.database.sqlite and not _suspicious(w, swept):
        return _forgotten(w) + _unpaid_visits(w)
    found = [
        f"promise {count.number}: {violation.subject}: {violation.fault}"
        for count in invariants.count(now=w.stage.now)
        if swept or count.number != SWEPT
        for violation in count.violations
    ]
    return found + _forgotten(w) + _lies(w) + _unpaid_visits(w) + _defects()


_QUICK = " UNION ALL ".join(
    f"SELECT 1 FROM ({query}) WHERE {':swept' if promise.number == SWEPT else '1'}"
    for promise in invariants.PROMISES
    for query in promise.queries
)


def _suspicious(w: World, swept: bool) -> bool:
    """True when one of the promises' queries finds a row; all in one statement, much faster than counting."""
    limit = (w.stage.now - invariants.SWEEP).strftime("%Y-%m-%d %H:%M:%S.%f")
    values = {"genesis": audit.GENESIS, "swept": swept, "sweep": limit}
    with w.storage.database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None  # it was just opened
        broken = raw.execute(_QUICK, values).fetchone()
        failed = raw.execute("SELECT 1 FROM webhook_event WHERE outcome_code = 'broken'").fetchone()
        owed = {key for (key,) in raw.execute("SELECT key FROM notification")}
    return broken is not None or failed is not None or not owed.issuperset(w.mailbox.keys)


def _forgotten(w: World) -> list[str]:
    """Webhooks that we acknowledged and do not have: Razorpay will never send them again."""
    if not w.post.acknowledged:
        return []
    with read() as tx:
        stored = set(tx.exec(select(WebhookEvent.event_id, WebhookEvent.body_sha256)).all())
    return [
        f"a webhook was acknowledged and not stored: {key[0]}" for key in sorted(w.post.acknowledged - stored)
    ]


def _lies(w: World) -> list[str]:
    """Mails without a committed row."""
    if not w.mailbox.keys:
        return []
    with read() as tx:
        due = set(tx.exec(select(Notification.key)).all())
    return [f"a mail was sent that nobody owes: {key}" for key in w.mailbox.keys if key not in due]


def _unpaid_visits(w: World) -> list[str]:
    """Visits whose kept payment Razorpay has not captured, for this order and this amount."""
    with read() as tx:
        visits = tx.exec(
            select(Appointment.id, Payment)
            .join(Payment, col(Payment.appointment_id) == Appointment.id)
            .where(col(Appointment.status).in_(VISITS), Payment.method != "desk")
            .order_by(col(Appointment.id))
        ).all()
    return [
        f"booking {appointment_id} is confirmed, but Razorpay has not captured its money"
        for appointment_id, bill in visits
        if not _captured(w, bill)
    ]


def _captured(w: World, bill: Payment) -> bool:
    if bill.gateway_payment_id is None:
        return False
    known = payments.get(w.account.box, bill.gateway_payment_id).doc
    same = (known["order_id"], known["amount"]) == (bill.gateway_order_id, bill.amount_paise)
    return bool(known["captured"]) and same


def _defects() -> list[str]:
    """Webhooks whose application raised an exception, which nothing in a story may cause."""
    with read() as tx:
        failed = tx.exec(
            select(WebhookEvent.event, WebhookEvent.outcome_detail)
            .where(WebhookEvent.outcome_code == OutcomeCode.BROKEN)
            .order_by(col(WebhookEvent.id))
        ).all()
    return [f"applying {name} failed: {error}" for name, error in failed]
