"""The desk books for a patient, with or without an account."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, Refusal, RequestBody
from booking_ui.api.http.fields import BodyId, Long, Reason, Short
from booking_ui.api.http.identity import Admin, Now
from booking_ui.domain.errors import BadInput, FieldError, SlotTaken
from booking_ui.edge.threads import call
from booking_ui.languages import _
from booking_ui.services.desk import book_for_patient
from booking_ui.services.schedule import doctor_search
from booking_ui.services.views.desk import DeskBooking

router = APIRouter(prefix="/api/admin", tags=["Desk"], responses=PROBLEMS)


class WrittenDown(RequestBody):
    model_config = ConfigDict(extra="forbid")

    name: Long
    phone: Long = Field(description="A mobile number.")
    email: Long | None = None


class ForPatient(RequestBody):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "availabilityId": 412,
                "patient": {"name": "Ravi Kumar", "phone": "98450 12301"},
                "reason": "A cough that stays",
                "payment": "cash",
                "reference": "R-17",
            }
        },
    )

    availability_id: BodyId
    person_id: BodyId | None = Field(default=None, description="The patient's account; or `patient`.")
    patient: WrittenDown | None = Field(
        default=None, description="A patient by name and number; or `personId`."
    )
    dependent_id: BodyId | None = Field(default=None, description="Whom of the patient's family it is for.")
    reason: Reason | None = Field(default=None, description="Why the patient comes.")
    payment: Literal["cash", "link", "later"] = Field(examples=["cash"])
    reference: Short = Field(default="", description="Of cash: the receipt's number, for example.")


class BookedForPatient(shapes.Appointment):
    payment_id: int
    person_id: int = Field(description="The patient's account, found or made.")
    patient_phone: str = Field(examples=["+919845012301"])
    told_by: list[str] = Field(
        description="How the patient is told: `mail`, `sms`, `whatsapp`; empty when nothing reaches them.",
        examples=[["sms"]],
    )


@router.post("/appointments", status_code=201, summary="Book for a patient")
async def book(body: ForPatient, who: Admin, now: Now) -> Envelope[BookedForPatient]:
    """For an account (`personId`), or for a name and a mobile number (`patient`): known ones are found again, others get an
    account that a code to the number opens, or to the mail address if one is given.

    `cash` confirms the visit at once, marked in your name. `link` holds the time until `holdExpiresAt` and sends the
    patient the way to pay. `later` is not offered by this clinic: 422.

    409 `slot_taken` carries the nearest free times in `data.nearest`; 409 `phone_taken` when somebody of another name signs
    in with the number, 409 `email_taken` when another account has the address.
    """
    try:
        made = await call(
            book_for_patient.book,
            admin=who,
            slot_id=body.availability_id,
            patient=_patient(body),
            payment=body.payment,
            now=now,
            reason=body.reason or "",
            reference=body.reference,
            dependent_id=body.dependent_id,
        )
    except SlotTaken as taken:
        raise await _with_nearest(taken, body.availability_id, now) from taken
    return Envelope(message=_message(made), data=_booked(made))


def _patient(body: ForPatient) -> int | book_for_patient.Given:
    """Raises BadInput: both of the two, or neither."""
    given = body.patient
    if (body.person_id is None) == (given is None):
        raise BadInput(FieldError("patient", _("Send either personId or patient.")))
    if given is not None:
        return book_for_patient.Given(given.name, given.phone, given.email or "")
    return body.person_id or 0


async def _with_nearest(taken: SlotTaken, slot_id: int, now: datetime) -> Refusal:
    doctor, slots = await call(doctor_search.alternatives, slot_id=slot_id, now=now)
    return Refusal(taken, shapes.Nearest(nearest=[shapes.availability(slot, doctor) for slot in slots]))


def _message(made: DeskBooking) -> str:
    when = made.appointment.when_label
    if not made.held:
        return _("Booked and paid: {when}.", when=when)
    return _(
        "{when} is held until {until}; the link to pay is on its way.",
        when=when,
        until=made.held_until_label,
    )


def _booked(made: DeskBooking) -> BookedForPatient:
    return BookedForPatient(
        **shapes.appointment(made.appointment).model_dump(),
        payment_id=made.payment_id,
        person_id=made.person_id,
        patient_phone=made.patient_phone,
        told_by=made.told_by,
    )
