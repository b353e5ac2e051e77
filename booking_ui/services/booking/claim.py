"""Claim a slot, try again, let go, cancel, conclude. Each function is one use case in one transaction."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment, Payment, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import HoldExpired, NotFound, SlotTaken, TooLateToCancel, WrongState
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import PaymentStatus, RefundStatus
from booking_ui.gateways.redis import turn
from booking_ui.services.booking import dependents, hold_expiry, holds, visit_reason
from booking_ui.services.journal import audit, status_moves
from booking_ui.services.limits import metrics
from booking_ui.services.mail import outbox
from booking_ui.services.refunds import send
from booking_ui.services.views import AppointmentPage, AppointmentView, CancelView, Principal
from booking_ui.services.visits import patient_view, terms


@metrics.claiming()
def claim(
    *, patient_id: int, slot_id: int, now: datetime, reason: str = "", dependent_id: int | None = None
) -> AppointmentView:
    """Hold a free slot for the patient until she pays or the time is up; asking again gives the hold she has.

    After a payment that failed there, or a hold that ended, it is the same booking with the same order. The visit is for
    herself, or for her dependent. Raises NotFound, Forbidden (staff), SlotGone, SlotTaken (with the nearest free slots),
    TooManyHolds.
    """
    holds.refuse_early(slot_id=slot_id, patient_id=patient_id, now=now)
    try:
        with turn(f"slot:{slot_id}"), write() as tx:
            patient = holds.patient(tx, patient_id)
            slot = holds.ahead(tx, slot_id, now)
            mine = holds.clear_the_slot(tx, slot, patient_id, now)
            if mine is None and (known := holds.again(tx, slot, patient, now)):
                if reason.strip():
                    visit_reason.write_down(tx, known, holds.told(reason), now)
                dependents.assign(tx, known, dependent_id, now)
                return _view(tx, pk(known), now)
            if mine is None:
                held = holds.hold(tx, slot, patient, reason, now)
                tx.flush()
                if dependent_id is None:
                    return patient_view.view(held, now)
                mine = pk(held.appointment)
            if dependent_id is not None:
                _, appointment, _ = locks.booking(tx, mine)
                dependents.assign(tx, appointment, dependent_id, now)
            return _view(tx, mine, now)
    except IntegrityError as exc:
        # The index had the last word: somebody won without our lock.
        raise SlotTaken from exc


def try_again(*, patient_id: int, appointment_id: int, now: datetime) -> AppointmentView:
    """Hold the same slot again for a booking whose payment failed or whose hold ended: same appointment, same order.

    Raises NotFound, Forbidden, WrongState, SlotGone, SlotTaken, TooManyHolds.
    """
    try:
        with write() as tx:
            holds.patient(tx, patient_id)
            _own(tx, patient_id, appointment_id)
            slot, appointment, payment = locks.booking(tx, appointment_id)
            if not hold_expiry.is_held(appointment, now):
                holds.hold_again(tx, slot, appointment, payment, now)
            return _view(tx, appointment_id, now)
    except IntegrityError as exc:
        raise SlotTaken from exc


def for_whom(
    *, patient_id: int, appointment_id: int, dependent_id: int | None, now: datetime
) -> AppointmentView:
    """Say for whom the visit is while it is held; None is the patient herself. Raises NotFound, HoldExpired, WrongState."""
    with write() as tx:
        appointment = _still_held(tx, patient_id, appointment_id, now)
        dependents.assign(tx, appointment, dependent_id, now)
        return _view(tx, appointment_id, now)


def give_reason(*, patient_id: int, appointment_id: int, reason: str, now: datetime) -> AppointmentView:
    """Say why she comes while the visit is held; empty takes it away. Raises BadInput, NotFound, HoldExpired, WrongState."""
    said = visit_reason.clean(reason)
    with write() as tx:
        appointment = _still_held(tx, patient_id, appointment_id, now)
        visit_reason.write_down(tx, appointment, said, now)
        return _view(tx, appointment_id, now)


def _still_held(tx: Session, patient_id: int, appointment_id: int, now: datetime) -> Appointment:
    """The patient's booking, locked, if it waits for its payment."""
    _own(tx, patient_id, appointment_id)
    _, appointment, _ = locks.booking(tx, appointment_id)
    if hold_expiry.expired(appointment, now):
        raise HoldExpired
    if not hold_expiry.is_held(appointment, now):
        raise WrongState("That can only be changed before the visit is paid.")
    return appointment


