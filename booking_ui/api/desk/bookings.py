"""Every booking, for the desk: the list, and what is done about one by hand."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import GATEWAY_PROBLEMS, PROBLEMS, Envelope, RequestBody, Wire, on_page
from booking_ui.api.http.fields import (
    DateFrom,
    DateTo,
    Day,
    OfDoctor,
    Page,
    PageSize,
    PathId,
    QueryText,
    Reason,
    Short,
)
from booking_ui.api.http.identity import Admin, Now
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.domain.money import rupee_number
from booking_ui.edge.threads import call, call_gateway
from booking_ui.languages import N_, _, ngettext
from booking_ui.services.booking import completion
from booking_ui.services.desk import ask_razorpay, bookings, mark_payment, refund
from booking_ui.services.desk.bookings import BookingFilter
from booking_ui.services.desk.cancel import cancel_for_patient
from booking_ui.services.views.desk import BookingRow

router = APIRouter(prefix="/api/admin", tags=["Desk"], responses=PROBLEMS)


class DeskAppointment(Wire):
    appointment_id: int
    payment_id: int = Field(description="The one to mark.")
    reference: str
    status: str
    payment_status: str
    patient_name: str
    visitor_name: str | None = Field(description="Whom the visit is for, when it is not the patient.")
    patient_email: str
    patient_phone: str
    doctor_id: int
    doctor_name: str
    speciality: str
    starts_at: str = shapes.Instant
    amount: float = shapes.Rupees
    amount_paise: int = shapes.Paise
    method: str = Field(examples=["UPI · asha@okbank"])
    gateway_order_id: str | None
    gateway_payment_id: str | None
    needs_attention: str | None = Field(description="A sentence when the booking needs a person.")
    money_paise: int | None = Field(
        description="With `money`: what that figure counts of this booking, in paise."
    )


class DeskPage(Wire):
    appointments: list[DeskAppointment]
    total: int
    page: int
    pages: int
    status_counts: dict[str, int] = Field(
        description="How many of each status under the other filters.", examples=[{"confirmed": 12}]
    )
    money_paise: int | None = Field(
        description="With `money`: the figure over every booking found, in paise."
    )


class Conclusion(RequestBody):
    status: Literal["completed", "no_show"]


class Mark(RequestBody):
    status: Literal["captured", "failed", "refunded"]
    reason: Reason
    reference: Short = ""


_MARKED = {
    "captured": N_("Payment marked as captured."),
    "failed": N_("Payment marked as failed."),
    "refunded": N_("Payment marked as refunded."),
}


class Marked(Wire):
    payment_id: int
    payment_status: str = Field(examples=["captured"])
    status: str = Field(description="The appointment's.", examples=["confirmed"])


class Asked(Wire):
    appointment_id: int
    orders: list[str] = Field(
        description="Razorpay's orders of the booking, the open one first.",
        examples=[["order_TUorOYH8gErbbD"]],
    )
    changed: bool = Field(description="Whether the answer changed anything here.")
    said: str = Field(
        description="What it changed, in a sentence.",
        examples=["A payment of ₹500 is captured, the visit is confirmed now."],
    )
    status_before: str = Field(examples=["failed"])
    status: str = Field(description="The appointment's.", examples=["confirmed"])
    payment_status_before: str = Field(examples=["failed"])
    payment_status: str = Field(examples=["captured"])


class Cancel(RequestBody):
    refund_paise: int = Field(
        strict=True, ge=0, le=2**31 - 1, description="What goes back: 0, or 100 up to what is kept."
    )
    reason: Reason


class Refund(RequestBody):
    amount_paise: int = Field(strict=True, le=2**31 - 1, description="100 up to what is kept.")
    reason: Reason


class Refunded(Wire):
    appointment_id: int
    refund_paise: int = shapes.Paise
    kept_paise: int = Field(description="What is kept after it, in paise.")
    refund_status: str = Field(description="`processed` for money given back by hand.", examples=["pending"])
    payment_status: str = Field(examples=["refund_pending"])


SORTS = {
    "startsAt": "starts_at",
    "createdAt": "booked",
    "amount": "amount",
    "status": "status",
    "doctorName": "doctor",
    "patientName": "patient",
    "urgency": "urgency",
}
# Other names of those keys: the rows' and the desk's own addresses'.
ALSO = {
    "appointmentDate": "starts_at",
    "amountPaise": "amount",
    "booked": "booked",
    "doctor": "doctor",
    "patient": "patient",
}


def _sorted_by(sort: str) -> str:
    """The service's sort key for the API's. Raises BadInput."""
    key = {**SORTS, **ALSO}.get(sort.removeprefix("-"))
    if key is None:
        raise BadInput(FieldError("sort", _("Sort by one of {choices}.", choices=", ".join(SORTS))))
    return f"-{key}" if sort.startswith("-") else key


def asked(
    status: QueryText = "",
    doctor_id: OfDoctor = None,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    q: QueryText = "",
    money: QueryText = "",
    money_from: Annotated[Day | None, Query(alias="moneyFrom")] = None,
    money_to: Annotated[Day | None, Query(alias="moneyTo")] = None,
    page: Page = 1,
    page_size: PageSize = 25,
    sort: QueryText = "-startsAt",
) -> BookingFilter:
    """The filter that the address asks for. Raises BadInput for a sort key that we do not have."""
    return BookingFilter(
        status=status,
        doctor_id=doctor_id,
        date_from=date_from,
        date_to=date_to,
        q=q,
        money=money,
        money_from=money_from,
        money_to=money_to,
        page=page,
        page_size=page_size,
        sort=_sorted_by(sort),
    )


@router.get("/appointments", summary="All bookings")
async def appointments(
    _who: Admin, now: Now, wanted: Annotated[BookingFilter, Depends(asked)]
) -> Envelope[DeskPage]:
    """`status` may also be `attention`: bookings that need a person.

    `sort` is one of `startsAt`, `createdAt`, `amount`, `status`, `doctorName`, `patientName`, `urgency`; `-` before it
    turns it round. A page past the end is empty.

    `money` is a figure of the payouts (`pending`, `captured`, `refunded`, `refund_due`, `deducted`, `failed`, `net`): exactly the
    bookings it counts from `moneyFrom` to `moneyTo`.
    """
    found = await call(bookings.listed, wanted, now=now)
    data = DeskPage(
        appointments=[_appointment(row, wanted) for row in on_page(found, wanted.page)],
        total=found.total,
        page=wanted.page,
        pages=found.paging.pages,
        status_counts=dict(found.status_counts),
        money_paise=found.figure_paise if wanted.money else None,
    )
    return Envelope(message=ngettext("{count} booking.", "{count} bookings.", found.total), data=data)


@router.post("/appointments/{appointment_id}/conclude", summary="Say whether a visit took place")
async def conclude(appointment_id: PathId, body: Conclusion, who: Admin, now: Now) -> Envelope[None]:
    """For a confirmed visit that has begun; audited with your name. Unsaid, it counts as completed some hours later."""
    status = AppointmentStatus(body.status)
    await call(completion.conclude, admin=who, appointment_id=appointment_id, status=status, now=now)
    completed = status is AppointmentStatus.COMPLETED
    said = _("Visit marked as completed.") if completed else _("Visit marked as missed.")
    return Envelope(message=said, data=None)


@router.post(
    "/appointments/{appointment_id}/ask",
    summary="Ask Razorpay about a booking now",
    responses=GATEWAY_PROBLEMS,
)
async def ask(appointment_id: PathId, who: Admin, now: Now) -> Envelope[Asked]:
    """About every order, payment and refund of it; what Razorpay says is applied, and the question is audited with your
    name. 409 `asked_already` while somebody else asks about the same booking."""
    told = await call_gateway("", ask_razorpay.ask, admin=who, appointment_id=appointment_id, now=now)
    return Envelope(message=told.said, data=Asked.of(told))


@router.post("/payments/{payment_id}/mark", summary="Record a payment by hand")
async def mark(payment_id: PathId, body: Mark, who: Admin, now: Now) -> Envelope[Marked]:
    """The last resort, audited with your name and the reason; answers with what became of payment and appointment."""
    marked = await call_gateway(
        "",
        mark_payment.mark,
        admin=who,
        payment_id=payment_id,
        status=body.status,
        reason=body.reason,
        now=now,
        reference=body.reference,
    )
    data = Marked(payment_id=payment_id, payment_status=marked.payment, status=marked.appointment)
    return Envelope(message=_(_MARKED[body.status]), data=data)


@router.post("/appointments/{appointment_id}/cancel", summary="Cancel a visit for its patient")
async def cancel(appointment_id: PathId, body: Cancel, who: Admin, now: Now) -> Envelope[shapes.Cancelled]:
    """Any confirmed visit, whatever the policy says, with the refund you choose; audited with your name and the reason."""
    view = await call(
        cancel_for_patient,
        admin=who,
        appointment_id=appointment_id,
        refund=body.refund_paise,
        reason=body.reason,
        now=now,
    )
    return Envelope(message=view.message, data=shapes.cancelled(view))


@router.post("/appointments/{appointment_id}/refund", summary="Give back money that is kept")
async def refund_kept(appointment_id: PathId, body: Refund, who: Admin, now: Now) -> Envelope[Refunded]:
    """Of any booking with captured money, whatever became of its visit, which stays as it is; audited with your name and
    the reason. It leaves through Razorpay within seconds; money paid at the desk counts as given back by hand.

    409 `wrong_state` when nothing is kept, or when more would go back than was paid.
    """
    made = await call_gateway(
        "",
        refund.refund,
        admin=who,
        appointment_id=appointment_id,
        amount_paise=body.amount_paise,
        reason=body.reason,
        now=now,
    )
    data = Refunded(
        appointment_id=appointment_id,
        refund_paise=made.amount_paise,
        kept_paise=made.kept_paise,
        refund_status=made.refund_status,
        payment_status=made.payment_status,
    )
    return Envelope(message=made.message, data=data)


def _appointment(row: BookingRow, wanted: BookingFilter) -> DeskAppointment:
    return DeskAppointment.of(
        row,
        appointment_id=row.id,
        amount=rupee_number(row.amount_paise),
        method=row.method_label,
        money_paise=row.figure_paise if wanted.money else None,
    )
