"""Put a hold on a slot: for a new booking, or again for one whose payment failed or whose hold ended.

Each is one transaction, or for the desk a part of one: it locks the patient, then the slot, looks at what is on the slot,
and writes. Two holds on one slot are forbidden by an index, which has the last word.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words, holds, locks
from booking_ui.db.models import Appointment, Doctor, Payment, Person, Role, Slot, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.appointment import LIVE, AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.errors import Forbidden, NotFound, SlotGone, SlotTaken, WrongState
from booking_ui.domain.money import rupees
from booking_ui.domain.payment import HAS_MONEY, PaymentStatus
from booking_ui.gateways.redis import turn
from booking_ui.languages import _
from booking_ui.services.booking import appointments, dependents, hold_expiry, visit_reason
from booking_ui.services.journal import audit, changes, stated, status_moves
from booking_ui.services.journal.audit import Action
from booking_ui.services.limits import metrics, unpaid_holds
from booking_ui.services.schedule import slots
from booking_ui.services.schedule.availability import BOOKED, FREE
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import patient_view, terms

REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRTVWXYZ"  # nothing to confuse by eye or ear, no words


@dataclass(frozen=True)
class Hand:
    """The hand that puts on a hold, as an audit row names it, and the hold's length, if it is not a patient's.

    `at_once`: the money is there, so the clinic's notice and the number of open holds do not count.
    """

    actor: str
    lasts: timedelta
    before_visit: timedelta = timedelta(0)
    at_once: bool = False

    def until(self, slot: Slot, now: datetime) -> datetime:
        """The end of a hold that begins now: `before_visit` at the latest, and never after its visit's start."""
        return min(now + self.lasts, slot.starts_at - self.before_visit)


def _own(patient_id: int) -> Hand:
    return Hand(actors.patient(patient_id), timedelta(minutes=settings().payment_timeout_minutes))


def for_patient(
    tx: Session,
    patient: Person,
    *,
    slot_id: int,
    by: Hand,
    now: datetime,
    reason: str,
    dependent_id: int | None,
) -> tuple[Slot, Appointment, Payment]:
    """Hold a free slot for a patient, who is locked, in the desk's transaction; all that it returns is locked.

    The pause after holds that nobody paid and the limit of a network are not the patient's fault here, and do not count.
    A booking that failed there before is renewed as `claim` does it, unless the money is there: then late money of its
    order is no second payment of this one. Raises NotFound, BadInput, SlotGone, SlotTaken, TooManyHolds, WrongState (the
    patient holds this time already), IntegrityError (another patient won without our lock).
    """
    said = visit_reason.clean(reason)
    slot = _lock_slot(tx, slot_id, now)
    if clear_slot(tx, slot, pk(patient), now) is not None:
        raise WrongState(_("This patient holds this time already: open that booking."))
    doctor = offering_doctor(tx, slot, now, at_once=by.at_once)
    held = None
    if not by.at_once:
        unpaid_holds.refuse_beyond_the_most(tx, patient, now)
        held = _renew_failed(tx, slot, pk(patient), said, now, "", by)
    if held is None:
        held = _write_booking(tx, slot, doctor, patient, said, now, by).appointment
    tx.flush()
    slot, appointment, payment = locks.booking(tx, pk(held))
    if dependent_id != appointment.dependent_id:
        dependents.assign(tx, appointment, dependent_id, now, actor=by.actor)
    metrics.WON_CLAIMS.inc()
    return slot, appointment, payment


