"""Limits on holds that nobody pays for: at once by one patient, within a while from one network, and again and again.

A hold is idle while no payment was tried on it. One that is let go within QUICKLY is forgiven: choosing takes a few clicks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import structlog
from limits import RateLimitItem
from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db import holds
from booking_ui.db.models import Appointment, Payment, PaymentAttempt, Person, pk
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.clock import clock_label
from booking_ui.domain.errors import HoldsPaused, NetworkHolds, TooManyHolds, UnconfirmedHolds
from booking_ui.gateways import limiter, marks
from booking_ui.languages import _
from booking_ui.services.limits import metrics, rate_limits

log = structlog.get_logger()

UNCONFIRMED = 1  # open holds of a patient who has proven neither an address nor a number
QUICKLY = timedelta(minutes=2)
WATCHED = timedelta(hours=1)  # in which idle holds of one patient are counted
PAUSE = timedelta(minutes=10)  # since the last of them
FEWEST = 3  # idle holds that pause anybody


# ── At once ───────────────────────────────────────────────────────────────────────────────────────────────────────

_OPEN = select(func.count()).where(
    col(Appointment.patient_id) == sa.bindparam("patient_id"), holds.held(sa.bindparam("now"))
)


def most_open(patient: Person) -> int:
    """The holds that this patient may have at once: fewer before an address or a number is proven, where mails leave."""
    most = settings().open_holds_per_patient
    proven = patient.email_verified_at or patient.phone_verified_at
    if proven is None and not settings().mail_in_files:
        return min(UNCONFIRMED, most)
    return most


def refuse_one_too_many(tx: Session, patient: Person, now: datetime) -> None:
    """Raise TooManyHolds before one more hold; the patient's lock keeps the count true until the commit."""
    already = tx.exec(_OPEN, params={"patient_id": patient.id, "now": now}).one()
    if already >= settings().open_holds_per_patient:
        raise TooManyHolds
    if already >= most_open(patient):
        raise UnconfirmedHolds


def refuse_beyond_the_most(tx: Session, patient: Person, now: datetime) -> None:
    """Raise TooManyHolds before one more hold that the desk puts on: it knows the patient, so nothing need be proven."""
    if (
        tx.exec(_OPEN, params={"patient_id": patient.id, "now": now}).one()
        >= settings().open_holds_per_patient
    ):
        raise TooManyHolds(
            _(
                "This patient holds as many times as we allow at once. Take the money for one, or let one end first."
            )
        )


# ── Again and again ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Hold:
    """The present or last hold of a booking; `tried_at` is the last news of a payment."""

    appointment_id: int
    status: AppointmentStatus
    cause: Cause | None
    held_at: datetime
    ends_at: datetime
    changed_at: datetime
    tried_at: datetime | None

    def given_up_at(self, now: datetime) -> datetime | None:
        """The instant at which it ended with nobody paying; None if it lasts, or ended in another way."""
        ran_out = self.status is AppointmentStatus.PENDING_PAYMENT and self.ends_at <= now
        if ran_out or (self.status is AppointmentStatus.FAILED and self.cause is Cause.HOLD_EXPIRED):
            return self.ends_at
        let_go = self.status is AppointmentStatus.FAILED and self.cause is Cause.LET_GO
        if let_go and self.changed_at >= self.ends_at:  # after it had run out
            return self.ends_at
        return self.changed_at if let_go and self.changed_at - self.held_at >= QUICKLY else None

    @property
    def paid(self) -> bool:
        return self.status not in (AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.FAILED)


_HOLDS = (
    sa.select(
        col(Appointment.id),
        col(Appointment.status),
        col(Appointment.status_cause),
        col(Appointment.held_at),
        col(Appointment.hold_expires_at),
        col(Appointment.updated_at),
        sa.func.max(PaymentAttempt.updated_at),
    )
    .join(Payment, col(Payment.appointment_id) == col(Appointment.id))
    .outerjoin(PaymentAttempt, col(PaymentAttempt.payment_id) == col(Payment.id))
    .where(col(Appointment.held_at).is_not(None))
    .group_by(col(Appointment.id))
)


