"""Open an order, hear about its payments, and make the booking follow.

`apply` is the only function that turns a fact from Razorpay into a booking's state, whoever brings it: webhook, the
browser's return, or a question of ours. It may be called in any order and any number of times.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import col, func, select, update

from booking_ui.config.settings import settings
from booking_ui.db import locks, queues
from booking_ui.db.models import Appointment, Payment, Person, Refund, RetiredOrder
from booking_ui.db.orders import bill_of
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import BadSignature, GatewayError, NotFound
from booking_ui.domain.gateway_news import Listing
from booking_ui.domain.payment import (
    HAS_MONEY,
    AttemptStatus,
    PaymentFact,
    PaymentStatus,
    RefundStatus,
    Source,
)
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.booking import appointments
from booking_ui.services.cases import alarms, unreadable
from booking_ui.services.journal.batches import each
from booking_ui.services.limits import metrics
from booking_ui.services.payments import apply
from booking_ui.services.refunds import send
from booking_ui.services.views import AppointmentView, CheckoutView
from booking_ui.services.visits import terms

log = structlog.get_logger()


def open_order(*, patient_id: int, appointment_id: int, now: datetime) -> CheckoutView:
    """The Razorpay order of a held booking, the same one when asked again, and the options to pay it.

    Raises NotFound, HoldExpired, WrongState, GatewayRejected, GatewayUnavailable, GatewayUnknown (the hold is kept).
    """
    shown = appointments.find(patient_id=patient_id, appointment_id=appointment_id, now=now)
    terms.payable(shown)
    with read() as tx:
        payment = tx.exec(select(Payment).where(Payment.appointment_id == appointment_id)).one()
        patient = tx.exec(select(Person).where(Person.id == patient_id)).one()
    order_id = payment.gateway_order_id or _new_order(payment, shown, now)
    return CheckoutView(
        appointment_id=appointment_id,
        reference=shown.reference,
        gateway_order_id=order_id,
        amount_paise=payment.amount_paise,
        currency=payment.currency,
        script_url=settings().checkout_url,
        options=_options(order_id, payment, patient, shown),
    )


def _new_order(payment: Payment, shown: AppointmentView, now: datetime) -> str:
    """Ask Razorpay with no transaction open; of two askers the first to store its order wins, for both."""
    order_id = gateway().create_order(
        amount_paise=payment.amount_paise,
        currency=payment.currency,
        receipt=_receipt(payment, shown.reference),
        notes={"booking": shown.reference},
    )
    with write() as tx:
        stored = tx.exec(
            update(Payment)
            .where(col(Payment.id) == payment.id, col(Payment.gateway_order_id).is_(None))
            .values(
                gateway_order_id=order_id,
                opened_at=now,
                next_check_at=queues.ORDERS.after(1, now),
                updated_at=now,
            )
        )
        if stored.rowcount:
            return order_id
    with read() as tx:
        return tx.exec(select(Payment.gateway_order_id).where(Payment.id == payment.id)).one() or order_id


def _receipt(payment: Payment, reference: str) -> str:
    """The booking's reference, with a number once an order of it was retired: Razorpay makes one order of one receipt."""
    with read() as tx:
        retired = tx.exec(select(func.count()).where(RetiredOrder.payment_id == payment.id)).one()
    return f"{reference}-{retired + 1}" if retired else reference


def _options(order_id: str, payment: Payment, patient: Person, shown: AppointmentView) -> dict[str, object]:
    """Checkout.js options (razorpay.com/docs, "Standard Checkout"); the order's own amount decides, the one here is only shown."""
    s = settings()
    prefilled = {"name": patient.name, "email": patient.email, "contact": patient.phone}
    options: dict[str, object] = {
        "key": s.key_id,
        "amount": payment.amount_paise,
        "currency": payment.currency,
        "order_id": order_id,
        "name": s.merchant_name,
        "description": f"{shown.doctor_name}, {shown.when_label}",
        "prefill": {name: value for name, value in prefilled.items() if value},
        "notes": {"booking": shown.reference},
        "theme": {"color": s.theme_color},
        # Without a grace the time is free once a payment failed: the sheet must not invite to pay for it again.
        "retry": {"enabled": s.payment_retry_grace_seconds > 0},
        "timeout": max(60, shown.hold_seconds_left),
        "modal": {"confirm_close": True},
    }
    return {**options, "image": s.merchant_logo} if s.merchant_logo else options