def let_go(*, patient_id: int, appointment_id: int, now: datetime) -> AppointmentView:
    """Give a hold up before its time. Money that arrives later is handled as late money. Raises NotFound, WrongState."""
    with write() as tx:
        _own(tx, patient_id, appointment_id)
        _, appointment, _ = locks.booking(tx, appointment_id)
        if appointment.status is AppointmentStatus.PENDING_PAYMENT:
            hold_expiry.fail(tx, appointment, reason=audit.LET_GO, actor=actors.patient(patient_id), now=now)
        elif appointment.status is not AppointmentStatus.FAILED:
            raise WrongState
        return _view(tx, appointment_id, now)


def cancel(*, patient_id: int, appointment_id: int, now: datetime) -> CancelView:
    """Cancel a confirmed visit in time and give the money back by the policy; asking twice refunds once.

    Raises NotFound, WrongState, TooLateToCancel.
    """
    with write() as tx:
        _own(tx, patient_id, appointment_id)
        _, appointment, payment = locks.booking(tx, appointment_id)
        if appointment.status is AppointmentStatus.CANCELLED:
            return cancelled_view(tx, appointment_id, _given_back(tx, payment), now)
        if appointment.status is not AppointmentStatus.CONFIRMED:
            raise WrongState("Only a confirmed booking can be cancelled.")
        refund_id, paise = cancel_locked(tx, appointment, payment, actor=actors.patient(patient_id), now=now)
    if refund_id:
        send.send(refund_id=refund_id, now=now)
    with read() as tx:
        return cancelled_view(tx, appointment_id, paise, now)


def cancel_locked(
    tx: Session, appointment: Appointment, payment: Payment, *, actor: str, now: datetime
) -> tuple[int | None, int]:
    """Cancel by the policy within the caller's transaction and locks; returns the reserved refund's id, if any, and its paise.

    Raises TooLateToCancel.
    """
    earlier = tx.exec(select(Refund).where(Refund.payment_id == payment.id)).all()
    quote = terms.cancel_quote(appointment, payment, earlier, now)
    if quote is None:
        raise TooLateToCancel(
            f"It's too late to cancel this visit online. Call us on {settings().support_phone}."
        )
    paise = quote.refund_paise
    refund_id = cancel_with(
        tx, appointment, payment, refund_paise=paise, actor=actor, reason="cancelled", now=now
    )
    return refund_id, paise


def cancel_with(
    tx: Session,
    appointment: Appointment,
    payment: Payment,
    *,
    refund_paise: int,
    actor: str,
    reason: str,
    now: datetime,
) -> int | None:
    """Cancel with this refund under the caller's locks; what is not given back is retained. Returns the refund's id, if any."""
    earlier = tx.exec(select(Refund).where(Refund.payment_id == payment.id)).all()
    kept = terms.kept_paise(payment, earlier)
    status_moves.move_appointment(
        tx, appointment, AppointmentStatus.CANCELLED, actor=actor, reason=reason, now=now
    )
    outbox.due(tx, appointment_id=pk(appointment), kind="cancelled", now=now)
    payment.retained_paise = kept - refund_paise
    tx.add(payment)
    if not refund_paise:
        return None
    refund = send.reserve(
        tx,
        payment,
        gateway_payment_id=payment.gateway_payment_id or "",
        amount_paise=refund_paise,
        reason="cancelled",
        actor=actor,
        now=now,
    )
    return refund.id


def _given_back(tx: Session, payment: Payment) -> int:
    """Paise that went back or are on their way."""
    found = tx.exec(select(Refund).where(Refund.payment_id == payment.id)).all()
    return sum(r.amount_paise for r in found if r.status is not RefundStatus.FAILED)


