"""The desk books for a patient who calls or stands before it: by the patient's account, or by a name and a number.

It takes a slot through the claim that everybody goes through. What the desk may exceed: the pause after unpaid holds, the
limit of a network, the single hold of a patient who has proven nothing; with the money in hand also the clinic's notice
and the number of open holds, since nothing stays open. All of it is one transaction: a crash leaves the slot free, and
never a confirmed visit without its mark.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Payment, Person, Slot, pk
from booking_ui.db.session import write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import instant_label
from booking_ui.domain.errors import BadInput, FieldError, Forbidden, NotFound, SlotTaken
from booking_ui.domain.people.person import (
    SENTENCES,
    Applicant,
    clean_email,
    clean_name,
    mobile_number,
    name_fault,
)
from booking_ui.gateways.redis import turn
from booking_ui.languages import N_, _
from booking_ui.services.accounts import made_at_desk
from booking_ui.services.booking import claim
from booking_ui.services.desk import mark_payment
from booking_ui.services.journal import changes
from booking_ui.services.limits import metrics
from booking_ui.services.mail import outbox, receivers
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import DeskBooking
from booking_ui.services.visits import patient_view, terms

Payments = Literal["cash", "link", "later"]

NOT_OFFERED = N_("Paying later is not offered by this clinic. Take the money now, or send a link to pay.")
NO_WAY = N_("No message would reach this patient. Take the money now, or write down a mail address.")
NO_DOOR = N_(
    "Another patient has this number too, so a link would open nothing for this one. Take the money now, or choose a patient "
    "who signs in with the number."
)
FOR_MONEY = N_("A reference is for money that was taken. Leave it out, or choose cash.")


@dataclass(frozen=True)
class Given:
    """A patient as the desk writes them down; the address may be empty."""

    name: str
    phone: str
    email: str = ""


@dataclass(frozen=True)
class _Wanted:
    """The desk's choice, cleaned: the patient is an account's id, or what was written down."""

    slot_id: int
    patient: int | Applicant
    payment: Payments
    reason: str
    reference: str
    dependent_id: int | None


@metrics.LOST_CLAIMS.count_exceptions(SlotTaken)
def book(
    *,
    admin: Principal,
    slot_id: int,
    patient: int | Given,
    payment: Payments,
    now: datetime,
    reason: str = "",
    reference: str = "",
    dependent_id: int | None = None,
) -> DeskBooking:
    """Book a slot for a patient: an account's id, or a name and a mobile number, for which an account is found or made.

    `cash` confirms the visit with a mark in the admin's name. `link` holds the slot for PAYMENT_LINK_MINUTES, at most until
    the clinic's notice, and tells the patient where to pay. `reason` is the patient's, `reference` a receipt's of the desk.

    Raises BadInput, NotFound, Forbidden (staff), SlotGone, SlotTaken (with the nearest free slots), TooManyHolds, WrongState
    (the patient holds the slot already), PhoneTaken, EmailTaken.
    """
    wanted = _cleaned(slot_id, patient, payment, reason, reference.strip(), dependent_id)
    try:
        with turn(f"slot:{slot_id}"), write() as tx:
            return _booked(tx, admin, wanted, now)
    except IntegrityError as exc:
        # The index had the last word: another patient won without our lock.
        raise SlotTaken from exc


def _booked(tx: Session, admin: Principal, wanted: _Wanted, now: datetime) -> DeskBooking:
    actor = actors.signed_in(admin)
    person = _patient(tx, wanted.patient, actor, now)
    if wanted.payment == "link":
        _require_a_way_to_pay(tx, person)
    booking = claim.for_patient(
        tx,
        person,
        slot_id=wanted.slot_id,
        by=_hand(actor, wanted.payment),
        now=now,
        reason=wanted.reason,
        dependent_id=wanted.dependent_id,
    )
    if wanted.payment == "cash":
        mark_payment.paid_when_booked(tx, booking, admin=admin, reference=wanted.reference, now=now)
    else:
        _send_link(tx, booking, now)
    tx.flush()
    return _view(tx, booking, person, now)


# ── The patient ───────────────────────────────────────────────────────────────────────────────────────────────────


def _patient(tx: Session, patient: int | Applicant, actor: str, now: datetime) -> Person:
    """The patient, locked."""
    if isinstance(patient, int):
        try:
            return claim.lock_patient(tx, patient)
        except NotFound as exc:
            raise NotFound(_("We couldn't find that patient.")) from exc
        except Forbidden as exc:
            raise Forbidden(_("This is an account of the clinic's staff. Choose a patient's.")) from exc
    found = made_at_desk.found_or_made(tx, patient, by=actor, now=now)
    return claim.lock_patient(tx, pk(found))


def _require_a_way_to_pay(tx: Session, person: Person) -> None:
    """Raises BadInput: a link would reach nobody, or its receiver could not sign in to pay."""
    if not receivers.wanted(person):
        raise BadInput(FieldError("payment", _(NO_WAY)))
    if not made_at_desk.can_be_entered(tx, person):
        raise BadInput(FieldError("payment", _(NO_DOOR)))


# ── The hold and its payment ──────────────────────────────────────────────────────────────────────────────────────


def _hand(actor: str, payment: Payments) -> claim.Hand:
    if payment == "cash":
        return claim.Hand(actor, timedelta(minutes=settings().payment_timeout_minutes), at_once=True)
    return claim.Hand(actor, timedelta(minutes=settings().payment_link_minutes), before_visit=terms.notice())


def _send_link(tx: Session, booking: tuple[Slot, Appointment, Payment], now: datetime) -> None:
    _slot, appointment, _payment = booking
    key = appointment.held_at.isoformat() if appointment.held_at else ""
    outbox.add_visit_message(tx, appointment_id=pk(appointment), kind="hold_made", key=key, now=now)
    changes.announce_booking(tx, appointment)


def _view(
    tx: Session, booking: tuple[Slot, Appointment, Payment], person: Person, now: datetime
) -> DeskBooking:
    _slot, appointment, payment = booking
    whole = patient_view.load(tx, Appointment.id == appointment.id)[0]
    return DeskBooking(
        appointment=patient_view.view(whole, now),
        payment_id=pk(payment),
        person_id=pk(person),
        patient_phone=person.phone,
        held=appointment.status is AppointmentStatus.PENDING_PAYMENT,
        held_until_label=_until(appointment),
        told_by=[channel.value for channel in receivers.wanted(person)],
    )


def _until(appointment: Appointment) -> str:
    ends = appointment.hold_expires_at
    return instant_label(ends, settings().zone) if ends else ""


# ── What the desk wrote ───────────────────────────────────────────────────────────────────────────────────────────


def _cleaned(
    slot_id: int,
    patient: int | Given,
    payment: Payments,
    reason: str,
    reference: str,
    dependent_id: int | None,
) -> _Wanted:
    """Raises BadInput with all that is wrong."""
    wrong = _payment_problems(payment, reference)
    who: int | Applicant = 0
    try:
        who = patient if isinstance(patient, int) else _applicant(patient)
    except BadInput as exc:
        wrong += exc.errors
    if wrong:
        raise BadInput(*wrong)
    return _Wanted(slot_id, who, payment, reason, reference, dependent_id)


def _payment_problems(payment: Payments, reference: str) -> list[FieldError]:
    if payment == "later":
        return [FieldError("payment", _(NOT_OFFERED))]
    if payment == "link":
        return [FieldError("reference", _(FOR_MONEY))] if reference else []
    return mark_payment.desk_reference_problems(reference)


def _applicant(given: Given) -> Applicant:
    """The patient's name, mobile number and address as they are stored. Raises BadInput for fields of `patient`."""
    wrong: list[FieldError] = []
    name, email, number = clean_name(given.name), clean_email(given.email), ""
    if not name:
        wrong.append(name_fault(given.name, _("Write the patient's name in 1 to 80 letters.")))
    try:
        number = mobile_number(given.phone)
    except BadInput as exc:
        wrong += exc.errors
    if given.email.strip() and not email:
        wrong.append(FieldError("email", _(SENTENCES["email"])))
    if wrong:
        raise BadInput(*(replace(one, field=f"patient.{one.field}") for one in wrong))
    return Applicant(name, email, number)