def returned(
    *,
    order_id: str,
    payment_id: str,
    signature: str,
    now: datetime,
    reference: str = "",
    patient_id: int | None = None,
) -> str:
    """The browser came back from Checkout: verify, ask Razorpay, apply. Returns the booking's reference.

    The signature says that the bank agreed, not that money was captured: if Razorpay can't be asked now, the booking
    shows "checking" and the worker asks again. With `reference` (and `patient_id`) the order must be that booking's.

    Raises BadSignature, NotFound.
    """
    if not gateway().signed_return(order_id=order_id, payment_id=payment_id, signature=signature):
        metrics.BAD_SIGNATURES.labels("return").inc()
        alarms.note_bad_signature("return", now)
        raise BadSignature
    with read() as tx:
        payment = bill_of(tx, order_id)
        if payment is None:
            raise NotFound
        appointment = tx.get_one(Appointment, payment.appointment_id)
    if reference and appointment.reference != reference:
        raise BadSignature
    if patient_id is not None and appointment.patient_id != patient_id:
        raise NotFound
    _apply_with_refunds(_signed_payment(payment, order_id, payment_id), Source.RETURN, now)
    return appointment.reference


def _signed_payment(payment: Payment, order_id: str, payment_id: str) -> PaymentFact:
    """Razorpay's word on a payment that was signed for; "authorized" is all we know while it can't be asked.

    Raises BadSignature when it was paid for another order.
    """
    try:
        fact = gateway().payment(payment_id)
    except GatewayError as exc:
        log.info("payment.ask_postponed", payment=payment_id, reason=exc.reason)
        return PaymentFact(
            payment_id, order_id, AttemptStatus.AUTHORIZED, payment.amount_paise, payment.currency
        )
    if fact.order_id != order_id:
        log.error("payment.order_differs", payment=payment_id, order=order_id)
        raise BadSignature
    return fact


def _apply_with_refunds(fact: PaymentFact, source: Source, now: datetime) -> bool:
    """Apply an answer of Razorpay's, and record the refunds that it sums and we don't know.

    False when it can't be applied without its refunds, and Razorpay does not list them now: it must be asked again.
    """
    try:
        found = apply.apply(fact=fact, source=source, now=now)
    except GatewayError as exc:
        log.info("payment.refunds_postponed", payment=fact.payment_id, reason=exc.reason)
        return False
    if found is not None and fact.was_captured and fact.amount_refunded_paise > _returned(fact.payment_id):
        send.take_over(fact.payment_id, now)
    return True


def _returned(payment_id: str) -> int:
    """Paise of a Razorpay payment that our books say went back through Razorpay."""
    gone = select(func.coalesce(func.sum(Refund.amount_paise), 0)).where(
        Refund.gateway_payment_id == payment_id,
        Refund.status == RefundStatus.PROCESSED,
        col(Refund.gateway_refund_id).is_not(None),
    )
    with read() as tx:
        return tx.exec(gone).one()


def check(*, patient_id: int, appointment_id: int, now: datetime) -> AppointmentView:
    """Ask Razorpay about the booking's order and show where it stands. Gateway trouble changes nothing.

    Raises NotFound.
    """
    shown = appointments.find(patient_id=patient_id, appointment_id=appointment_id, now=now)
    if shown.gateway_order_id:
        ask(order_id=shown.gateway_order_id, now=now)
    return appointments.find(patient_id=patient_id, appointment_id=appointment_id, now=now)


def ask(*, order_id: str, now: datetime) -> bool:
    """Ask Razorpay about every attempt of an order and apply the answers; False when not all of them could be had.

    An attempt that can't be read may hold money: the desk is told, and the order is asked about until it can.
    """
    try:
        told = gateway().payments_of(order_id)
    except GatewayError as exc:
        log.info("order.ask_postponed", order=order_id, reason=exc.reason)
        return False
    return learn(told, about=order_id, now=now)


