"""What services return: frozen values with labels ready to show. Never rows.

Every `*_label` is the exact string for people; every `*_paise` is integer paise; every `*_at` is RFC 3339 UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SlotView:
    """One bookable time. `status` is free, held or booked; `part` is morning, afternoon or evening."""

    id: int
    doctor_id: int
    starts_at: str
    day: str  # 2026-11-24, in the clinic's zone
    day_label: str  # Tue 24 Nov
    time_label: str  # 10:30 am
    part: str
    status: str


@dataclass(frozen=True)
class DayView:
    """One day of the strip. `state` is open, full or closed; `note` says why a closed day is closed."""

    day: str
    weekday_label: str  # Tue
    date_label: str  # 24 Nov
    long_label: str  # Tuesday 24 November 2026
    free_count: int
    state: str
    note: str
    morning: list[SlotView] = field(default_factory=list)
    afternoon: list[SlotView] = field(default_factory=list)
    evening: list[SlotView] = field(default_factory=list)


@dataclass(frozen=True)
class DoctorView:
    """A doctor as a card or a page shows her. `next_slots` are her next free times, soonest first."""

    id: int
    slug: str
    name: str
    initials: str
    tint: int  # 0..7, from the name: the colour behind the initials
    speciality: str
    qualifications: str
    experience_label: str  # 12 years
    languages_label: str  # English, Hindi, Kannada
    city: str
    area: str
    address: str
    fee_paise: int
    fee_label: str  # ₹500
    about: str
    next_slots: list[SlotView] = field(default_factory=list)
    next_free_label: str = ""  # Thu 26 Nov, 9:15 am; empty when nothing is free within the horizon


@dataclass(frozen=True)
class Facets:
    """The choices of the search page; nothing here is typed twice in a page."""

    specialities: list[str]
    cities: list[str]
    languages: list[str]


@dataclass(frozen=True)
class TimelineEntry:
    """One line of a booking's story, oldest first."""

    at_label: str
    text: str
    tone: str = "plain"  # plain, good, waiting, bad


@dataclass(frozen=True)
class AppointmentView:
    """A booking as its patient sees it.

    `phase` drives the one large state of the status page:
    holding · checking · confirmed · completed · no_show · failed · expired · cancelled · refund_due · refunded
    """

    id: int
    reference: str
    phase: str
    status: str
    payment_status: str
    headline: str
    sentence: str
    doctor_id: int
    doctor_slug: str
    doctor_name: str
    doctor_initials: str
    doctor_tint: int
    speciality: str
    city: str
    area: str
    address: str
    slot_id: int
    starts_at: str
    ends_at: str
    date: str  # 2026-11-24
    date_label: str  # Tue 24 Nov
    time_label: str  # 10:30 am
    when_label: str  # Tue 24 Nov, 10:30 am
    in_label: str  # in 2 days; empty when past
    patient_name: str
    reason: str
    fee_paise: int
    fee_label: str
    currency: str
    hold_expires_at: str  # empty unless holding
    hold_seconds_left: int
    can_pay: bool
    can_try_again: bool
    can_cancel: bool
    cancel_quote: str  # "You'll get ₹500 back, the full fee." ; empty unless can_cancel
    refund_rule: str  # one line for checkout
    refund_label: str  # "₹500 is on its way back …"; empty when there is none
    gateway_order_id: str
    gateway_payment_id: str
    method_label: str  # UPI · asha@okbank
    timeline: list[TimelineEntry] = field(default_factory=list)


@dataclass(frozen=True)
class CheckoutView:
    """What the pay button needs: Razorpay's script and its options (razorpay.md 5.1)."""

    appointment_id: int
    reference: str
    gateway_order_id: str
    amount_paise: int
    currency: str
    script_url: str
    options: dict[str, object]


@dataclass(frozen=True)
class CancelView:
    """The outcome of a cancellation, with the exact refund."""

    appointment: AppointmentView
    refund_paise: int
    refund_label: str
    message: str


@dataclass(frozen=True)
class Principal:
    """Who is calling, from the session or token; never from an argument."""

    person_id: int
    name: str
    email: str
    phone: str
    role: str  # patient, admin, doctor
    doctor_id: int | None = None


@dataclass(frozen=True)
class TokensView:
    """A fresh pair of tokens; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    person: Principal


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
    payment_id: int = 0  # our bill's number, the one to mark


@dataclass(frozen=True)
class AdminPage:
    """A page of the bookings table. `status_counts` are (status, count) under the other filters, every status once."""

    rows: list[AdminRow]
    total: int
    page: int
    pages: int
    status_counts: list[tuple[str, int]]
    attention_count: int = 0  # under the same filters: how many need a person


@dataclass(frozen=True)
class AttemptView:
    """One Razorpay payment of a booking, for the desk."""

    gateway_payment_id: str
    status: str
    amount_label: str
    method_label: str
    failure: str
    heard_label: str  # "Sat 21 Nov, 10:15 am, by webhook"


@dataclass(frozen=True)
class RefundView:
    """One refund of a booking, for the desk."""

    amount_label: str
    status: str
    gateway_refund_id: str
    reason: str
    at_label: str
    problem: str = ""  # what Razorpay said when it last refused or could not be reached


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
    mark_label: str = (
        ""  # why it was marked by hand, and the receipt: "Paid in cash · Receipt 12"; empty when it was not
    )


@dataclass(frozen=True)
class CaseView:
    """A difference between Razorpay's books and ours, and what to do about it."""

    id: int
    title: str
    detail: str
    remedy: str
    opened_label: str
    subject: str


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