@metrics.LOST_CLAIMS.count_exceptions(SlotTaken)
def claim(
    *,
    patient_id: int,
    slot_id: int,
    now: datetime,
    reason: str = "",
    dependent_id: int | None = None,
    host: str = "",
) -> AppointmentView:
    """Hold a free slot until it is paid or the time is up; asking again gives the hold that the patient has.

    After a payment that failed there, or a hold that ended, it is the same booking with the same order. Without a
    dependent the visit is for the patient. `host` is the address it is asked from, if one is known. Raises NotFound,
    Forbidden (staff), BadInput, SlotGone, SlotTaken (with the nearest free slots), TooManyHolds, HoldsPaused, NetworkHolds.
    """
    said = visit_reason.clean(reason) if reason else ""
    _refuse_crowd(slot_id, patient_id, now)
    written = None
    try:
        with turn(f"slot:{slot_id}"), write() as tx:
            patient = lock_patient(tx, patient_id)
            slot = _lock_slot(tx, slot_id, now)
            held = own = clear_slot(tx, slot, patient_id, now)
            if held is None:
                doctor = offering_doctor(tx, slot, now)
                unpaid_holds.refuse_one_too_many(tx, patient, now)
                held = _renew_failed(tx, slot, patient_id, said, now, host, _own(patient_id))
            if held is None:
                unpaid_holds.refuse_again_and_again(tx, patient, now)
                written = _write_booking(tx, slot, doctor, patient, said, now, _own(patient_id))
                held = written.appointment
                unpaid_holds.count_for_network(tx, held, host, refuse=True)
            if dependent_id != held.dependent_id and (dependent_id or own is None):
                dependents.assign(tx, held, dependent_id, now)
    except IntegrityError as exc:
        # The index had the last word: another patient won without our lock.
        raise SlotTaken from exc
    metrics.WON_CLAIMS.inc()
    if written and dependent_id is None:
        return patient_view.view(written, now)  # all of it is at hand
    return appointments.find(patient_id=patient_id, appointment_id=pk(held), now=now)


def try_again(*, patient_id: int, appointment_id: int, now: datetime, host: str = "") -> AppointmentView:
    """Hold the same slot again for a booking whose payment failed or whose hold ended: same appointment, same order.

    Raises NotFound, Forbidden, WrongState, SlotGone, SlotTaken, TooManyHolds, NetworkHolds.
    """
    try:
        with write() as tx:
            patient = lock_patient(tx, patient_id)
            slot, appointment, payment = locks.own_booking(tx, patient_id, appointment_id)
            if not holds.is_held(appointment, now):
                doctor = offering_doctor(tx, slot, now)
                if holds.has_expired(appointment, now):
                    hold_expiry.run_out(tx, appointment, payment, now)
                if appointment.status is not AppointmentStatus.FAILED or payment.status in HAS_MONEY:
                    raise WrongState
                _refuse_another_fee(payment, doctor)
                if clear_slot(tx, slot, patient_id, now) is not None:
                    raise WrongState(_("You already hold this time in another booking."))
                unpaid_holds.refuse_one_too_many(tx, patient, now)
                _renew(tx, slot, appointment, payment, now, host, _own(patient_id))
    except IntegrityError as exc:
        raise SlotTaken from exc
    return appointments.find(patient_id=patient_id, appointment_id=appointment_id, now=now)


# ── Before the lock ───────────────────────────────────────────────────────────────────────────────────────────────


def _refuse_crowd(slot_id: int, patient_id: int, now: datetime) -> None:
    """Turn a crowd at a taken slot away with a read, before it queues for the lock. The lock decides all the same.

    Raises SlotTaken.
    """
    with read() as tx:
        found = tx.execute(_TAKEN, {"slot_id": slot_id, "patient_id": patient_id, "now": now}).first()
        if found is None:
            return
        slot: Slot = found[0]
        nearest = slots.nearest_seen(tx, doctor_id=slot.doctor_id, around=slot.starts_at, now=now)
    raise slots.just_taken(slots.slot_view(slot, BOOKED), nearest)


# The slot, if it is ahead and another patient's appointment is on it at this instant.
_TAKEN = (
    select(Slot)
    .join(Appointment, col(Appointment.slot_id) == Slot.id)
    .where(
        Slot.id == sa.bindparam("slot_id"),
        col(Slot.starts_at) > sa.bindparam("now"),
        col(Appointment.patient_id) != sa.bindparam("patient_id"),
        holds.occupying(sa.bindparam("now")),
    )
)


# ── Under the locks ───────────────────────────────────────────────────────────────────────────────────────────────


