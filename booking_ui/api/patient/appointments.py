"""Claiming a time, paying for it, seeing and cancelling it: always the caller's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import (
    GATEWAY_PROBLEMS,
    PROBLEMS,
    Envelope,
    EnvelopePage,
    Paging,
    Refusal,
    RequestBody,
    on_page,
)
from booking_ui.api.http.fields import BodyId, EmptyIsNone, Page, PageSize, PathId, Reason
from booking_ui.api.http.identity import Host, Now, Patient
from booking_ui.config.settings import settings
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import GatewayError, SlotTaken
from booking_ui.domain.paging import LONGEST_PAGE
from booking_ui.edge import questions
from booking_ui.edge.threads import call, call_gateway, call_quick
from booking_ui.languages import _, ngettext
from booking_ui.services.booking import appointments, hold_expiry, reschedule
from booking_ui.services.booking import claim as booking
from booking_ui.services.booking.cancel import cancel_by_policy
from booking_ui.services.limits import rate_limits
from booking_ui.services.payments import orders
from booking_ui.services.schedule import doctor_search
from booking_ui.services.views import AppointmentView, Principal
from booking_ui.services.visits import visit_link

router = APIRouter(prefix="/api", tags=["Appointments"], responses=PROBLEMS)


class Claim(RequestBody):
    availability_id: BodyId
    dependent_id: BodyId | None = Field(default=None, description="Whom it is for; yourself when left out.")
    reason: Reason | None = None


class Move(RequestBody):
    availability_id: BodyId


class IntentFor(RequestBody):
    appointment_id: BodyId


@router.post(
    "/appointments",
    status_code=201,
    summary="Hold a time",
    description="Held until `holdExpiresAt`. Asking again for a time you hold gives the same hold. "
    "`slot_taken` carries the nearest free times in `data.nearest`.",
)
async def claim(body: Claim, who: Patient, now: Now, host: Host) -> Envelope[shapes.Appointment]:
    held = await _claimed(body, who, now, host)
    return Envelope(
        message=_("This time is held for you. Please pay to confirm it."), data=shapes.appointment(held)
    )


@router.post(
    "/payments/intent",
    tags=["Payments"],
    summary="Razorpay order for a held time",
    responses=GATEWAY_PROBLEMS,
)
async def intent(body: IntentFor, who: Patient, now: Now) -> Envelope[shapes.Intent]:
    """Asking again gives the same order."""
    view = await call_gateway(
        "", orders.open_order, patient_id=who.person_id, appointment_id=body.appointment_id, now=now
    )
    return Envelope(message=_("Ready to pay."), data=shapes.intent(view, settings().key_id))


@router.post(
    "/appointments/book",
    status_code=201,
    summary="Hold a time and order its payment",
    responses=GATEWAY_PROBLEMS,
)
async def book(body: Claim, who: Patient, now: Now, host: Host) -> Envelope[shapes.Booked]:
    """The hold is kept when Razorpay can't be asked: `data.appointment` of the error has it."""
    held = await _claimed(body, who, now, host)
    try:
        view = await call_gateway(
            "", orders.open_order, patient_id=who.person_id, appointment_id=held.id, now=now
        )
    except GatewayError as exc:
        raise Refusal(exc, shapes.HeldAppointment(appointment=shapes.appointment(held))) from exc
    order = shapes.intent(view, settings().key_id)
    return Envelope(message=_("Booking initiated. Please complete payment."), data=shapes.booked(order, held))


@router.get("/appointments", summary="My appointments")
async def mine(
    who: Patient,
    now: Now,
    when: Annotated[Literal["upcoming", "past"] | None, EmptyIsNone] = None,
    status: Annotated[AppointmentStatus | None, EmptyIsNone] = None,
    page: Page = 1,
    page_size: PageSize = LONGEST_PAGE,
) -> EnvelopePage[shapes.Appointment]:
    """Upcoming ones soonest first, others newest first. A page past the end is empty."""
    found = await call(
        appointments.page,
        patient_id=who.person_id,
        now=now,
        when=when or "",
        status=status or "",
        number=page,
        page_size=page_size,
    )
    count = ngettext("{count} appointment.", "{count} appointments.", found.total)
    paging = Paging(page=page, page_size=page_size, pages=found.paging.pages, total=found.total)
    shown = [shapes.appointment(view) for view in on_page(found, page)]
    return EnvelopePage(message=count, data=shown, paging=paging)


@router.get("/appointments/{appointment_id:number}", summary="One of my appointments")
async def one(appointment_id: PathId, who: Patient, now: Now) -> Envelope[shapes.Appointment]:
    view = await call(appointments.find, patient_id=who.person_id, appointment_id=appointment_id, now=now)
    return Envelope(message=view.headline, data=shapes.appointment(view))


