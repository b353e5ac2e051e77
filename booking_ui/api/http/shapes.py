"""The `data` of the API's answers, made from the services' views. Money twice: rupees to show, paise to calculate with."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from booking_ui.api.http.envelope import Wire
from booking_ui.domain.money import rupee_number
from booking_ui.domain.people.family import Relation
from booking_ui.services.views import (
    AppointmentView,
    CancelView,
    CheckoutView,
    DayView,
    DependentView,
    DoctorView,
    SlotView,
)
from booking_ui.services.views import Suggestion as SuggestionView

Rupees = Field(description="Rupees, to show; calculate with the paise.", examples=[500.0])
Paise = Field(description="Exact, in paise.", examples=[50000])
Instant = Field(description="RFC 3339 in UTC.", examples=["2026-11-24T05:00:00Z"])


class Tokens(Wire):
    access_token: str = Field(description="Send as `Authorization: Bearer …`.")
    refresh_token: str = Field(description="For one call of /api/auth/refresh, which gives a new one.")
    expires_in: int = Field(description="Seconds the access token lives.", examples=[900])


class CodeAsked(Wire):
    request_id: str = Field(
        description="May be sent back with the code, which it tells from others of the number."
    )
    expires_in: int = Field(description="Seconds the code works.", examples=[600])


class Availability(Wire):
    availability_id: int = Field(examples=[412])
    doctor_id: int
    doctor_name: str = Field(examples=["Dr Chandra Iyer"])
    speciality: str = Field(examples=["Cardiology"])
    date: str = Field(description="In the clinic's time zone.", examples=["2026-11-24"])
    time: str = Field(description="In the clinic's time zone.", examples=["10:30 am"])
    starts_at: str = Instant
    fee: float = Rupees
    fee_paise: int = Paise
    is_booked: bool = Field(description="Whether it can't be had now: held or booked.", examples=[False])
    status: str = Field(description="`free`, `held` or `booked`.", examples=["free"])


class NextFreeSlot(Wire):
    availability_id: int
    date: str
    time: str
    starts_at: str = Instant


class Doctor(Wire):
    doctor_id: int
    slug: str
    name: str
    speciality: str
    qualifications: str
    experience: str = Field(examples=["12 years"])
    languages: list[str]
    city: str
    area: str
    address: str
    about: str
    fee: float = Rupees
    fee_paise: int = Paise
    next_free_slot: NextFreeSlot | None = Field(
        description="Null when nothing is free within the booking horizon."
    )


class Suggestion(Wire):
    kind: str = Field(description="`doctor`, `speciality`, `city`, `area`, `language` or `gender`.")
    label: str
    detail: str
    q: str = Field(description="The search that it stands for; empty for a doctor.")
    slug: str = Field(description="Of a doctor's page; empty for a search.")


class Appointment(Wire):
    appointment_id: int
    reference: str = Field(description="What people read out on the telephone.", examples=["7KQ2MXRV"])
    status: str = Field(
        description="`pending_payment`, `confirmed`, `completed`, `no_show`, `cancelled` or `failed`."
    )
    payment_status: str = Field(
        description="`pending`, `authorized`, `captured`, `failed`, `refund_pending`, `partially_refunded` or `refunded`."
    )
    amount: float = Rupees
    amount_paise: int = Paise
    doctor_id: int
    doctor_name: str
    speciality: str
    dependent_id: int | None = Field(description="The dependent the visit is for; null: the patient.")
    patient_name: str = Field(description="Whom the visit is for.", examples=["Kiran Menon"])
    reason: str = Field(description="Why the patient comes, in the patient's words.")
    appointment_date: str = Field(examples=["2026-11-24"])
    appointment_time: str = Field(examples=["10:30 am"])
    starts_at: str = Instant
    hold_expires_at: str | None = Field(
        description="Until when the time is held for payment; null when it is not."
    )
    gateway_order_id: str | None = Field(description="Razorpay's order; null before the first intent.")
    gateway_payment_id: str | None = Field(description="Razorpay's payment that paid; null before.")
    cancel_refund_paise: int | None = Field(
        description="What cancelling now gives back, exact; null when it can't be cancelled online.",
        examples=[50000],
    )
    cancel_refund_until: str | None = Field(
        description="Until when that amount holds.", examples=["2026-11-23T05:00:00Z"]
    )
    can_reschedule: bool = Field(description="Whether it may be moved to another time now.")
    paid_amount: float = Rupees
    paid_paise: int = Paise
    refunded_amount: float = Rupees
    refunded_paise: int = Paise


class HeldAppointment(Wire):
    appointment: Appointment


class Cancelled(Appointment):
    refund_amount: float = Rupees
    refund_paise: int = Paise


class Dependent(Wire):
    dependent_id: int
    name: str = Field(examples=["Kiran Menon"])
    relation: Relation
    born_on: date | None


class Intent(Wire):
    appointment_id: int
    gateway_order_id: str = Field(examples=["order_QXYZabc1234567"])
    amount: float = Rupees
    amount_paise: int = Paise
    currency: str = Field(examples=["INR"])
    key_id: str = Field(description="Razorpay's public key id.")
    script_url: str = Field(description="Where Checkout.js is loaded from.")
    checkout_options: dict[str, object] = Field(
        description="For `new Razorpay(options)`, unchanged.",
        examples=[{"key": "rzp_test_…", "order_id": "order_QXYZabc1234567", "amount": 50000}],
    )


class Booked(Intent):
    status: str = Field(examples=["pending_payment"])
    hold_expires_at: str | None = Instant


class Nearest(Wire):
    nearest: list[Availability] = Field(
        description="The closest free times of the same doctor, three at most."
    )


class Returned(Wire):
    reference: str
    status_url: str = Field(description="The page that shows where the booking stands.")


class Nothing(Wire):
    pass


class Alive(Wire):
    status: Literal["alive"] = "alive"


class Stored(Wire):
    new: bool = Field(description="False when this very event was stored before.")


def availability(slot: SlotView, doctor: DoctorView) -> Availability:
    return Availability.of(
        slot,
        availability_id=slot.id,
        doctor_id=doctor.id,
        doctor_name=doctor.name,
        speciality=doctor.speciality,
        date=slot.day,
        time=slot.time_label,
        fee=rupee_number(doctor.fee_paise),
        fee_paise=doctor.fee_paise,
        is_booked=slot.status != "free",
    )


def slots_of(days: list[DayView]) -> list[SlotView]:
    return [slot for day in days for part in (day.morning, day.afternoon, day.evening) for slot in part]


def doctor(view: DoctorView) -> Doctor:
    soonest = next(iter(view.next_slots), None)
    return Doctor.of(
        view,
        doctor_id=view.id,
        experience=view.experience_label,
        languages=[one for one in view.languages_label.split(", ") if one],
        fee=rupee_number(view.fee_paise),
        next_free_slot=_next_free(soonest) if soonest else None,
    )


def suggestion(view: SuggestionView) -> Suggestion:
    return Suggestion.of(view)


def _next_free(slot: SlotView) -> NextFreeSlot:
    return NextFreeSlot.of(slot, availability_id=slot.id, date=slot.day, time=slot.time_label)


def appointment(view: AppointmentView) -> Appointment:
    return Appointment.of(
        view,
        appointment_id=view.id,
        amount=rupee_number(view.fee_paise),
        amount_paise=view.fee_paise,
        appointment_date=view.date,
        appointment_time=view.time_label,
        paid_amount=rupee_number(view.paid_paise),
        refunded_amount=rupee_number(view.refunded_paise),
        cancel_refund_paise=view.cancel_refund_paise if view.can_cancel else None,
        cancel_refund_until=view.cancel_changes_at or None,
    )


def dependent(view: DependentView) -> Dependent:
    return Dependent.of(view, dependent_id=view.id)


def cancelled(view: CancelView) -> Cancelled:
    return Cancelled(
        **appointment(view.appointment).model_dump(),
        refund_amount=rupee_number(view.refund_paise),
        refund_paise=view.refund_paise,
    )


def intent(view: CheckoutView, key_id: str) -> Intent:
    return Intent.of(
        view, amount=rupee_number(view.amount_paise), key_id=key_id, checkout_options=view.options
    )


def booked(order: Intent, held: AppointmentView) -> Booked:
    return Booked(**order.model_dump(), status=held.status, hold_expires_at=held.hold_expires_at or None)
