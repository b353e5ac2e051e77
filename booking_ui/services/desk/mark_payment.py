"""Marks: the desk's last resort, a payment's status set by hand. Each refuses what the statuses do not allow."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from booking_ui.db import holds, locks
from booking_ui.db.models import Appointment, Payment, PaymentAttempt, Refund, Slot, pk
from booking_ui.db.orders import bill_of
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import (
    BadInput,
    FieldError,
    GatewayError,
    GatewayRejected,
    NotFound,
    SlotGone,
    SlotTaken,
    WrongState,
)
from booking_ui.domain.gateway_news import Listing
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import (
    DESK,
    AttemptStatus,
    PaymentFact,
    PaymentStatus,
    RefundOrigin,
    RefundStatus,
)
from booking_ui.domain.reason import reason_problems, reference_problems
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark, shown
from booking_ui.gateways import wire
from booking_ui.gateways.razorpay import gateway
from booking_ui.languages import N_, _
from booking_ui.services.booking import claim
from booking_ui.services.journal import status_moves
from booking_ui.services.mail import outbox
from booking_ui.services.payments import orders
from booking_ui.services.refunds import outcome, send
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import Marked
from booking_ui.services.visits import terms

Through = Literal["razorpay", "desk"]
"""The way in which a payment that is marked as captured was paid: through Razorpay, or in cash or by UPI at the desk."""

STATUS_WORDS = {
    "created": N_("created"),
    "pending": N_("pending"),
    "authorized": N_("authorized"),
    "captured": N_("captured"),
    "failed": N_("failed"),
    "refund_pending": N_("refund pending"),
    "partially_refunded": N_("partially refunded"),
    "refunded": N_("refunded"),
}
"""A payment's status within a sentence, by the values of PaymentStatus, AttemptStatus and marks."""

WHOLE_ID = N_("Write the payment's id as Razorpay shows it: pay_ and 14 letters or digits.")
NO_ID = N_("This begins like the id of a Razorpay payment, and is none: pay_ and 14 letters or digits.")
AN_ID = N_("This is the id of a Razorpay payment: choose “Through Razorpay”.")
ANOTHERS = N_("This payment is for another booking.")
NEARLY_AN_ID = N_(
    "This looks like a mistyped id of a Razorpay payment. Correct it and choose “Through Razorpay”, or leave it out."
)
_WHOLE_ID = re.compile(r"pay_[A-Za-z0-9]{14}")
_NEARLY_AN_ID = re.compile(r"pay\s?[_-]", re.IGNORECASE)

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
            _(
                "This payment is {status}: it can't be marked {mark}.",
                status=_(STATUS_WORDS[payment.status]),
                mark=_(STATUS_WORDS[name]),
            )
        )


def captured(tx: Session, slot: Slot, appointment: Appointment, payment: Payment, by: By) -> None:
    """Paid in another way: confirm the booking, taking its slot again if it was freed. Raises SlotTaken, SlotGone."""
    _require_allowed("captured", appointment, payment)
    if not holds.is_held(appointment, by.now):
        if slot.withdrawn or slot.starts_at <= by.now:
            raise SlotGone(
                _("That time has passed or is no longer offered; book another one for the patient.")
            )
        if claim.clear_slot(tx, slot, appointment.patient_id, by.now) is not None:
            raise SlotTaken(_("The patient holds this time in another booking."))
    payment.captured_paise += payment.amount_paise
    payment.method, payment.method_detail = DESK, ""
    payment.captured_at = payment.recorded_at = by.now
    payment.next_check_at = None
    status_moves.move_payment(
        tx, payment, PaymentStatus.CAPTURED, actor=by.actor, reason=by.reason, now=by.now
    )
    status_moves.move_appointment(
        tx, appointment, AppointmentStatus.CONFIRMED, actor=by.actor, reason=by.reason, now=by.now
    )
    outbox.add_visit_message(tx, appointment_id=pk(appointment), kind="confirmed", now=by.now)


def paid_when_booked(
    tx: Session,
    booking: tuple[Slot, Appointment, Payment],
    *,
    admin: Principal,
    reference: str,
    now: datetime,
) -> None:
    """Mark the payment of a booking that the desk just made, in the same transaction, as taken there."""
    slot, appointment, payment = booking
    reason = Remark(RemarkCode.PAID_WHEN_BOOKED)
    payment.marked_by_id, payment.mark_reason = admin.person_id, shown(reason)
    payment.mark_reference = reference
    captured(tx, slot, appointment, payment, By(actors.signed_in(admin), reason, now))


def desk_reference_problems(reference: str) -> list[FieldError]:
    """A sentence about the reference of money that the desk took: too long, or the id of a payment at Razorpay."""
    wrong = _id_problem(reference, "desk")
    return reference_problems(reference) or ([FieldError("reference", _(wrong))] if wrong else [])


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
        outbox.add_visit_message(tx, appointment_id=pk(appointment), kind="cancelled", now=by.now)
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
        over = failed.replaced_by_id or failed.dispute_id
        if failed.status is RefundStatus.FAILED and not over:
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
        raise WrongState(_("Razorpay is already sending this refund; wait for its answer."))
    return next(iter(pending), None)


MARKS: dict[str, Callable[[Session, Slot, Appointment, Payment, By], None]] = {
    "captured": captured,
    "failed": failed,
    "refunded": refunded,
}


