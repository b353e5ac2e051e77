"""Bookings, reconciliation cases, webhook events and promises, for the desk."""

from __future__ import annotations

from dataclasses import dataclass, field

from booking_ui.domain.paging import Page
from booking_ui.services.views.visits import AppointmentView, TimelineEntry


@dataclass(frozen=True)
class Marked:
    """The statuses of payment and appointment after a mark."""

    payment: str
    appointment: str


@dataclass(frozen=True)
class DeskBooking:
    """A booking that the desk made for a patient. `held`: it waits for its payment, and the patient was told where to pay."""

    appointment: AppointmentView
    payment_id: int
    person_id: int
    patient_phone: str
    held: bool
    held_until_label: str
    told_by: list[str]


@dataclass(frozen=True)
class PatientMatch:
    """An account that the desk found. `made_at_desk`: nobody has signed in to it yet."""

    id: int = 0
    name: str = ""
    phone: str = ""
    email: str = ""
    made_at_desk: bool = False


@dataclass(frozen=True)
class Asked:
    """Razorpay's answer about one booking, and the statuses before and after it. `said` is a sentence about the difference."""

    appointment_id: int
    orders: list[str]
    changed: bool
    said: str
    status_before: str
    status: str
    payment_status_before: str
    payment_status: str


@dataclass(frozen=True)
class BookingLine:
    """The part of a booking that the desk's tables show: a table is sent to the browser whole.

    The patient's contact and Razorpay's ids come when the booking is opened.
    """

    reference: str = ""
    when_label: str = ""
    patient_name: str = ""
    visitor_name: str = ""  # the dependent for whom the visit is; empty when it is the patient's own
    doctor_name: str = ""
    status: str = ""
    payment_status: str = ""
    amount_label: str = ""
    figure_label: str = ""  # to show; empty when no figure was asked for
    booked_label: str = ""
    needs_attention: str = ""  # a sentence when it needs a person; empty otherwise


@dataclass(frozen=True)
class BookingRow(BookingLine):
    """One booking in the desk's lists and in the API's."""

    id: int = 0
    payment_id: int = 0  # the one to mark
    doctor_id: int = 0
    speciality: str = ""
    patient_email: str = ""
    patient_phone: str = ""
    starts_at: str = ""
    amount_paise: int = 0
    figure_paise: int = 0  # the part of this booking's money that the figure asked for counts
    method_label: str = ""
    gateway_order_id: str = ""
    gateway_payment_id: str = ""
    way_out: str = ""  # where a person settles what needs attention: settle, mark, decide or messages


@dataclass(frozen=True)
class DoctorChoice:
    """An option of the doctors' select; `value` is the doctor's id."""

    value: str
    name: str


@dataclass(frozen=True)
class BookingPage(Page[BookingRow]):
    """A page of bookings. `status_counts` are (status, count) under the other filters, every status once."""

    status_counts: list[tuple[str, int]] = field(default_factory=list)
    attention_count: int = 0  # under these filters: bookings that need a person
    figure_paise: int = 0  # the sum over every booking found, not only this page's
    figure_label: str = ""


@dataclass(frozen=True)
class AttemptView:
    """One Razorpay payment of a booking, for the desk."""

    gateway_payment_id: str
    status: str
    amount_label: str
    method_label: str
    failure: str
    heard_label: str  # "Sat 21 Nov, 10:15 am, by webhook"
    back_label: str = ""  # "₹250 of it went back."; empty when nothing did, or all


@dataclass(frozen=True)
class RefundView:
    """One refund of a booking, for the desk."""

    amount_label: str
    status: str
    gateway_refund_id: str
    reason: str
    at_label: str
    problem: str = ""  # what Razorpay said when it last refused or could not be reached
    id: int = 0
    waits: bool = False  # for the end of a dispute
    can_settle: bool = False  # it failed, and nothing stands in for it yet


@dataclass(frozen=True)
class DisputeView:
    """One dispute of a booking's money, for the desk."""

    gateway_dispute_id: str
    status: str
    amount_label: str
    phase: str
    reason: str
    respond_label: str  # "Answer by Mon 12 Jan, 10:00 am"; empty once it is over
    deducted_label: str  # "Razorpay took ₹500"; empty while it took nothing


@dataclass(frozen=True)
class RefundChoice:
    """One refund the desk may choose when it cancels: full, policy or none, with its exact paise in a label."""

    name: str
    label: str


@dataclass(frozen=True)
class DeskRefund:
    """A refund that the desk made, and what is kept after it. `refund_status` is processed for money given back by hand."""

    amount_paise: int
    kept_paise: int
    refund_status: str
    payment_status: str
    message: str


@dataclass(frozen=True)
class WholeBooking:
    """Everything about one booking for the desk."""

    row: BookingRow = field(default_factory=BookingRow)
    appointment: AppointmentView = field(default_factory=AppointmentView)
    phone_label: str = ""  # the patient's number as it is read
    attempts: list[AttemptView] = field(default_factory=list)
    refunds: list[RefundView] = field(default_factory=list)
    disputes: list[DisputeView] = field(default_factory=list)
    timeline: list[TimelineEntry] = field(default_factory=list)
    can_mark: bool = False
    # Payment statuses the desk may set now: captured, failed, refunded.
    marks: list[str] = field(default_factory=list)
    can_conclude: bool = False  # confirmed and begun: the desk may say whether it took place
    # The reason of a mark by hand, and the receipt: "Paid in cash · Receipt 12"; empty without a mark.
    mark_label: str = ""
    # Empty unless the visit can be cancelled.
    cancel_choices: list[RefundChoice] = field(default_factory=list)
    refundable_paise: int = 0  # kept, and owed to nobody: the desk may give it back
    refundable_label: str = ""
    refund_by_hand: bool = False  # paid at the desk: Razorpay can send nothing back


@dataclass(frozen=True)
class CaseView:
    """A difference between Razorpay's books and ours, and what to do about it."""

    id: int
    title: str
    detail: str
    remedy: str
    opened_label: str
    subject: str
    decision: str = ""  # "visit" or "payment": it ends by a choice about that


@dataclass(frozen=True)
class EventView:
    """A stored webhook for the desk. `status` is waiting, done, ignored or parked."""

    id: int = 0
    event: str = ""
    status: str = ""
    outcome: str = ""
    received_label: str = ""
    order_id: str = ""
    reference: str = ""  # the booking it is about; empty when there is none
    attempts: int = 0
    received_at: str = ""
    words: str = ""  # the outcome for people


@dataclass(frozen=True)
class EventPage(Page[EventView]):
    """A page of stored webhooks, newest first, with (status, count) of all."""

    status_counts: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class PromiseView:
    """The last count of one promise. `state` is holds, broken or unchecked; the note says why, or what was left out."""

    number: int
    promise: str
    checked: int
    violated: int
    first_fault: str
    at_label: str
    state: str = "holds"
    note: str = ""
