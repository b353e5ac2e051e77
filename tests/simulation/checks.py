"""Checks after every step, whatever went wrong before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlmodel import col, select

from booking_ui.db.models import (
    Appointment,
    AuditEntry,
    Notification,
    Payment,
    PaymentAttempt,
    WebhookEvent,
    pk,
)
from booking_ui.db.seconds import in_words_of
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.payment import AttemptStatus
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.sandbox.rest import orders, payments
from booking_ui.services.journal import audit
from booking_ui.services.upkeep import invariants
from tests.simulation.people import booking_of
from tests.simulation.world import World

VISITS = (AppointmentStatus.CONFIRMED, AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW)
SWEPT = 4
"""The number of the promise that needs the sweep to have run, so it is counted only then."""


def faults(w: World, *, swept: bool = False, thorough: bool = False) -> list[str]:
    """Every broken promise; `swept` says that the sweep has just run. Only `thorough` rehashes the trail."""
    if not thorough and not w.changed():
        return []
    if not thorough and w.storage.database.sqlite and not _suspicious(w, swept):
        return _forgotten(w) + _unpaid_visits(w) + _terms(w)
    found = [
        f"promise {count.number}: {violation.subject}: {violation.fault}"
        for count in invariants.count(now=w.stage.now)
        if swept or count.number != SWEPT
        for violation in count.violations
    ]
    return found + _forgotten(w) + _lies(w) + _unpaid_visits(w) + _terms(w) + _defects()


_QUICK = " UNION ALL ".join(
    f"SELECT 1 FROM ({in_words_of('sqlite', query)}) WHERE {':swept' if promise.number == SWEPT else '1'}"
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
    """Visits whose kept payment Razorpay has not captured, for this booking and this amount."""
    with read() as tx:
        visits = tx.exec(
            select(Appointment, Payment)
            .join(Payment, col(Payment.appointment_id) == Appointment.id)
            .where(col(Appointment.status).in_(VISITS), Payment.method != "desk")
            .order_by(col(Appointment.id))
        ).all()
    return [
        f"booking {visit.id} is confirmed, but Razorpay has not captured its money"
        for visit, bill in visits
        if not _captured(w, visit.reference, bill)
    ]


def _terms(w: World) -> list[str]:
    """Bookings that stand although their terms forbid it: what was promised to patient and clinic when the time was held."""
    with read() as tx:
        rows = tx.exec(
            select(Appointment, Payment)
            .join(Payment, col(Payment.appointment_id) == Appointment.id)
            .order_by(col(Appointment.id))
        ).all()
        said = tx.exec(
            select(AuditEntry)
            .where(col(AuditEntry.action).in_((audit.Action.APPOINTMENT, audit.Action.MOVED)))
            .order_by(col(AuditEntry.subject), col(AuditEntry.seq))
        ).all()
    trail = [row for row in said if row.action == audit.Action.APPOINTMENT]
    moves = [row for row in said if row.action == audit.Action.MOVED]
    bookings = _as_held([a for a, _ in rows], moves)
    found = []
    for a, bill in rows:
        held = bookings[audit.booking(pk(a))]
        if held.until and held.until > held.starts_at:
            found.append(f"booking {a.id} is held beyond the start of its visit")
        if a.status is AppointmentStatus.PENDING_PAYMENT and _is_dead(w, bill):
            found.append(f"booking {a.id} waits for a payment that Razorpay will not take")
    found += _held_at_another_fee(w, trail, bookings)
    found += _confirmed_near_or_let_go(w, trail, bookings)
    return found + _confirmed_after_return(w, trail) + _closed_and_sold(w, trail, moves, bookings)


@dataclass(frozen=True)
class _Held:
    """A booking as it was held last: a visit that was moved since has another slot now."""

    fee_paise: int
    starts_at: datetime
    slot_id: int
    until: datetime | None


def _as_held(rows: Sequence[Appointment], moves: Sequence[AuditEntry]) -> dict[str, _Held]:
    """Bookings by the subject of their audit rows; `moves` are in the order in which they were made."""
    first: dict[str, str] = {}
    for move in moves:
        first.setdefault(move.subject, move.before)
    found = {}
    for a in rows:
        subject = audit.booking(pk(a))
        slot = first.get(subject) or audit.slot_fact(a.starts_at, a.slot_id)
        found[subject] = _Held(a.fee_paise, audit.slot_instant(slot), _slot_id(slot), a.hold_expires_at)
    return found


def _slot_id(fact: str) -> int:
    """The slot in a slot fact."""
    return int(fact.rpartition(":")[2])


def _held_at_another_fee(w: World, trail: Sequence[AuditEntry], bookings: dict[str, _Held]) -> list[str]:
    """Bookings that were held, or held again, at a fee that was not the doctor's at that moment."""
    return [
        f"{row.subject} was held at a fee that is over"
        for row in trail
        if row.after == AppointmentStatus.PENDING_PAYMENT
        and bookings[row.subject].fee_paise != _fee_at(w, row.at)
    ]


def _fee_at(w: World, at: datetime) -> int:
    return next(fee for since, fee in reversed(w.fees) if since < at or since == w.fees[0][0])


