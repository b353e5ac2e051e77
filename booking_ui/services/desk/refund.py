"""The desk gives back money that is kept, whatever became of the visit, which stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import select

from booking_ui.db import locks
from booking_ui.db.models import Appointment, Payment, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.errors import BadInput, ChangedMeanwhile, FieldError, NotFound, WrongState
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import RefundOrigin, RefundStatus
from booking_ui.domain.reason import reason_problems
from booking_ui.domain.refund_policy import SMALLEST_REFUND_PAISE
from booking_ui.languages import _
from booking_ui.services.journal import status_moves
from booking_ui.services.refunds import dispute_holds, outcome, send
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import DeskRefund
from booking_ui.services.visits import terms


def refundable_paise(payment: Payment, refunds: Sequence[Refund]) -> int:
    """Paise of the visit's money that are kept and owed to nobody; 0 when Razorpay could send no refund of so little.

    A refund that failed is still owed: the desk settles that one.
    """
    paid = payment.gateway_payment_id or ""
    owed = sum(
        one.amount_paise
        for one in refunds
        if one.gateway_payment_id == paid
        and one.status is RefundStatus.FAILED
        and one.replaced_by_id is None
        and one.dispute_id is None
    )
    left = terms.kept_paise(payment, refunds) - owed
    return left if left >= SMALLEST_REFUND_PAISE else 0


def refund(
    *,
    admin: Principal,
    appointment_id: int,
    amount_paise: int,
    reason: str,
    now: datetime,
    seen_paise: int | None = None,
) -> DeskRefund:
    """Give back a part of the money that is kept, or all of it. The worker sends it through Razorpay.

    Money that the desk took itself is given back by the desk: it counts as returned at once. `seen_paise` is what was
    kept when the admin decided; once that is another sum the refund is refused, so that a repeated click sends nothing.

    Raises NotFound, BadInput (amountPaise, reason), WrongState when nothing is kept, a dispute is undecided or more would
    go back than was paid, ChangedMeanwhile.
    """
    if wrong := reason_problems(reason):
        raise BadInput(*wrong)
    _refuse_overdraft(appointment_id, amount_paise, now)
    with write() as tx:
        if tx.get(Appointment, appointment_id) is None:
            raise NotFound
        _, _, payment = locks.booking(tx, appointment_id)
        refunds = locks.refunds_of(tx, pk(payment))
        left = refundable_paise(payment, refunds)
        dispute_holds.refuse_disputed(tx, payment.gateway_payment_id or "")
        _refuse(amount_paise, left, seen_paise)
        by_hand, retained = not payment.gateway_payment_id, payment.retained_paise
        made = send.reserve(
            tx,
            payment,
            refunds,
            gateway_payment_id=payment.gateway_payment_id or "",
            amount_paise=amount_paise,
            origin=RefundOrigin.DESK_REFUND,
            actor=actors.signed_in(admin),
            now=now,
            by_desk=by_hand,
            reason=reason.strip(),
        )
        actor = actors.signed_in(admin)
        kept = min(payment.retained_paise, max(0, retained - amount_paise))
        status_moves.retain(tx, payment, kept, actor=actor, now=now)
        if by_hand:
            outcome.finish(tx, payment, made, refunds, RefundStatus.PROCESSED, actor=actor, now=now)
        return _view(payment, made, left - amount_paise)


def _refuse_overdraft(appointment_id: int, amount_paise: int, now: datetime) -> None:
    with read() as tx:
        bill = tx.exec(select(Payment).where(Payment.appointment_id == appointment_id)).first()
    if bill is not None and SMALLEST_REFUND_PAISE <= amount_paise <= bill.amount_paise:
        send.refuse_overdraft(bill.gateway_payment_id or "", amount_paise, now)


def _refuse(amount_paise: int, left: int, seen_paise: int | None) -> None:
    if seen_paise is not None and seen_paise != left:
        raise ChangedMeanwhile(
            _("The money of this booking has changed since. Nothing was refunded: look again.")
        )
    if not left:
        raise WrongState(_("No money of this booking is kept, so there is nothing to refund."))
    if not SMALLEST_REFUND_PAISE <= amount_paise <= left:
        raise BadInput(
            FieldError("amountPaise", _("Give back ₹1 or more, at most {most}.", most=rupees(left)))
        )


def _view(payment: Payment, made: Refund, left: int) -> DeskRefund:
    amount = rupees(made.amount_paise)
    by_hand = made.status is RefundStatus.PROCESSED
    return DeskRefund(
        amount_paise=made.amount_paise,
        kept_paise=left,
        refund_status=made.status,
        payment_status=payment.status,
        message=_("{amount} counts as given back.", amount=amount)
        if by_hand
        else _("Refund of {amount} initiated.", amount=amount),
    )
