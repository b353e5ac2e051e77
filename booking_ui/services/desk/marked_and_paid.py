"""A booking that the desk marked as paid was paid at Razorpay too: an admin says if that is the same money."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlmodel import Session, select

from booking_ui.db import locks
from booking_ui.db.models import Payment, PaymentAttempt, ReconciliationCase, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.errors import NotFound, WrongState
from booking_ui.domain.payment import RefundOrigin
from booking_ui.domain.refund_policy import SMALLEST_REFUND_PAISE
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.languages import _
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.payments import marked
from booking_ui.services.refunds import send
from booking_ui.services.views import Principal

Decision = Literal["same", "second"]


def decide(*, admin: Principal, case_id: int, decision: Decision, note: str, now: datetime) -> None:
    """`same`: this is the payment that was marked, and its refunds go through Razorpay from now on. `second`: it came on
    top of what was marked, and goes back. Deciding twice changes nothing.

    Raises NotFound, BadInput; WrongState when it can't be the same, because of its amount or because another one is.
    """
    reconciliation_cases.check_note(note)
    with read() as tx:
        case, attempt = _of(tx, case_id)
        bill = tx.get_one(Payment, attempt.payment_id)
    with write() as tx:
        _, _, payment = locks.booking(tx, bill.appointment_id)
        case = reconciliation_cases.locked(tx, case_id)
        if case.closed_at is not None:
            return
        attempt = tx.get_one(PaymentAttempt, attempt.id)
        actor = actors.signed_in(admin)
        if decision == "same":
            _require_same(payment, attempt)
            marked.adopt(tx, payment, attempt, actor=actor, now=now)
        else:
            _give_back(tx, payment, attempt, actor, now)
        reconciliation_cases.close_decided(
            tx, case, admin, Remark(RemarkCode(decision), note=note.strip()), now
        )
    if decision == "same":
        # What went back at the dashboard until now was nobody's, and may be too old for the daily comparison.
        send.take_over(attempt.gateway_payment_id, now)


def _of(tx: Session, case_id: int) -> tuple[ReconciliationCase, PaymentAttempt]:
    """The case and the payment that it is about. Raises NotFound."""
    case = tx.get(ReconciliationCase, case_id)
    if case is None or case.kind != CaseKind.MARKED_AND_PAID:
        raise NotFound
    paid = select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == case.subject)
    attempt = tx.exec(paid).first()
    if attempt is None:
        raise NotFound
    return case, attempt


def _require_same(payment: Payment, attempt: PaymentAttempt) -> None:
    if payment.gateway_payment_id:
        raise WrongState(
            _("Another payment is the marked one already: this one came on top, and has to go back.")
        )
    if (attempt.amount_paise, attempt.currency) != (payment.amount_paise, payment.currency):
        raise WrongState(_("Its amount is not the fee, so it can't be what was marked: it has to go back."))


def _give_back(tx: Session, payment: Payment, attempt: PaymentAttempt, actor: str, now: datetime) -> None:
    """Give back what came on top, as far as the patient's bank has not taken it already."""
    payment.captured_paise += attempt.amount_paise
    tx.add(payment)
    left = attempt.amount_paise - attempt.deducted_paise
    if left < SMALLEST_REFUND_PAISE:
        return
    send.reserve(
        tx,
        payment,
        locks.refunds_of(tx, pk(payment)),
        gateway_payment_id=attempt.gateway_payment_id,
        amount_paise=left,
        origin=RefundOrigin.SECOND_CAPTURE,
        actor=actor,
        now=now,
    )
