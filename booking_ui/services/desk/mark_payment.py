"""Marks: the desk's last resort, a payment's status set by hand. Each refuses what the statuses do not allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from booking_ui.db import holds, locks
from booking_ui.db.models import Appointment, Payment, Refund, Slot, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import BadInput, FieldError, NotFound, SlotGone, SlotTaken, WrongState
from booking_ui.domain.payment import DESK, PaymentStatus, RefundOrigin, RefundStatus
from booking_ui.domain.reason import reason_problems, reference_problems
from booking_ui.services.booking import claim
from booking_ui.services.journal import status_moves
from booking_ui.services.mail import outbox
from booking_ui.services.payments import orders
from booking_ui.services.refunds import outcome, send
from booking_ui.services.views import Marked, Principal
from booking_ui.services.visits import terms

OPEN = (PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.FAILED)


@dataclass(frozen=True)
class By:
    """The admin's hand in a mark."""

    actor: str
    reason: str
    now: datetime


def allowed(appointment: Appointment, payment: Payment) -> list[str]:
    """The marks that make sense now; the services refuse the others."""
    waiting = appointment.status in (AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.FAILED)
    found = ["captured"] if payment.status in OPEN and waiting else []
    if payment.status in (PaymentStatus.PENDING, PaymentStatus.AUTHORIZED):
        found.append("failed")
    if payment.status in (
        PaymentStatus.CAPTURED,
        PaymentStatus.REFUND_PENDING,
        PaymentStatus.PARTIALLY_REFUNDED,
    ):
        found.append("refunded")
    return found


def _require_allowed(name: str, appointment: Appointment, payment: Payment) -> None:
    if name not in allowed(appointment, payment):
        raise WrongState(
            f"This payment is {payment.status.value.replace('_', ' ')}: it can't be marked {name}."
        )


def captured(tx: Session, slot: Slot, appointment: Appointment, payment: Payment, by: By) -> None:
    """Paid in another way: confirm the booking, taking its slot again if it was freed. Raises SlotTaken, SlotGone."""
    _require_allowed("captured", appointment, payment)
    if not holds.is_held(appointment, by.now):
        if slot.withdrawn or slot.starts_at <= by.now:
            raise SlotGone("That time has passed or is no longer offered; book another one for the patient.")
        if claim.clear_slot(tx, slot, appointment.patient_id, by.now) is not None:
            raise SlotTaken("The patient holds this time in another booking.")
    payment.captured_paise += payment.amount_paise
    payment.method, payment.method_detail, payment.captured_at = DESK, "", by.now
    payment.next_check_at = None
    status_moves.move_payment(
        tx, payment, PaymentStatus.CAPTURED, actor=by.actor, reason=by.reason, now=by.now
    )
    status_moves.move_appointment(
        tx, appointment, AppointmentStatus.CONFIRMED, actor=by.actor, reason=by.reason, now=by.now
    )
    outbox.add_visit_mail(tx, appointment_id=pk(appointment), kind="confirmed", now=by.now)


def failed(tx: Session, _slot: Slot, appointment: Appointment, payment: Payment, by: By) -> None:
    """Give the payment up and free the slot. Money that comes all the same is handled as late money."""
    _require_allowed("failed", appointment, payment)
    if appointment.status is AppointmentStatus.PENDING_PAYMENT:
        status_moves.move_appointment(
            tx, appointment, AppointmentStatus.FAILED, actor=by.actor, reason=by.reason, now=by.now
        )
    status_moves.move_payment(tx, payment, PaymentStatus.FAILED, actor=by.actor, reason=by.reason, now=by.now)


def refunded(tx: Session, _slot: Slot, appointment: Appointment, payment: Payment, by: By) -> None:
    """Record that the visit's money was given back by hand, and cancel a visit that was still to come."""
    _require_allowed("refunded", appointment, payment)
    if appointment.status is AppointmentStatus.CONFIRMED:
        status_moves.move_appointment(
            tx, appointment, AppointmentStatus.CANCELLED, actor=by.actor, reason=by.reason, now=by.now
        )
        outbox.add_visit_mail(tx, appointment_id=pk(appointment), kind="cancelled", now=by.now)
    refunds = locks.refunds_of(tx, pk(payment))
    made = [one for one in refunds if one.gateway_payment_id == (payment.gateway_payment_id or "")]
    refund = _waiting_for_the_desk(made) or send.reserve(
        tx,
        payment,
        refunds,
        gateway_payment_id=payment.gateway_payment_id or "",
        amount_paise=_due(payment, made),
        origin=RefundOrigin.BY_HAND,
        actor=by.actor,
        now=by.now,
        by_desk=True,
    )
    for failed in made:
        if failed.status is RefundStatus.FAILED and failed.replaced_by_id is None:
            failed.replaced_by_id = refund.id
            tx.add(failed)
    outcome.finish(tx, payment, refund, refunds, RefundStatus.PROCESSED, actor=by.actor, now=by.now)


def _due(payment: Payment, made: Sequence[Refund]) -> int:
    """Paise that should go back and have not; once all of that has, the retained part goes back too."""
    kept = terms.kept_paise(payment, made)
    return kept - payment.retained_paise or kept


def _waiting_for_the_desk(made: Sequence[Refund]) -> Refund | None:
    """The refund that only the desk can pay out. Raises WrongState while Razorpay is sending one: it must not be paid twice."""
    pending = [r for r in made if r.status is RefundStatus.PENDING]
    if any(r.gateway_payment_id and (r.next_attempt_at or r.gateway_refund_id) for r in pending):
        raise WrongState("Razorpay is already sending this refund; wait for its answer.")
    return next(iter(pending), None)


MARKS: dict[str, Callable[[Session, Slot, Appointment, Payment, By], None]] = {
    "captured": captured,
    "failed": failed,
    "refunded": refunded,
}


def mark(
    *, admin: Principal, payment_id: int, status: str, reason: str, now: datetime, reference: str = ""
) -> Marked:
    """Record by hand that a payment was captured, failed or refunded, and why.

    `captured` also confirms the booking, `failed` frees its slot, `refunded` cancels it. Before `captured` Razorpay is
    asked, and its answer goes first. If `reference` is a payment's id, that payment is kept whenever a fact about it comes.

    Raises NotFound, BadInput, WrongState.
    """
    if wrong := _mark_problems(status, reason, reference):
        raise BadInput(*wrong)
    if status == "captured":
        _ask_first(payment_id, now)
    with write() as tx:
        appointment_id = tx.exec(select(Payment.appointment_id).where(Payment.id == payment_id)).first()
        if appointment_id is None:
            raise NotFound
        slot, appointment, payment = locks.booking(tx, appointment_id)
        payment.marked_by_id, payment.mark_reason = admin.person_id, reason.strip()
        payment.mark_reference = reference.strip()
        actor = actors.signed_in(admin)
        MARKS[status](tx, slot, appointment, payment, By(actor, reason.strip(), now))
        return Marked(payment.status, appointment.status)


def _ask_first(payment_id: int, now: datetime) -> None:
    with read() as tx:
        order_id = tx.exec(select(Payment.gateway_order_id).where(Payment.id == payment_id)).first()
    if order_id:
        orders.ask(order_id=order_id, now=now)


def _mark_problems(status: str, reason: str, reference: str) -> list[FieldError]:
    unknown = [] if status in MARKS else [FieldError("status", f"Choose one of {', '.join(MARKS)}.")]
    return [*unknown, *reason_problems(reason), *reference_problems(reference)]