def lock_patient(tx: Session, patient_id: int) -> Person:
    """The person, if a patient now; giving roles locks the same row. Raises NotFound, Forbidden."""
    patient = locks.person(tx, patient_id)
    if patient is None or patient.erased_at is not None:
        raise NotFound
    if patient.role is not Role.PATIENT:
        raise Forbidden(_("Only patients can book. Sign in with a patient's account."))
    return patient


def _lock_slot(tx: Session, slot_id: int, now: datetime) -> Slot:
    """The slot, if it has not begun. Raises NotFound, SlotGone."""
    slot = locks.slot(tx, slot_id)
    if slot is None:
        raise NotFound(_("We couldn't find that time. Please pick another."))
    if slot.starts_at <= now:
        raise SlotGone
    return slot


_LIVE_ON = select(Appointment).where(
    Appointment.slot_id == sa.bindparam("slot_id"), col(Appointment.status).in_(LIVE)
)


def _live_on(tx: Session, slot_id: int) -> Appointment | None:
    fresh = {"populate_existing": True}
    return tx.exec(_LIVE_ON, params={"slot_id": slot_id}, execution_options=fresh).one_or_none()


def clear_slot(tx: Session, slot: Slot, patient_id: int, now: datetime) -> Appointment | None:
    """End a hold whose time is up; the patient's own hold that still lasts is returned, locked.

    The caller holds the slot's lock. Raises SlotTaken.
    """
    live = _live_on(tx, pk(slot))
    if live is None:
        return None
    if holds.has_expired(live, now):
        _, expired, payment = locks.booking(tx, pk(live))
        hold_expiry.run_out(tx, expired, payment, now)
        tx.flush()  # the index must see the slot free before the next hold is written
        return None
    if live.patient_id == patient_id and live.status is AppointmentStatus.PENDING_PAYMENT:
        return locks.appointment(tx, pk(live))
    nearest = slots.nearest_free_in(tx, doctor_id=slot.doctor_id, around=slot.starts_at, now=now)
    raise slots.just_taken(slots.slot_view(slot, BOOKED), [slots.slot_view(one, FREE) for one in nearest])


def offering_doctor(tx: Session, slot: Slot, now: datetime, *, at_once: bool = False) -> Doctor:
    """The doctor of a slot that can be given to a patient now; the caller holds the slot's lock. Raises SlotGone.

    `at_once`: also within the clinic's notice.
    """
    doctor = tx.get_one(Doctor, slot.doctor_id)
    if slot.withdrawn or slot.starts_at <= now or not doctor.active:
        raise SlotGone
    if not at_once and slot.starts_at <= terms.earliest_start(now):
        raise SlotGone(terms.too_near())
    return doctor


# ── A booking that failed here before ─────────────────────────────────────────────────────────────────────────────


def _renew_failed(
    tx: Session, slot: Slot, patient_id: int, said: str, now: datetime, host: str, by: Hand
) -> Appointment | None:
    """Hold the slot in the patient's booking that failed there before, which keeps its order, if there is one.

    A UPI payment on that order may still succeed days later: it must find this booking, not a second one in its way. A
    booking whose money went back, or whose fee was another, is over.
    """
    params = {"slot_id": slot.id, "patient_id": patient_id, "currency": settings().payment_currency}
    found = tx.exec(_FAILED_HERE, params=params).first()
    if found is None:
        return None
    _, appointment, payment = locks.booking(tx, found)
    _renew(tx, slot, appointment, payment, now, host, by)
    if said:
        visit_reason.write_down(tx, appointment, said, now, actor=by.actor)
    return appointment


_FAILED_HERE = (
    select(Appointment.id)
    .join(Payment, col(Payment.appointment_id) == col(Appointment.id))
    .join(Doctor, col(Doctor.id) == col(Appointment.doctor_id))
    .where(
        Appointment.slot_id == sa.bindparam("slot_id"),
        Appointment.patient_id == sa.bindparam("patient_id"),
        Appointment.status == AppointmentStatus.FAILED,
        col(Payment.status).not_in(HAS_MONEY),
        col(Payment.amount_paise) == col(Doctor.fee_paise),
        Payment.currency == sa.bindparam("currency"),
    )
    .order_by(col(Appointment.id).desc())
    .limit(1)
)


