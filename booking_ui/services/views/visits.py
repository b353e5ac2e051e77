"""Bookings for their patients."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TimelineEntry:
    """One line of a booking's timeline."""

    at_label: str
    text: str
    tone: str = "plain"  # plain, good, waiting, bad


@dataclass(frozen=True)
class PdfLink:
    """A receipt or credit note that the patient can open."""

    label: str
    path: str


@dataclass(frozen=True)
class AppointmentView:
    """A booking as its patient sees it.

    `phase` drives the one large state of the status page:
    holding · checking · confirmed · completed · no_show · failed · expired · cancelled · refund_due · refund_held · refund_failed ·
    refunded
    """

    id: int = 0
    reference: str = ""
    phase: str = ""
    status: str = ""
    payment_status: str = ""
    headline: str = ""
    sentence: str = ""
    doctor_id: int = 0
    doctor_slug: str = ""
    doctor_name: str = ""
    doctor_initials: str = ""
    doctor_tint: int = 0
    speciality: str = ""
    city: str = ""
    area: str = ""
    address: str = ""
    map_place: str = ""  # the address with its city in English, which every map knows
    slot_id: int = 0
    starts_at: str = ""
    ends_at: str = ""
    date: str = ""  # 2026-11-24
    date_label: str = ""  # Tue 24 Nov
    time_label: str = ""  # 10:30 am
    when_label: str = ""  # Tue 24 Nov, 10:30 am
    in_label: str = ""  # in 2 days; empty when past, and when it will not take place
    patient_name: str = ""
    reason: str = ""
    fee_paise: int = 0
    fee_label: str = ""
    currency: str = ""
    hold_expires_at: str = ""  # empty unless holding
    hold_seconds_left: int = 0
    can_pay: bool = False
    can_try_again: bool = False
    can_cancel: bool = False
    cancel_quote: str = ""  # "You'll get ₹500 back, the full fee." ; empty unless can_cancel
    refund_rule: str = ""  # one line for checkout
    refund_label: str = ""  # "₹500 is on its way back …"; empty when there is none
    gateway_order_id: str = ""
    gateway_payment_id: str = ""
    method_label: str = ""  # UPI · asha@okbank
    timeline: list[TimelineEntry] = field(default_factory=list)
    paid_paise: int = 0  # all that was captured for it
    refunded_paise: int = 0  # all that was given back
    money_label: str = ""  # "₹500 paid, ₹500 refunded"; empty when nothing was ever paid
    dependent_id: int = 0  # 0: the visit is the patient's own; `patient_name` is whom the visit is for
    relation_label: str = ""  # Son or daughter; empty for the patient
    cancel_refund_paise: int = 0  # what cancelling now gives back; only with can_cancel
    cancel_changes_at: str = ""  # until when that holds; empty unless can_cancel
    can_reschedule: bool = False
    too_late: str = ""  # what to do about a visit that can't be cancelled or moved online any more
    moved: int = 0  # how often the visit was moved to another time
    moved_from: str = ""  # Tue 24 Nov, 10:30 am: the time before the last move
    held_until: str = ""  # 10:42 am: when the hold ends; empty unless holding
    worth_asking: bool = False  # Razorpay may know more about the money than we do
    receipts: list[PdfLink] = field(
        default_factory=list
    )  # the receipt and the credit notes, once money came and went back


@dataclass(frozen=True)
class CheckoutView:
    """The order to pay, with Razorpay's script and its options (razorpay.com/docs, "Standard Checkout")."""

    appointment_id: int
    reference: str
    gateway_order_id: str
    amount_paise: int
    currency: str
    script_url: str
    options: dict[str, object]


@dataclass(frozen=True)
class CancelView:
    """The outcome of a cancellation, with the exact refund; `message` is for the API, `sentence` for the pages."""

    appointment: AppointmentView
    refund_paise: int
    refund_label: str
    message: str
    sentence: str