def cancelled_view(tx: Session, appointment_id: int, paise: int, now: datetime) -> CancelView:
    """The outcome of a cancellation that gave `paise` back."""
    shown = _view(tx, appointment_id, now)
    if paise:
        money = f"Refund of {rupees(paise)} initiated."
    elif shown.payment_status == PaymentStatus.CAPTURED:
        money = "Nothing comes back."
    else:
        money = "Nothing was paid, so there is nothing to refund."
    return CancelView(shown, paise, shown.refund_label, f"Appointment cancelled. {money}")


def conclude(*, admin: Principal, appointment_id: int, status: AppointmentStatus, now: datetime) -> None:
    """Record that a visit took place (completed) or that the patient did not come (no_show).

    Raises NotFound, WrongState.
    """
    with write() as tx:
        if tx.get(Appointment, appointment_id) is None:
            raise NotFound
        _, appointment, _ = locks.booking(tx, appointment_id)
        done = status in (AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW)
        if not done or appointment.status is not AppointmentStatus.CONFIRMED or appointment.starts_at > now:
            raise WrongState("Only a confirmed visit that has begun can be concluded.")
        status_moves.move_appointment(
            tx, appointment, status, actor=actors.signed_in(admin), reason="concluded", now=now
        )


def appointment(
    *, patient_id: int, now: datetime, appointment_id: int | None = None, reference: str = ""
) -> AppointmentView:
    """One booking of the patient. Raises NotFound, also for somebody else's: do not reveal that it exists."""
    which = (
        Appointment.id == appointment_id if appointment_id is not None else Appointment.reference == reference
    )
    with read() as tx:
        found = patient_view.load(tx, which, Appointment.patient_id == patient_id)
    if not found:
        raise NotFound
    return patient_view.view(found[0], now)


def mine(
    *, patient_id: int, now: datetime, when: str = "", status: str = "", limit: int = 200
) -> list[AppointmentView]:
    """The patient's bookings, `limit` at most: upcoming soonest first, past (and everything over) newest first."""
    with read() as tx:
        found = patient_view.load(
            tx, *_mine(patient_id, when, status, now), newest_first=when != "upcoming", limit=limit
        )
    return [patient_view.view(b, now) for b in found]


def page_of_mine(
    *, patient_id: int, now: datetime, when: str = "", status: str = "", page: int = 1, page_size: int = 100
) -> AppointmentPage:
    """One page of what `mine` lists, in the same order; a page past the end is the last one."""
    where = _mine(patient_id, when, status, now)
    count = sa.select(sa.func.count()).select_from(Appointment).join(Payment)
    with read() as tx:
        total = tx.execute(count.where(*where)).scalar_one()
        pages = max(1, -(-total // page_size))
        page = min(page, pages)
        found = patient_view.load(
            tx, *where, newest_first=when != "upcoming", limit=page_size, offset=(page - 1) * page_size
        )
    return AppointmentPage([patient_view.view(b, now) for b in found], total, page, pages)


def _mine(patient_id: int, when: str, status: str, now: datetime) -> list[sa.ColumnElement[bool]]:
    where = [col(Appointment.patient_id) == patient_id]
    if status:
        where.append(col(Appointment.status) == status)
    if when:
        where.append(_ahead(now) if when == "upcoming" else ~_ahead(now))
    return where


def _ahead(now: datetime) -> sa.ColumnElement[bool]:
    """Visits to come: confirmed, held now, or waiting for the bank."""
    status = col(Appointment.status)
    held = (status == AppointmentStatus.PENDING_PAYMENT) & (col(Appointment.hold_expires_at) > now)
    open_ones = (AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.FAILED)
    asked = status.in_(open_ones) & (col(Payment.status) == PaymentStatus.AUTHORIZED)
    waits = sa.or_(status == AppointmentStatus.CONFIRMED, held, asked)
    return sa.and_(col(Appointment.starts_at) > now, waits)


def _own(tx: Session, patient_id: int, appointment_id: int) -> None:
    owner = tx.exec(select(Appointment.patient_id).where(Appointment.id == appointment_id)).first()
    if owner != patient_id:
        raise NotFound


def _view(tx: Session, appointment_id: int, now: datetime) -> AppointmentView:
    tx.flush()
    return patient_view.view(patient_view.load(tx, Appointment.id == appointment_id)[0], now)
