"""Move a confirmed visit to another free time of its doctor, or of one with the same fee; the payment stays as it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment, Slot, pk
from booking_ui.db.session import write
from booking_ui.domain import actors, refund_policy
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import (
    FeeDiffers,
    NotFound,
    SlotTaken,
    TooLateToReschedule,
    WrongState,
)
from booking_ui.domain.money import rupees
from booking_ui.gateways.redis import turn
from booking_ui.languages import _
from booking_ui.services.booking import appointments, claim
from booking_ui.services.journal import audit, changes, stated
from booking_ui.services.journal.audit import Action
from booking_ui.services.mail import outbox
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import terms


def reschedule(*, patient_id: int, appointment_id: int, slot_id: int, now: datetime) -> AppointmentView:
    """Claim the new slot and free the old one in one transaction; asking for the slot that the visit has changes nothing.

    Raises NotFound, Forbidden, WrongState, TooLateToReschedule, SlotGone, SlotTaken, FeeDiffers.
    """
    try:
        with turn(f"slot:{slot_id}"), write() as tx:
            claim.lock_patient(tx, patient_id)
            new, old, appointment, _payment = locks.own_booking_and_slot(
                tx, patient_id, appointment_id, slot_id
            )
            if appointment.status is not AppointmentStatus.CONFIRMED:
                raise WrongState(_("Only a confirmed visit can be moved."))
            if new is None:
                raise NotFound(_("We couldn't find that time. Please pick another."))
            if new.id != old.id:
                _refuse_move(tx, appointment, new, now)
                _move(tx, appointment, new, now)
    except IntegrityError as exc:
        # The index had the last word: another patient won without our lock.
        raise SlotTaken from exc
    return appointments.find(patient_id=patient_id, appointment_id=appointment_id, now=now)


def _refuse_move(tx: Session, appointment: Appointment, new: Slot, now: datetime) -> None:
    """Raise TooLateToReschedule, SlotGone, FeeDiffers, SlotTaken or WrongState where the visit can't go there."""
    if not terms.can_reschedule(appointment, now):
        raise TooLateToReschedule(
            _(
                "It's too close to the visit to move it online. Call us on {phone}: we can cancel it for you by phone.",
                phone=settings().support_phone,
            )
        )
    doctor = claim.offering_doctor(tx, new, now)
    # With the doctor of the booking the price that was paid holds, whatever new bookings cost.
    if doctor.id != appointment.doctor_id and doctor.fee_paise != appointment.fee_paise:
        raise FeeDiffers(
            _(
                "{doctor} costs {fee}, this visit was {paid}. Cancel and book again, or choose a time at the same fee.",
                doctor=doctor.name,
                fee=rupees(doctor.fee_paise),
                paid=rupees(appointment.fee_paise),
            )
        )
    if claim.clear_slot(tx, new, appointment.patient_id, now) is not None:
        raise WrongState(
            _("You are holding that time in another booking. Let it go first, then move this visit.")
        )


def _move(tx: Session, appointment: Appointment, new: Slot, now: datetime) -> None:
    before, left = audit.slot_fact(appointment.starts_at, appointment.slot_id), appointment.doctor_id
    percent = refund_policy.percent_at(
        bands=terms.bands(appointment), starts_at=appointment.starts_at, now=now
    )
    appointment.refund_cap_percent = min(appointment.refund_cap_percent, percent or 0)
    appointment.slot_id, appointment.doctor_id = pk(new), new.doctor_id
    appointment.starts_at, appointment.ends_at = new.starts_at, new.ends_at
    appointment.moved, appointment.updated_at = appointment.moved + 1, now
    tx.add(appointment)
    audit.note(
        tx,
        pk(appointment),
        Action.MOVED,
        actor=actors.patient(appointment.patient_id),
        before=before,
        after=audit.slot_fact(new.starts_at, pk(new)),
        facts=stated.visit(appointment),
        now=now,
    )
    changes.announce_booking(tx, appointment)
    changes.announce(tx, f"doctor:{left}")
    outbox.add_visit_message(
        tx, appointment_id=pk(appointment), kind="rescheduled", key=str(appointment.moved), now=now
    )
