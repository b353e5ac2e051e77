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
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, Source
from booking_ui.domain.remark_codes import RemarkCode, reached
from booking_ui.domain.remarks import Paise, Remark, shown
from booking_ui.gateways.razorpay import gateway
from booking_ui.gateways.redis import alone
from booking_ui.languages import N_, _
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.limits import rate_limits
from booking_ui.services.payments import orders as questions
from booking_ui.services.refunds import send
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import Asked

NO_ORDER = N_("There is nothing to ask: nobody has begun to pay for this booking.")

NOTHING_NEW = Remark(RemarkCode.NOTHING_NEW)
NOBODY_TRIED = Remark(RemarkCode.NOBODY_TRIED)
UNREADABLE = Remark(RemarkCode.UNREADABLE_ANSWER)
NO_ANSWER = Remark(RemarkCode.NOT_ANSWERED)
UNKNOWN = Remark(RemarkCode.NOT_KNOWN)
REFUSED = Remark(RemarkCode.NOT_ALLOWED)

_BECAME = {
    AttemptStatus.CREATED: RemarkCode.PAYMENT_BEGUN,
    AttemptStatus.FAILED: RemarkCode.PAYMENT_FAILED,
    AttemptStatus.AUTHORIZED: RemarkCode.PAYMENT_AUTHORIZED,
    AttemptStatus.CAPTURED: RemarkCode.PAYMENT_CAPTURED,
    AttemptStatus.REFUNDED: RemarkCode.PAYMENT_REFUNDED,
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
            _note(admin, appointment_id, _why_not(exc), now)
            raise _refusal(exc) from exc
    after = _seen(appointment_id)
    said = _said(before, after) if readable else UNREADABLE
    _note(admin, appointment_id, said, now)
    return _answer(before, after, shown(said))


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


def _why_not(exc: GatewayError) -> Remark:
    if isinstance(exc, GatewayRejected):
        return REFUSED if exc.http_status in send.NO_ANSWER else UNKNOWN
    return NO_ANSWER


def _refusal(exc: GatewayError) -> GatewayError:
    """The error in the desk's words."""
    kind = GatewayRejected if isinstance(exc, GatewayRejected) else GatewayUnavailable
    return kind(shown(_why_not(exc)), http_status=exc.http_status, reason=exc.reason)


def _said(before: _Seen, after: _Seen) -> Remark:
    """The difference in a sentence: A payment of ₹500 is captured, the visit is confirmed now."""
    parts = [
        Remark(_BECAME[status], amount=Paise(paise))
        for one, (status, paise) in after.attempts.items()
        if before.attempts.get(one, (None, 0))[0] is not status
    ]
    if after.status is not before.status:
        parts.append(_now(after.status))
    if after.refunded_paise > before.refunded_paise:
        back = Paise(after.refunded_paise - before.refunded_paise)
        parts.append(Remark(RemarkCode.WENT_BACK, amount=back))
    elif after.payment is not before.payment and (not parts or after.payment is PaymentStatus.REFUND_PENDING):
        parts.append(_now(after.payment))
    if not parts:
        return NOTHING_NEW if after.attempts else NOBODY_TRIED
    return Remark(RemarkCode.ANSWER, sentence=parts)


def _now(status: AppointmentStatus | PaymentStatus) -> Remark:
    return Remark(RemarkCode.NOW, change=reached(status))


def _note(admin: Principal, appointment_id: int, said: Remark, now: datetime) -> None:
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
