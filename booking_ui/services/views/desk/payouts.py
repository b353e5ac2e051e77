"""The clinic's money over a period, for the desk. Paise are integers; labels are ready to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class FigureView:
    """One figure: the number of bookings it counts, and their amount."""

    figure: str  # pending, captured, refunded, refund_due, deducted, failed, net
    bookings: int
    paise: int
    label: str  # ₹12,500


@dataclass(frozen=True)
class DoctorPayouts:
    """The figures of one doctor, in the order of the whole."""

    doctor_id: int
    slug: str
    name: str
    figures: list[FigureView]


@dataclass(frozen=True)
class PayoutsView:
    """Every figure of a period, in all and for each doctor who has any, by name.

    `fees_*` is what Razorpay said it kept of `fees_known` captured payments: for information, in no other figure.
    """

    first: date
    last: date
    period_label: str
    figures: list[FigureView]
    doctors: list[DoctorPayouts]
    fees_paise: int
    fees_label: str
    fees_known: int


@dataclass(frozen=True)
class PayoutDay:
    """One day of a period in the clinic's zone."""

    day: str  # 2026-11-24
    day_label: str  # Tue 24 Nov
    captured_paise: int
    captured_label: str
    refunded_paise: int
    refunded_label: str
    due_paise: int
    due_label: str
    deducted_paise: int
    deducted_label: str
    net_paise: int
    net_label: str


@dataclass(frozen=True)
class MoneyLine:
    """One movement of money for a spreadsheet. `paise` is positive; `figure` says which way it goes."""

    day: str  # 2026-11-24
    time: str  # 10:30, in the clinic's zone
    figure: str  # captured, refunded, refund_due, deducted
    reference: str
    doctor_name: str
    visit_day: str
    paise: int
    currency: str
    method: str
    gateway_order_id: str
    gateway_payment_id: str
