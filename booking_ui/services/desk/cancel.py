"""The desk cancels any confirmed visit, with a refund of its choice and a reason, both audited."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from booking_ui.db import locks
from booking_ui.db.models import Appointment, Payment, Refund, pk
from booking_ui.db.session import write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import BadInput, FieldError, NotFound, WrongState
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundOrigin
from booking_ui.domain.reason import reason_problems
from booking_ui.domain.refund_policy import SMALLEST_REFUND_PAISE
from booking_ui.languages import _
from booking_ui.services.booking import cancel
from booking_ui.services.views import CancelView, Principal
from booking_ui.services.visits import terms

Wanted = Literal["full", "policy", "none"] | int
"""The refund: all that is kept, the policy's part (nothing once it is too late), nothing, or exact paise."""


def cancel_for_patient(
    *, admin: Principal, appointment_id: int, refund: Wanted, reason: str, now: datetime
) -> CancelView:
    """Cancel a confirmed visit whatever its time, and give back what the desk decides.

    Raises NotFound, BadInput (reason, refundPaise), WrongState.
    """
    if wrong := reason_problems(reason):
        raise BadInput(*wrong)
    with write() as tx:
        if tx.get(Appointment, appointment_id) is None:
            raise NotFound
        _slot, appointment, payment = locks.booking(tx, appointment_id)
        if appointment.status is not AppointmentStatus.CONFIRMED:
            raise WrongState(_("Only a confirmed visit can be cancelled."))
        refunds = locks.refunds_of(tx, pk(payment))
        paise = _paise(appointment, payment, refunds, refund, now)
        cancel.cancel_with(
            tx,
            appointment,
            payment,
            refunds,
            refund_paise=paise,
            origin=RefundOrigin.DESK,
            actor=actors.signed_in(admin),
            reason=reason.strip(),
            now=now,
        )
    return cancel.outcome(
        patient_id=appointment.patient_id, appointment_id=appointment_id, refund_paise=paise, now=now
    )


def _paise(
    appointment: Appointment, payment: Payment, refunds: list[Refund], refund: Wanted, now: datetime
) -> int:
    kept = terms.kept_paise(payment, refunds)
    if refund == "policy":
        return terms.refund_paise(appointment, payment, refunds, now) or 0
    paise = {"full": kept, "none": 0}[refund] if isinstance(refund, str) else refund
    if refund == "full" and kept < SMALLEST_REFUND_PAISE:
        return 0  # nothing that Razorpay could send is left
    if paise != 0 and not SMALLEST_REFUND_PAISE <= paise <= kept:
        sentence = (
            _("Give back nothing, or ₹1 or more: at most {most}.", most=rupees(kept))
            if kept
            else _("There is nothing to give back: no money of this booking is kept.")
        )
        raise BadInput(FieldError("refundPaise", sentence))
    return paise
