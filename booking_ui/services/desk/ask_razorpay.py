"""The desk asks Razorpay about one booking, and is told in words what that changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from booking_ui.db import locks, orders
from booking_ui.db.models import Appointment, Payment, PaymentAttempt
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import (
    AskedAlready,
    GatewayError,
    GatewayRejected,
    GatewayUnavailable,
    NotFound,
)
from booking_ui.domain.gateway_news import Listing
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, Source
from booking_ui.gateways.razorpay import gateway
from booking_ui.gateways.redis import alone
from booking_ui.languages import FIRST, N_, _, speaking
from booking_ui.services.desk import booking_timeline
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.limits import rate_limits
from booking_ui.services.payments import orders as questions
from booking_ui.services.refunds import send
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import Asked

NO_ORDER = N_("There is nothing to ask: nobody has begun to pay for this booking.")
NOTHING_NEW = N_("Razorpay knows nothing new.")
NOBODY_TRIED = N_("Razorpay knows nothing new: nobody has tried to pay.")
UNREADABLE = N_("Razorpay's answer has a payment that we can't read: Books has a case.")
NO_ANSWER = N_("Razorpay did not answer. Please try again in a minute.")
UNKNOWN = N_(
    "Razorpay does not know this order or payment. Look whether the id of a mark, the keys and the account are right."
)
REFUSED = N_("Razorpay refused to answer. Look whether its keys and the account are the right ones.")

_BECAME = {
    AttemptStatus.CREATED: N_("a payment of {amount} was begun"),
    AttemptStatus.FAILED: N_("a payment of {amount} failed"),
    AttemptStatus.AUTHORIZED: N_("a payment of {amount} is authorized, not captured yet"),
    AttemptStatus.CAPTURED: N_("a payment of {amount} is captured"),
    AttemptStatus.REFUNDED: N_("a payment of {amount} is refunded"),
}
"""A new status of an attempt to pay, in a clause."""


@dataclass(frozen=True)
class _Seen:
    """A booking at one moment. `attempts` are (status, paise) by Razorpay's payment id."""

    appointment_id: int
    orders: list[str]
    status: AppointmentStatus
    payment: PaymentStatus
    refunded_paise: int
    marked_payment_id: str
    attempts: dict[str, tuple[AttemptStatus, int]]


def ask(*, admin: Principal, appointment_id: int, now: datetime) -> Asked:
    """Ask about every payment and refund of a booking, and apply the answers; nothing is locked meanwhile.

    What became of the question stands in the booking's audit, also when Razorpay did not answer.

    Raises NotFound, AskedAlready, RateLimited, GatewayUnavailable, GatewayRejected; what was learnt until then is kept.
    """
    before = _seen(appointment_id)
    if not before.orders and not before.marked_payment_id:
        return _answer(before, before, _(NO_ORDER))
    with alone(f"ask:{appointment_id}") as free:
        if not free:
            raise AskedAlready
        rate_limits.limit_desk_questions(appointment_id=appointment_id)
        try:
            readable = _learn(before, now)
        except GatewayError as exc:
            with speaking(FIRST):
                _note(admin, appointment_id, _refusal(exc).sentence, now)
            raise _refusal(exc) from exc
    after = _seen(appointment_id)
    with speaking(FIRST):
        _note(admin, appointment_id, _said(before, after) if readable else UNREADABLE, now)
    return _answer(before, after, _said(before, after) if readable else _(UNREADABLE))


def _seen(appointment_id: int) -> _Seen:
    with read() as tx:
        appointment = tx.get(Appointment, appointment_id)
        if appointment is None:
            raise NotFound
        bill = tx.exec(select(Payment).where(Payment.appointment_id == appointment_id)).one()
        tried = tx.exec(select(PaymentAttempt).where(PaymentAttempt.payment_id == bill.id)).all()
        return _Seen(
            appointment_id=appointment_id,
            orders=orders.every_id(tx, bill),
            status=appointment.status,
            payment=bill.status,
            refunded_paise=bill.refunded_paise,
            marked_payment_id=bill.marked_payment_id or "",
            attempts={one.gateway_payment_id: (one.status, one.amount_paise) for one in tried},
        )


def _learn(booking: _Seen, now: datetime) -> bool:
    """Apply Razorpay's answers; False when not all of them can be read. Raises GatewayError."""
    readable = True
    for order_id in booking.orders:
        readable &= questions.learn(gateway().payments_of(order_id), about=order_id, now=now)
    if linked := booking.marked_payment_id:  # a payment link has an order of its own
        readable &= questions.learn(Listing([gateway().payment(linked)], []), about=linked, now=now)
    for payment_id, (status, _paise) in _seen(booking.appointment_id).attempts.items():
        if status in (AttemptStatus.CAPTURED, AttemptStatus.REFUNDED):
            for fact in gateway().refunds_of(payment_id):
                send.settle(fact=fact, now=now, source=Source.QUESTION)
    return readable


def _refusal(exc: GatewayError) -> GatewayError:
    """The error in the desk's words."""
    if isinstance(exc, GatewayRejected):
        sentence = _(REFUSED) if exc.http_status in send.NO_ANSWER else _(UNKNOWN)
        return GatewayRejected(sentence, http_status=exc.http_status, reason=exc.reason)
    return GatewayUnavailable(_(NO_ANSWER), http_status=exc.http_status, reason=exc.reason)


def _said(before: _Seen, after: _Seen) -> str:
    """The difference in a sentence: Captured ₹500, the visit is confirmed now."""
    parts = [
        _(_BECAME[status], amount=rupees(paise))
        for one, (status, paise) in after.attempts.items()
        if before.attempts.get(one, (None, 0))[0] is not status
    ]
    if after.status is not before.status:
        parts.append(_now(Action.APPOINTMENT, after.status))
    if after.refunded_paise > before.refunded_paise:
        parts.append(_("{amount} went back", amount=rupees(after.refunded_paise - before.refunded_paise)))
    elif after.payment is not before.payment and (not parts or after.payment is PaymentStatus.REFUND_PENDING):
        parts.append(_now(Action.PAYMENT, after.payment))
    if not parts:
        return _(NOTHING_NEW) if after.attempts else _(NOBODY_TRIED)
    sentence = ", ".join(parts)
    return booking_timeline.ended(f"{sentence[:1].upper()}{sentence[1:]}")


def _now(action: Action, status: str) -> str:
    return _("{change} now", change=booking_timeline.status_words(action, status))


def _note(admin: Principal, appointment_id: int, said: str, now: datetime) -> None:
    with write() as tx:
        locks.booking(tx, appointment_id)
        audit.note(tx, appointment_id, Action.ASKED, actor=actors.signed_in(admin), reason=said, now=now)


def _answer(before: _Seen, after: _Seen, said: str) -> Asked:
    return Asked(
        appointment_id=after.appointment_id,
        orders=after.orders,
        changed=after != before,
        said=said,
        status_before=before.status,
        status=after.status,
        payment_status_before=before.payment,
        payment_status=after.payment,
    )