def mark(
    *,
    admin: Principal,
    payment_id: int,
    status: str,
    reason: str,
    now: datetime,
    reference: str = "",
    paid_through: Through | None = None,
) -> Marked:
    """Record by hand that a payment was captured, failed or refunded, and why.

    `captured` also confirms the booking, `failed` frees its slot, `refunded` cancels it. Before `captured` Razorpay is
    asked, and its answer goes first. If `reference` is a payment's id (`pay_…`), that payment is the one that was
    marked, whenever Razorpay tells of it; else it was paid at the desk, and a payment at Razorpay is the desk's to judge.
    `paid_through`, where it is said, must agree with the reference of a captured payment.

    Raises NotFound, BadInput, WrongState.
    """
    if wrong := _mark_problems(status, reason, reference.strip(), paid_through):
        raise BadInput(*wrong)
    marked = reference.strip() if status == "captured" and wire.is_id("pay", reference.strip()) else ""
    told = _ask_first(payment_id, marked, now) if status == "captured" else None
    try:
        found = _marked(admin, payment_id, status, reason.strip(), reference.strip(), marked, now)
    except IntegrityError as exc:
        if not marked:
            raise
        # Another admin marks another booking by it at this moment: the index had the last word.
        raise BadInput(FieldError("reference", _(ANOTHERS))) from exc
    if told:  # with what has gone back of it; should that not be had now, the comparison asks again
        orders.learn(Listing([told], []), about=told.payment_id, now=now)
    return found


def _marked(
    admin: Principal, payment_id: int, status: str, reason: str, reference: str, marked: str, now: datetime
) -> Marked:
    with write() as tx:
        appointment_id = tx.exec(select(Payment.appointment_id).where(Payment.id == payment_id)).first()
        if appointment_id is None:
            raise NotFound
        slot, appointment, payment = locks.booking(tx, appointment_id)
        payment.marked_by_id, payment.mark_reason = admin.person_id, reason
        payment.mark_reference = reference
        if marked:
            _refuse_known(tx, payment, marked)
            payment.marked_payment_id = marked
        actor = actors.signed_in(admin)
        MARKS[status](tx, slot, appointment, payment, By(actor, reason, now))
        return Marked(payment.status, appointment.status)


def _ask_first(payment_id: int, marked: str, now: datetime) -> PaymentFact | None:
    """Ask about the bill's order and about the payment that is to be marked; its fact, if Razorpay can tell. Raises BadInput."""
    with read() as tx:
        bill = tx.get(Payment, payment_id)
    if bill and bill.gateway_order_id:
        orders.ask(order_id=bill.gateway_order_id, now=now)
    if bill is None or not marked:
        return None
    try:
        fact = gateway().payment(marked)
    except GatewayRejected as exc:
        if exc.http_status in send.NO_ANSWER:
            return None
        raise BadInput(FieldError("reference", _("Razorpay knows no payment of this id."))) from exc
    except GatewayError:
        return None  # Razorpay is away, which is when marks are made
    if wrong := _not_this_bill(bill, fact):
        raise BadInput(FieldError("reference", wrong))
    return fact


def _not_this_bill(bill: Payment, fact: PaymentFact) -> str:
    """The sentence that says why this payment can't be the bill's; empty if it can."""
    if fact.status is not AttemptStatus.CAPTURED:
        return _(
            "Razorpay says that this payment is {status}: it has brought no money.",
            status=_(STATUS_WORDS[fact.status]),
        )
    if (fact.amount_paise, fact.currency) != (bill.amount_paise, bill.currency):
        return _other_sum(bill, fact.amount_paise)
    with read() as tx:
        owner = bill_of(tx, fact.order_id)
    return _(ANOTHERS) if owner and owner.id != bill.id else ""


def _refuse_known(tx: Session, payment: Payment, marked: str) -> None:
    """Raises BadInput if the payment is known as another booking's, by Razorpay's word or by a mark, or as one of another
    amount than the fee, which has gone back."""
    known = tx.exec(select(PaymentAttempt).where(PaymentAttempt.gateway_payment_id == marked)).first()
    named = select(Payment.id).where(Payment.marked_payment_id == marked, Payment.id != payment.id)
    if (known and known.payment_id != payment.id) or tx.exec(named).first():
        raise BadInput(FieldError("reference", _(ANOTHERS)))
    if known and (known.amount_paise, known.currency) != (payment.amount_paise, payment.currency):
        raise BadInput(FieldError("reference", _other_sum(payment, known.amount_paise)))


def _other_sum(bill: Payment, paise: int) -> str:
    return _(
        "This payment was {amount}, and the fee is {fee}.",
        amount=rupees(paise),
        fee=rupees(bill.amount_paise),
    )


def _mark_problems(
    status: str, reason: str, reference: str, paid_through: Through | None
) -> list[FieldError]:
    unknown = (
        []
        if status in MARKS
        else [FieldError("status", _("Choose one of {expected}.", expected=", ".join(MARKS)))]
    )
    wrong = _id_problem(reference, paid_through if status == "captured" else None)
    return [
        *unknown,
        *reason_problems(reason),
        *(reference_problems(reference) or ([FieldError("reference", _(wrong))] if wrong else [])),
    ]


def _id_problem(reference: str, through: Through | None) -> str:
    """The sentence about a reference that would count as cash, or as Razorpay's, by mistake; empty for a good one."""
    if through == "razorpay":
        return "" if _WHOLE_ID.fullmatch(reference) else WHOLE_ID
    well_formed = wire.is_id("pay", reference)
    if through == "desk":
        nearly = NEARLY_AN_ID if _NEARLY_AN_ID.match(reference) else ""
        return AN_ID if well_formed else nearly
    return NO_ID if reference.startswith("pay_") and not well_formed else ""
