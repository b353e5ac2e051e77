"""Cancel a visit: by the policy for its patient, or with a refund that the caller has decided on."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment, Payment, Refund, pk
from booking_ui.db.session import write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause, Reason
from booking_ui.domain.errors import TooLateToCancel, WrongState
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import PaymentStatus, RefundOrigin, RefundStatus
from booking_ui.services.booking import appointments
from booking_ui.services.journal import status_moves
from booking_ui.services.mail import outbox
from booking_ui.services.refunds import send
from booking_ui.services.views import CancelView
from booking_ui.services.visits import terms


def cancel_by_policy(*, patient_id: int, appointment_id: int, now: datetime) -> CancelView:
    """Cancel a confirmed visit in time and give the money back by the policy; asking twice refunds once.

    Raises NotFound, WrongState, TooLateToCancel.
    """
    refund_id = None
    with write() as tx:
        _, appointment, payment = locks.own_booking(tx, patient_id, appointment_id)
        if appointment.status is AppointmentStatus.CANCELLED:
            paise = _given_back(tx, payment)
        elif appointment.status is not AppointmentStatus.CONFIRMED:
            raise WrongState("Only a confirmed booking can be cancelled.")
        else:
            refund_id, paise = _cancel_locked(tx, appointment, payment, now)
    if refund_id:
        send.send(refund_id=refund_id, now=now)
    return outcome(patient_id=patient_id, appointment_id=appointment_id, refund_paise=paise, now=now)


def _cancel_locked(
    tx: Session, appointment: Appointment, payment: Payment, now: datetime
) -> tuple[int | None, int]:
    """The id of the refund, if there is one, and its paise. Raises TooLateToCancel."""
    earlier = tx.exec(select(Refund).where(Refund.payment_id == payment.id)).all()
    quote = terms.cancel_quote(appointment, payment, earlier, now)
    if quote is None:
        raise TooLateToCancel(
            f"It's too late to cancel this visit online. Call us on {settings().support_phone}."
        )
    refund_id = cancel_with(
        tx,
        appointment,
        payment,
        refund_paise=quote.refund_paise,
        origin=RefundOrigin.POLICY,
        actor=actors.patient(appointment.patient_id),
        reason=Cause.CANCELLED,
        now=now,
    )
    return refund_id, quote.refund_paise


def cancel_with(
    tx: Session,
    appointment: Appointment,
    payment: Payment,
    *,
    refund_paise: int,
    origin: RefundOrigin,
    actor: str,
    reason: Reason,
    now: datetime,
) -> int | None:
    """Cancel with this refund under the caller's locks; what is not given back is retained. Returns the refund's id, if any."""
    earlier = tx.exec(select(Refund).where(Refund.payment_id == payment.id)).all()
    kept = terms.kept_paise(payment, earlier)
    status_moves.move_appointment(
        tx, appointment, AppointmentStatus.CANCELLED, actor=actor, reason=reason, now=now
    )
    outbox.add_visit_mail(tx, appointment_id=pk(appointment), kind="cancelled", now=now)
    payment.retained_paise = kept - refund_paise
    tx.add(payment)
    if not refund_paise:
        return None
    refund = send.reserve(
        tx,
        payment,
        gateway_payment_id=payment.gateway_payment_id or "",
        amount_paise=refund_paise,
        origin=origin,
        actor=actor,
        now=now,
    )
    return refund.id


def _given_back(tx: Session, payment: Payment) -> int:
    """Paise that went back or are on their way."""
    found = tx.exec(select(Refund).where(Refund.payment_id == payment.id)).all()
    return sum(r.amount_paise for r in found if r.status is not RefundStatus.FAILED)


def outcome(*, patient_id: int, appointment_id: int, refund_paise: int, now: datetime) -> CancelView:
    """A cancelled visit with what comes back of its money."""
    shown = appointments.find(patient_id=patient_id, appointment_id=appointment_id, now=now)
    if refund_paise:
        money = f"Refund of {rupees(refund_paise)} initiated."
    elif shown.payment_status == PaymentStatus.CAPTURED:
        money = "Nothing comes back."
    else:
        money = "Nothing was paid, so there is nothing to refund."
    return CancelView(shown, refund_paise, shown.refund_label, f"Appointment cancelled. {money}")