@router.get("/appointments/{appointment_id}/status", summary="Where it stands now")
async def status(appointment_id: PathId, who: Patient, now: Now) -> Envelope[shapes.Appointment]:
    """While no money has come for its order Razorpay is asked first, so this answer does not wait for a webhook. Polled too
    often, it says what is known."""
    view = await call(appointments.find, patient_id=who.person_id, appointment_id=appointment_id, now=now)
    if view.worth_asking:
        view = await questions.ask(view, patient_id=who.person_id, now=now) or view
    return Envelope(message=view.sentence, data=shapes.appointment(view))


@router.post("/appointments/{appointment_id}/try-again", summary="Hold the same time again")
async def again(appointment_id: PathId, who: Patient, now: Now, host: Host) -> Envelope[shapes.Appointment]:
    """For a payment that failed or a hold that ended: the same appointment and the same order, if the time is still free."""
    await call_quick(rate_limits.limit_person, name="claim", person_id=who.person_id)
    try:
        held = await call(
            booking.try_again, patient_id=who.person_id, appointment_id=appointment_id, now=now, host=host
        )
    except SlotTaken as exc:
        view = await call(appointments.find, patient_id=who.person_id, appointment_id=appointment_id, now=now)
        raise Refusal(exc, await _nearest(view.slot_id, now)) from exc
    return Envelope(
        message=_("This time is held for you. Please pay to confirm it."), data=shapes.appointment(held)
    )


@router.post("/appointments/{appointment_id}/let-go", summary="Give a held time up")
async def let_go(appointment_id: PathId, who: Patient, now: Now) -> Envelope[shapes.Appointment]:
    """Others may have it at once. A payment that still arrives goes back, also one that had failed before."""
    view = await call(hold_expiry.let_go, patient_id=who.person_id, appointment_id=appointment_id, now=now)
    return Envelope(message=_("The time is no longer held for you."), data=shapes.appointment(view))


@router.post("/appointments/{appointment_id}/cancel", summary="Cancel a confirmed appointment")
async def cancel(appointment_id: PathId, who: Patient, now: Now) -> Envelope[shapes.Cancelled]:
    """`refundPaise` is exactly what is given back; asking twice refunds once. After the clinic's last cutoff it is
    refused with `too_late_to_cancel`."""
    view = await call(cancel_by_policy, patient_id=who.person_id, appointment_id=appointment_id, now=now)
    return Envelope(message=view.message, data=shapes.cancelled(view))


@router.post("/appointments/{appointment_id}/end-links", summary="End the links to a visit")
async def end_links(appointment_id: PathId, who: Patient, now: Now) -> Envelope[None]:
    """Those of messages sent so far, which show the visit without signing in and without names."""
    await call(visit_link.end_links, patient_id=who.person_id, appointment_id=appointment_id, now=now)
    return Envelope(message=_("The links in our messages do not open this visit any more."), data=None)


@router.post(
    "/appointments/{appointment_id}/reschedule", summary="Move a confirmed appointment to another time"
)
async def move(appointment_id: PathId, body: Move, who: Patient, now: Now) -> Envelope[shapes.Appointment]:
    """Takes the new time and frees the old one at once; the payment stays. Another doctor's time must have the same fee
    (`fee_differs`); the one you have already is answered as it is."""
    try:
        view = await call(
            reschedule.reschedule,
            patient_id=who.person_id,
            appointment_id=appointment_id,
            slot_id=body.availability_id,
            now=now,
        )
    except SlotTaken as exc:
        raise Refusal(exc, await _nearest(body.availability_id, now)) from exc
    return Envelope(
        message=_("Your visit is on {when}.", when=view.when_label), data=shapes.appointment(view)
    )


async def _claimed(body: Claim, who: Principal, now: datetime, host: str) -> AppointmentView:
    await call_quick(rate_limits.limit_person, name="claim", person_id=who.person_id)
    try:
        return await call(
            booking.claim,
            patient_id=who.person_id,
            slot_id=body.availability_id,
            now=now,
            reason=body.reason or "",
            dependent_id=body.dependent_id,
            host=host,
        )
    except SlotTaken as exc:
        raise Refusal(exc, await _nearest(body.availability_id, now)) from exc


async def _nearest(slot_id: int, now: datetime) -> shapes.Nearest:
    doctor, slots = await call(doctor_search.alternatives, slot_id=slot_id, now=now)
    return shapes.Nearest(nearest=[shapes.availability(slot, doctor) for slot in slots])