def learn(told: Listing[PaymentFact], *, about: str, now: datetime) -> bool:
    """Apply Razorpay's answer about an order, or about one payment; False when not all of it can be read."""
    applied = True
    for fact in sorted(told.facts, key=lambda f: f.created_at.timestamp() if f.created_at else 0.0):
        applied = _apply_with_refunds(fact, Source.QUESTION, now) and applied
        if fact.status is AttemptStatus.AUTHORIZED:
            _capture(fact, now)
    return unreadable.note_payments(told, whole=about, now=now) and applied


CAPTURE_PATIENCE = timedelta(seconds=20)


def _capture(fact: PaymentFact, now: datetime) -> None:
    """Take what the bank agreed to, if the account captures by hand and the slot is ours.

    For any other it is left to lapse: an uncaptured payment goes back without a fee. An account that
    captures by itself is given time to do so.
    """
    if fact.created_at and now - fact.created_at < CAPTURE_PATIENCE:
        return
    if not _slot_is_ours(fact, now):
        return
    try:
        taken = gateway().capture(fact.payment_id, amount_paise=fact.amount_paise, currency=fact.currency)
    except GatewayError as exc:
        log.info("capture.postponed", payment=fact.payment_id, reason=exc.reason)
        return
    apply.apply(fact=taken, source=Source.CAPTURE, now=now)


def ask_quiet(*, now: datetime, limit: int = 20) -> int:
    """Ask about the orders whose time has come, by the ladder; returns how many. Works with webhooks switched off."""
    with write() as tx:
        due = locks.lease(tx, queues.ORDERS, now=now, limit=limit)
        orders = [p.gateway_order_id for p in due if p.gateway_order_id]
        for payment in due:
            if not payment.gateway_order_id:
                payment.next_check_at = None
            elif _ladder_is_over(payment, now):
                payment.next_check_at = now + timedelta(days=1)  # one of other keys is refused for ever
    each(orders, lambda order_id: _ask_in_turn(order_id, now))
    return len(orders)


def _ladder_is_over(payment: Payment, now: datetime) -> bool:
    opened = payment.opened_at or payment.created_at
    return now - opened > queues.ORDERS.steps[-1] + timedelta(days=1)


def _ask_in_turn(order_id: str, now: datetime) -> None:
    if ask(order_id=order_id, now=now):
        _schedule_next(order_id, now)


def _schedule_next(order_id: str, now: datetime) -> None:
    """The next rung of the ladder, none once the money is here; what is authorized is asked about until it is not."""
    with write() as tx:
        asked = select(Payment).where(Payment.gateway_order_id == order_id)
        payment = tx.exec(asked.with_for_update()).first()
        if payment is None:  # the answer has retired the order
            return
        payment.checks += 1
        opened = payment.opened_at or payment.created_at
        rungs = [opened + wait for wait in queues.ORDERS.steps]
        if payment.status is PaymentStatus.AUTHORIZED:
            rungs.append(now + timedelta(days=1))
        ahead = [rung for rung in rungs if rung > now]
        payment.next_check_at = None if payment.status in HAS_MONEY or not ahead else min(ahead)
        tx.add(payment)


def _slot_is_ours(fact: PaymentFact, now: datetime) -> bool:
    """True if capturing this authorized payment would confirm its booking: exact, unpaid, its slot held and ahead."""
    with read() as tx:
        found = tx.exec(
            select(Appointment, Payment)
            .join(Payment, col(Payment.appointment_id) == Appointment.id)
            .where(Payment.gateway_order_id == fact.order_id)
        ).first()
    if found is None:
        return False
    appointment, payment = found
    exact = (fact.amount_paise, fact.currency) == (payment.amount_paise, payment.currency)
    held = appointment.status is AppointmentStatus.PENDING_PAYMENT and appointment.starts_at > now
    return exact and held and payment.status is PaymentStatus.AUTHORIZED
