"""The content of a receipt as values. They are stored at its issue, and no later change of a name or a setting reaches them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words
from booking_ui.db.models import Appointment, Dependent, Doctor, Payment, Person, Refund
from booking_ui.domain.clock import iso
from booking_ui.domain.payment import DESK
from booking_ui.languages import speaking
from booking_ui.services.mail import receivers
from booking_ui.services.visits import place, refund_text

EXEMPT = "exempt"
"""Health care is not taxed: a receipt names the rule. A receipt of another supply would store another value."""

NAMES = ("patient", "payer")
"""Facts that name a person: an erasure empties them."""


@dataclass(frozen=True)
class Facts:
    """Facts of a receipt or credit note beside its number, sum and day. Instants are ISO texts in UTC."""

    language: str
    zone: str
    clinic: str
    clinic_address: str
    clinic_registration: str
    gstin: str
    doctor: str
    qualifications: str
    registration: str
    speciality: str  # in the receipt's language
    patient: str
    payer: str  # empty when the patient pays for themselves
    reference: str
    visit_at: str
    tax: str
    method: str  # as Razorpay calls it, or "desk"
    payment_id: str
    desk_reference: str  # what the desk wrote when it marked the bill as paid
    paid_at: str
    # Of a credit note only:
    receipt: str = ""
    receipt_at: str = ""
    refund_id: str = ""
    refunded_at: str = ""
    by_hand: str = ""  # "yes" for money that did not go through Razorpay

    def stored(self) -> dict[str, str]:
        return asdict(self)


def of_payment(tx: Session, payment: Payment) -> Facts:
    """The facts of a bill that is paid, as they are now."""
    visit = tx.get_one(Appointment, payment.appointment_id)
    doctor, payer = tx.get_one(Doctor, visit.doctor_id), tx.get_one(Person, visit.patient_id)
    dependent = tx.get(Dependent, visit.dependent_id) if visit.dependent_id else None
    language = receivers.receiver_language(payer)
    patient = dependent.name if dependent else payer.name
    with speaking(language):
        speciality = clinic_words.said(tx, doctor.speciality)
    return Facts(
        language=language,
        zone=settings().clinic_timezone,
        clinic=settings().clinic_name_legal or settings().merchant_name,
        clinic_address=settings().clinic_address or place.line(doctor.address, doctor.city),
        clinic_registration=settings().clinic_registration,
        gstin=settings().clinic_gstin,
        doctor=doctor.name,
        qualifications=doctor.qualifications,
        registration=doctor.registration,
        speciality=speciality,
        patient="" if payer.erased_at else patient,
        payer=payer.name if dependent and not payer.erased_at else "",
        reference=visit.reference,
        visit_at=iso(visit.starts_at),
        tax=EXEMPT,
        method=payment.method,
        payment_id=payment.gateway_payment_id or payment.marked_payment_id or "",
        desk_reference=payment.mark_reference if payment.method == DESK else "",
        paid_at=iso(payment.captured_at or payment.updated_at),
    )


def of_refund(paid: Facts, number: str, at: str, refund: Refund) -> dict[str, str]:
    """The facts of a refund's credit note: those of the receipt, its number, and the refund's own."""
    return {
        **paid.stored(),
        "receipt": number,
        "receipt_at": at,
        "refund_id": refund.gateway_refund_id or "",
        "refunded_at": iso(refund.refunded_at or refund.updated_at),
        "by_hand": "yes" if refund_text.by_hand(refund) else "",
    }
