"""A small clinic for the desk's tests: Dr Chandra and Dr Ezhil, the patients Asha and Bilal, Devi at the desk.

`book(...)` writes one booking with its bill as the booking service would have left it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from booking_ui.db.models import (
    Appointment,
    DeliveryStatus,
    Doctor,
    Payment,
    PaymentAttempt,
    Person,
    Refund,
    Role,
    Slot,
    WebhookEvent,
)
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundOrigin, RefundStatus, Source
from tests.support.rows import keep

NOW = datetime(2026, 11, 21, 4, 45, tzinfo=UTC)  # Sat 21 Nov, 10:15 am in the clinic
VISIT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # Tue 24 Nov, 10:30 am


def a_doctor(name: str, slug: str, speciality: str = "General medicine") -> Doctor:
    return Doctor(
        slug=slug, name=name, speciality=speciality, qualifications="MBBS", practising_since=2010,
        languages=["English"], city="Bengaluru", area="Indiranagar", address="12 Some Road", fee_paise=50_000,
    )  # fmt: skip


def a_person(name: str, email: str, phone: str, role: Role = Role.PATIENT) -> Person:
    return Person(name=name, email=email, phone=phone, password_hash="-", role=role, created_at=NOW)


@dataclass(frozen=True)
class Desk:
    """The ids of the cast."""

    chandra: int
    ezhil: int
    asha: int
    bilal: int
    devi: int


def open_desk() -> Desk:
    cast: list[Doctor | Person] = [
        a_doctor("Dr Chandra", "dr-chandra"),
        a_doctor("Dr Ezhil", "dr-ezhil", "Dermatology"),
        a_person("Asha Rao", "asha@example.com", "+919845012345"),
        a_person("Bilal Khan", "bilal@example.com", "+919900054321"),
        a_person("Devi Nair", "devi@example.com", "+918047182200", Role.ADMIN),
    ]
    return Desk(*(keep(one).id or 0 for one in cast))


def book(
    desk: Desk,
    reference: str,
    *,
    status: AppointmentStatus = AppointmentStatus.CONFIRMED,
    payment: PaymentStatus = PaymentStatus.CAPTURED,
    starts_at: datetime = VISIT,
    booked: datetime = NOW,
    doctor_id: int | None = None,
    patient_id: int | None = None,
    paise: int = 50_000,
    order_id: str | None = None,
    payment_id: str | None = None,
) -> Payment:
    """One booking; `paise` is captured in full when the bill's status says that money came."""
    doctor_id = doctor_id or desk.chandra
    ends_at = starts_at + timedelta(minutes=30)
    slot = keep(Slot(doctor_id=doctor_id, starts_at=starts_at, ends_at=ends_at))
    visit = keep(
        Appointment(
            reference=reference, slot_id=slot.id or 0, doctor_id=doctor_id, patient_id=patient_id or desk.asha,
            starts_at=starts_at, ends_at=ends_at, status=status, fee_paise=paise, created_at=booked, updated_at=booked,
            hold_expires_at=booked + timedelta(minutes=15),
        )
    )  # fmt: skip
    came = payment not in (PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.FAILED)
    return keep(
        Payment(
            appointment_id=visit.id or 0, status=payment, amount_paise=paise, currency="INR",
            gateway_order_id=order_id, gateway_payment_id=payment_id, method="upi" if payment_id else "",
            method_detail="asha@okbank" if payment_id else "", captured_paise=paise if came else 0,
            captured_at=booked if came else None, created_at=booked, updated_at=booked,
        )
    )  # fmt: skip


def an_attempt(
    bill: Payment, pay_id: str, status: AttemptStatus, *, paise: int = 50_000, at: datetime = NOW
) -> PaymentAttempt:
    failed = status is AttemptStatus.FAILED
    return keep(
        PaymentAttempt(
            payment_id=bill.id or 0, gateway_payment_id=pay_id, status=status, amount_paise=paise, currency="INR",
            method="upi", detail="asha@okbank", error_code="BAD_REQUEST_ERROR" if failed else "",
            error_description="The bank declined the payment." if failed else "", source=Source.WEBHOOK,
            created_at=at, updated_at=at,
        )
    )  # fmt: skip


def a_refund(
    bill: Payment,
    status: RefundStatus,
    *,
    pay_id: str = "pay_kept",
    at: datetime = NOW,
    refund_id: str | None = None,
    paise: int = 50_000,
) -> Refund:
    return keep(
        Refund(
            payment_id=bill.id or 0, gateway_payment_id=pay_id, gateway_refund_id=refund_id, amount_paise=paise,
            status=status, origin=RefundOrigin.POLICY, reason="cancelled by the patient", idempotency_key=f"key-{bill.id}-{pay_id}-{status}-{paise}",
            next_attempt_at=at if pay_id and status is RefundStatus.PENDING else None, created_at=at, updated_at=at,
            refunded_at=at if status is RefundStatus.PROCESSED else None,
        )
    )  # fmt: skip


def a_message(order_id: str, status: DeliveryStatus, *, event: str = "payment.captured") -> WebhookEvent:
    return keep(
        WebhookEvent(
            event_id=f"evt-{order_id}-{status}-{event}", body_sha256="0" * 64, body=b"{}", event=event,
            order_id=order_id, status=status, received_at=NOW,
        )
    )  # fmt: skip