def _refuse_another_fee(payment: Payment, doctor: Doctor) -> None:
    """A hold is renewed at the fee that a new one would have, or not at all: the order has the old one. Raises WrongState."""
    if (payment.amount_paise, payment.currency) != (doctor.fee_paise, settings().payment_currency):
        raise WrongState(
            _(
                "The fee is {fee} now. Choose the time again on {doctor}'s page to book it for that.",
                fee=rupees(doctor.fee_paise),
                doctor=doctor.name,
            )
        )


def _renew(
    tx: Session, slot: Slot, appointment: Appointment, payment: Payment, now: datetime, host: str, by: Hand
) -> None:
    """Put a new hold on a failed booking whose slot is free, at the terms of today. Raises NetworkHolds.

    After a payment that failed it is never refused for the holds of others.
    """
    tried = payment.failure_kind is not None or appointment.status_cause is Cause.PAYMENT_FAILED
    actor, reason = by.actor, Cause.TRIED_AGAIN
    appointment.held_at, appointment.hold_expires_at = now, by.until(slot, now)
    appointment.cancellation_policy = settings().cancellation_policy
    status_moves.move_appointment(
        tx, appointment, AppointmentStatus.PENDING_PAYMENT, actor=actor, reason=reason, now=now
    )
    if payment.status is PaymentStatus.FAILED:
        status_moves.move_payment(tx, payment, PaymentStatus.PENDING, actor=actor, reason=reason, now=now)
    payment.failure_kind, payment.failure = None, ""
    payment.checks, payment.next_check_at = 0, now + timedelta(minutes=1)
    payment.opened_at = payment.opened_at and now  # the ladder of questions begins anew with the hold
    tx.add(payment)
    unpaid_holds.count_for_network(tx, appointment, host, refuse=not tried)


# ── A new booking ─────────────────────────────────────────────────────────────────────────────────────────────────


def _write_booking(
    tx: Session, slot: Slot, doctor: Doctor, patient: Person, said: str, now: datetime, by: Hand
) -> patient_view.Booking:
    """Write the appointment, its bill and the first audit rows; what was written is returned, not read again."""
    appointment = Appointment(
        reference="".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8)),
        slot_id=pk(slot),
        doctor_id=slot.doctor_id,
        patient_id=pk(patient),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        status=AppointmentStatus.PENDING_PAYMENT,
        reason=said,
        fee_paise=doctor.fee_paise,
        cancellation_policy=settings().cancellation_policy,
        held_at=now,
        hold_expires_at=by.until(slot, now),
        created_at=now,
        updated_at=now,
    )
    tx.add(appointment)
    tx.flush()
    bill = Payment(
        appointment_id=pk(appointment),
        status=PaymentStatus.PENDING,
        amount_paise=doctor.fee_paise,
        currency=settings().payment_currency,
        created_at=now,
        updated_at=now,
    )
    tx.add(bill)
    audit.begins(tx, audit.booking(pk(appointment)))
    changes.announce_booking(tx, appointment)
    owner = actors.patient(appointment.patient_id)
    if by.actor != owner:
        audit.note(tx, pk(appointment), Action.BOOKED_FOR, actor=by.actor, after=owner, now=now)
    trail = [
        audit.note(
            tx,
            pk(appointment),
            action,
            actor=by.actor,
            after=after,
            reason=Cause.SLOT_CLAIMED,
            facts=facts,
            now=now,
        )
        for action, after, facts in (
            (Action.APPOINTMENT, appointment.status.value, stated.visit(appointment)),
            (Action.PAYMENT, PaymentStatus.PENDING.value, stated.bill(bill)),
        )
    ]
    words = clinic_words.words(tx)
    return patient_view.Booking(appointment, bill, doctor, patient, [], trail, words=words)
