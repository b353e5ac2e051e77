"""What the desk sees: bookings, money cases, events and promises."""

from __future__ import annotations

from dataclasses import dataclass, field

from booking_ui.services.views.visits import AppointmentView, TimelineEntry


@dataclass(frozen=True)
class Marked:
    """What became of a payment and its appointment by a mark."""

    payment: str
    appointment: str


@dataclass(frozen=True)
class AdminRow:
    """One line of the admin's bookings table."""

    id: int
    reference: str
    status: str
    payment_status: str
    patient_name: str
    patient_email: str
    patient_phone: str
    doctor_id: int
    doctor_name: str
    speciality: str
    starts_at: str
    when_label: str
    booked_label: str
    amount_paise: int
    amount_label: str
    method_label: str
    gateway_order_id: str
    gateway_payment_id: str
    needs_attention: str  # a sentence when money needs a person; empty otherwise
    phone_label: str = ""  # her number as it is read
    way_out: str = ""  # where a person settles that: settle, mark, decide or messages
    payment_id: int = 0  # our bill's number, the one to mark
    visitor_name: str = ""  # whom the visit is for when it is not the patient herself
    figure_paise: int = 0  # of this booking's money, what the figure asked for counts
    figure_label: str = ""  # the same to show; empty when no figure was asked for


@dataclass(frozen=True)
class BookingLine:
    """What the desk's tables show of a booking: how to reach its patient, and Razorpay's ids, come when it is opened."""

    reference: str
    when_label: str
    patient_name: str
    visitor_name: str
    doctor_name: str
    status: str
    payment_status: str
    amount_label: str
    figure_label: str
    booked_label: str
    needs_attention: str


@dataclass(frozen=True)
class AdminPage:
    """A page of the bookings table. `status_counts` are (status, count) under the other filters, every status once."""

    rows: list[AdminRow]
    total: int
    page: int
    pages: int
    status_counts: list[tuple[str, int]]
    attention_count: int = 0  # under the same filters: how many need a person
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
    can_settle: bool = False  # it failed, and nothing stands in for it yet


@dataclass(frozen=True)
class RefundChoice:
    """One refund the desk may choose when it cancels: full, policy or none, with its exact paise in a label."""

    name: str
    label: str


@dataclass(frozen=True)
class AdminBooking:
    """Everything about one booking for the desk."""

    row: AdminRow
    appointment: AppointmentView
    attempts: list[AttemptView]
    refunds: list[RefundView]
    story: list[TimelineEntry]
    can_mark: bool
    marks: list[str]  # payment statuses the desk may set now: captured, failed, refunded
    can_conclude: bool = False  # confirmed and begun: the desk may say whether it took place
    mark_label: str = (
        ""  # why it was marked by hand, and the receipt: "Paid in cash · Receipt 12"; empty when it was not
    )
    cancel_choices: list[RefundChoice] = field(
        default_factory=list
    )  # empty unless the visit can be cancelled


@dataclass(frozen=True)
class CaseView:
    """A difference between Razorpay's books and ours, and what to do about it."""

    id: int
    title: str
    detail: str
    remedy: str
    opened_label: str
    subject: str
    about_visit: bool = False  # to be decided: cancel the visit, or keep it


@dataclass(frozen=True)
class EventView:
    """A stored webhook for the desk. `status` is waiting, done, ignored or parked."""

    id: int
    event: str
    status: str
    outcome: str
    received_label: str
    order_id: str
    reference: str  # the booking it is about; empty when there is none
    attempts: int
    received_at: str = ""
    words: str = ""  # the outcome for people


@dataclass(frozen=True)
class EventPage:
    """A page of stored webhooks, newest first, with (status, count) of all."""

    rows: list[EventView]
    total: int
    page: int
    pages: int
    status_counts: list[tuple[str, int]]


@dataclass(frozen=True)
class PromiseView:
    """The last count of one promise."""

    number: int
    promise: str
    checked: int
    violated: int
    first_fault: str
    at_label: str