def _closed_and_sold(
    w: World, trail: Sequence[AuditEntry], moves: Sequence[AuditEntry], bookings: dict[str, _Held]
) -> list[str]:
    """Bookings that got a time of a day after it was closed. A hold of before is honoured until it ends."""
    if not w.closed:
        return []
    found = [
        f"{row.subject} was moved to a day that was closed before"
        for row in moves
        if _is_closed(w, _slot_id(row.after), row.at)
    ]
    before: dict[str, str] = {}
    for row in trail:
        held, was = bookings[row.subject], before.get(row.subject)
        before[row.subject] = row.after
        if not _is_closed(w, held.slot_id, row.at):
            continue
        kept = was == AppointmentStatus.PENDING_PAYMENT and held.until and row.at < held.until
        confirmed = row.after == AppointmentStatus.CONFIRMED and not kept
        if confirmed or row.after == AppointmentStatus.PENDING_PAYMENT:
            found.append(f"{row.subject} is {row.after} on a day that was closed before")
    return found


def _is_closed(w: World, slot_id: int, at: datetime) -> bool:
    return slot_id in w.closed and at > w.closed[slot_id]


def _confirmed_near_or_let_go(w: World, trail: Sequence[AuditEntry], bookings: dict[str, _Held]) -> list[str]:
    """Bookings that money confirmed after their patient had let go, or after their hold and too near to be cancelled."""
    found = []
    for before, row in pairwise(trail):
        if before.subject != row.subject or row.cause not in (Cause.PAID, Cause.PAID_LATE):
            continue
        held = bookings[row.subject]
        if (before.id or 0) <= w.let_go.get(row.subject, 0) < (row.id or 0):
            found.append(f"{row.subject} was confirmed after its patient had let go")
        # The policy in these stories is the default, 24:100,4:50.
        late = held.until is not None and row.at >= held.until
        freed = before.after == AppointmentStatus.FAILED
        if (freed or late) and row.at > held.starts_at - timedelta(hours=24):
            found.append(f"{row.subject} was confirmed late, too near to be cancelled for the full fee")
    return found


def _is_dead(w: World, bill: Payment) -> bool:
    """True if the order took money that we know of and that is not the bill's."""
    if bill.gateway_order_id is None or bill.gateway_payment_id or bill.captured_paise == 0:
        return False
    order = orders.get(w.account.box, bill.gateway_order_id)
    theirs = payments.of_order(w.account.box, order.id)
    with read() as tx:
        known = set(
            tx.exec(
                select(PaymentAttempt.gateway_payment_id).where(
                    PaymentAttempt.payment_id == bill.id,
                    col(PaymentAttempt.status).in_((AttemptStatus.CAPTURED, AttemptStatus.REFUNDED)),
                )
            ).all()
        )
    return any(p.id in known and p.doc["captured"] and p.doc["amount"] != bill.amount_paise for p in theirs)


ANSWERS = ("razorpay:question", "razorpay:return", "razorpay:comparison")


def _confirmed_after_return(w: World, trail: Sequence[AuditEntry]) -> list[str]:
    """Bookings confirmed by an answer of Razorpay's although all of the money had gone back before it was given."""
    found = []
    for row in trail:
        if row.after != AppointmentStatus.CONFIRMED or row.actor not in ANSWERS or not w.gone:
            continue
        with read() as tx:
            bill = tx.exec(
                select(Payment).where(Payment.appointment_id == int(row.subject.partition(":")[2]))
            ).one()
        kept = bill.gateway_payment_id
        if kept is None or kept not in w.gone or (row.id or 0) <= w.gone[kept]:
            continue
        made = w.account.box.store.select("kind='refund' AND parent=?", (kept,))
        if sum(r.doc["amount"] for r in made if r.doc["status"] != "failed") >= bill.amount_paise:
            found.append(f"{row.subject} was confirmed by money that had gone back already")
    return found


def _captured(w: World, reference: str, bill: Payment) -> bool:
    """True if Razorpay has captured exactly the bill, for an order that its own books give to this booking.

    Which order our books name does not matter: one that was retired may take a second payment, which is the booking's too.
    """
    if bill.gateway_payment_id is None:
        return False
    known = payments.get(w.account.box, bill.gateway_payment_id).doc
    order = orders.get(w.account.box, known["order_id"]).doc
    asked = (booking_of(order["receipt"]), order["amount"], order["currency"])
    return (
        bool(known["captured"])
        and asked == (reference, bill.amount_paise, bill.currency)
        and (known["amount"], known["currency"]) == (bill.amount_paise, bill.currency)
    )


def _defects() -> list[str]:
    """Webhooks whose application raised an exception, which nothing in a story may cause."""
    with read() as tx:
        failed = tx.exec(
            select(WebhookEvent.event, WebhookEvent.outcome_detail)
            .where(WebhookEvent.outcome_code == OutcomeCode.BROKEN)
            .order_by(col(WebhookEvent.id))
        ).all()
    return [f"applying {name} failed: {error}" for name, error in failed]
