"""Cancel a visit: by the policy for its patient, or with a refund that the caller has decided on."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment, Payment, Refund, pk
from booking_ui.db.session import write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause, Reason
from booking_ui.domain.errors import TooLateToCancel, WrongState
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundOrigin, RefundStatus
from booking_ui.languages import _
from booking_ui.services.booking import appointments
from booking_ui.services.journal import status_moves
from booking_ui.services.mail import outbox
from booking_ui.services.refunds import dispute_holds, send
from booking_ui.services.views import CancelView
from booking_ui.services.visits import terms


def cancel_by_policy(*, patient_id: int, appointment_id: int, now: datetime) -> CancelView:
    """Cancel a confirmed visit in time and give the money back by the policy; asking twice refunds once.

    The refund is written down and leaves with the worker: nobody waits for Razorpay here.

    Raises NotFound, WrongState, TooLateToCancel.
    """
    with write() as tx:
        _slot, appointment, payment = locks.own_booking(tx, patient_id, appointment_id)
        refunds = locks.refunds_of(tx, pk(payment))
        if appointment.status is AppointmentStatus.CANCELLED:
            paise = sum(r.amount_paise for r in refunds if r.status is not RefundStatus.FAILED)
        elif appointment.status is not AppointmentStatus.CONFIRMED:
            raise WrongState(_("Only a confirmed booking can be cancelled."))
        else:
            paise = _refund_by_policy(appointment, payment, refunds, now)
            cancel_with(
                tx,
                appointment,
                payment,
                refunds,
                refund_paise=paise,
                origin=RefundOrigin.POLICY,
                actor=actors.patient(patient_id),
                reason=Cause.CANCELLED,
                now=now,
            )
    return outcome(patient_id=patient_id, appointment_id=appointment_id, refund_paise=paise, now=now)


def _refund_by_policy(
    appointment: Appointment, payment: Payment, refunds: list[Refund], now: datetime
) -> int:
    """Raises TooLateToCancel."""
    paise = terms.refund_paise(appointment, payment, refunds, now)
    if paise is None:
        raise TooLateToCancel(
            _(
                "It's too late to cancel this visit online. Call us on {phone}.",
                phone=settings().support_phone,
            )
        )
    return paise


def cancel_with(
    tx: Session,
    appointment: Appointment,
    payment: Payment,
    refunds: list[Refund],
    *,
    refund_paise: int,
    origin: RefundOrigin,
    actor: str,
    reason: Reason,
    now: datetime,
) -> None:
    """Cancel with this refund, under the booking's locks and those of its `refunds`; the rest is retained.

    A `reason` in the clinic's own words is told to the patient.
    """
    kept = terms.kept_paise(payment, refunds)
    status_moves.move_appointment(
        tx, appointment, AppointmentStatus.CANCELLED, actor=actor, reason=reason, now=now
    )
    told = "" if isinstance(reason, Cause) else reason
    outbox.add_visit_message(tx, appointment_id=pk(appointment), kind="cancelled", words=told, now=now)
    if refund_paise:
        send.reserve(
            tx,
            payment,
            refunds,
            gateway_payment_id=payment.gateway_payment_id or "",
            amount_paise=refund_paise,
            origin=origin,
            actor=actor,
            now=now,
        )
    status_moves.retain(tx, payment, kept - refund_paise, actor=actor, now=now)


def outcome(*, patient_id: int, appointment_id: int, refund_paise: int, now: datetime) -> CancelView:
    """A cancelled visit with what comes back of its money."""
    shown = appointments.find(patient_id=patient_id, appointment_id=appointment_id, now=now)
    amount = rupees(refund_paise)
    if refund_paise and dispute_holds.any_waiting(appointment_id):
        said = money = _("{amount} waits for your bank, which is looking into this payment.", amount=amount)
    elif refund_paise and not shown.gateway_payment_id:  # the desk took it
        said = money = _("The clinic gives {amount} back by hand.", amount=amount)
    elif refund_paise:
        said = _("Refund of {amount} initiated.", amount=amount)
        money = _("{amount} is on its way back.", amount=amount)
    elif shown.refunded_paise:
        said = money = _("Nothing more comes back.")
    else:
        said = money = _("Nothing comes back.")
    return CancelView(
        shown,
        refund_paise,
        shown.refund_label,
        message=" ".join((_("Appointment cancelled."), said)),
        sentence=" ".join((_("Visit cancelled."), money)),
    )