def _holds(tx: Session, *which: sa.ColumnElement[bool]) -> list[_Hold]:
    return [_Hold(*row) for row in tx.execute(_HOLDS.where(*which))]


def refuse_again_and_again(tx: Session, patient: Person, now: datetime) -> None:
    """Raise HoldsPaused before a new booking of a patient who lets holds run out and pays for none.

    Twice as many as may be open at once are borne within WATCHED. A payment tried in that time, even in vain, lifts it.
    """
    mine = col(Appointment.patient_id) == pk(patient)
    found = _holds(tx, mine, col(Appointment.hold_expires_at) > now - WATCHED)
    if any(one.paid or one.tried_at for one in found):
        return
    ends = [end for one in found if (end := one.given_up_at(now)) and end > now - WATCHED]
    if len(ends) < max(FEWEST, 2 * most_open(patient)):
        return
    until = max(ends) + PAUSE
    if now < until:
        metrics.REFUSED.labels("holds_paused").inc()
        raise HoldsPaused(math.ceil((until - now).total_seconds()), clock_label(until, settings().zone))


# ── From one network ──────────────────────────────────────────────────────────────────────────────────────────────


def count_for_network(tx: Session, held: Appointment, host: str, *, refuse: bool) -> None:
    """Count a hold that was just written against its network (RATE_LIMIT_HOLDS). Raises NetworkHolds, if it may `refuse`.

    The count is of idle holds: open ones, and those that were given up. Nothing is counted without a `host`, and for
    trusted addresses. The mark that stays names the booking, under a keyed hash of the network, until its rules end.
    """
    if not host or held.held_at is None or rate_limits.trusted(host):
        return
    rules = limiter.parsed(settings().rate_limit_holds)
    key, at = rate_limits.key("holds", rate_limits.network(host)), held.held_at.timestamp()
    mark = f"{pk(held)}:{at:.3f}"
    keep = timedelta(seconds=max(rule.get_expiry() for rule in rules))
    others = marks.add(key, mark, at=at, keep=keep)
    if not refuse or not _wait(rules, others.values(), at):
        return
    forgiven = _forgiven(tx, others, held.held_at)
    wait = _wait(rules, (when for one, when in others.items() if one not in forgiven), at)
    marks.remove(key, [*forgiven, mark] if wait else forgiven)
    if wait:
        metrics.REFUSED.labels("holds").inc()
        log.info("limit.reached", limit="holds", wait_seconds=wait)
        raise NetworkHolds(wait)


def _wait(rules: Sequence[RateLimitItem], instants: Iterable[float], now: float) -> int:
    """The seconds until one more fits into every rule; 0 for now."""
    known, wait = sorted(instants), 0
    for rule in rules:
        within = [one for one in known if one > now - rule.get_expiry()]
        if len(within) >= rule.amount:
            wait = max(wait, math.ceil(within[-rule.amount] + rule.get_expiry() - now), 1)
    return wait


def _forgiven(tx: Session, counted: dict[str, float], now: datetime) -> set[str]:
    """The marks of holds that count no more: a payment was tried or made, or it was let go quickly."""
    ids = {mark: int(mark.partition(":")[0]) for mark in counted}
    known = {one.appointment_id: one for one in _holds(tx, col(Appointment.id).in_(set(ids.values())))}
    return {mark for mark, at in counted.items() if _is_forgiven(known.get(ids[mark]), at, now)}


def _is_forgiven(hold: _Hold | None, at: float, now: datetime) -> bool:
    if hold is None:  # being written by another transaction
        return False
    if hold.paid or (hold.tried_at and hold.tried_at >= datetime.fromtimestamp(at, UTC)):
        return True
    renewed = hold.held_at.timestamp() - at > 0.001
    lasts = hold.status is AppointmentStatus.PENDING_PAYMENT
    return not (renewed or lasts or hold.given_up_at(now))
