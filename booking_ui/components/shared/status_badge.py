"""Each status's word, tone and icon, in exactly one place.

`badge("appointment", var)` is a pill, `emblem(phase)` the large icon of the status page. A test fails for a status that is
missing here, so none is ever shown by a silent default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import reflex as rx

from booking_ui.components.ui import icons, theme
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.dispute import DisputeStatus
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundStatus


@dataclass(frozen=True)
class Look:
    """The look of a status: its word for people, its tone, its icon."""

    word: str
    tone: Literal["plain", "good", "waiting", "bad"]
    icon: str = "clock"


APPOINTMENT = {
    AppointmentStatus.PENDING_PAYMENT: Look("Awaiting payment", "waiting"),
    AppointmentStatus.CONFIRMED: Look("Confirmed", "good", "check"),
    AppointmentStatus.COMPLETED: Look("Completed", "plain", "check"),
    AppointmentStatus.NO_SHOW: Look("Missed", "plain", "close"),
    AppointmentStatus.CANCELLED: Look("Cancelled", "plain", "close"),
    AppointmentStatus.FAILED: Look("Not booked", "plain", "close"),
}

PAYMENT = {
    PaymentStatus.PENDING: Look("Not paid yet", "waiting"),
    PaymentStatus.AUTHORIZED: Look("Bank approved", "waiting", "bank"),
    PaymentStatus.CAPTURED: Look("Paid", "good", "check"),
    PaymentStatus.FAILED: Look("Payment failed", "bad", "alert"),
    PaymentStatus.REFUND_PENDING: Look("Refund due", "waiting", "undo"),
    PaymentStatus.PARTIALLY_REFUNDED: Look("Partly refunded", "plain", "undo"),
    PaymentStatus.REFUNDED: Look("Refunded", "plain", "undo"),
}

ATTEMPT = {
    AttemptStatus.CREATED: Look("Started", "plain"),
    AttemptStatus.FAILED: Look("Failed", "bad", "alert"),
    AttemptStatus.AUTHORIZED: Look("Bank approved", "waiting", "bank"),
    AttemptStatus.CAPTURED: Look("Paid", "good", "check"),
    AttemptStatus.REFUNDED: Look("Refunded", "plain", "undo"),
}

REFUND = {
    RefundStatus.PENDING: Look("On its way", "waiting", "undo"),
    RefundStatus.PROCESSED: Look("Refunded", "good", "check"),
    RefundStatus.FAILED: Look("Refund failed", "bad", "alert"),
}

DISPUTE = {
    DisputeStatus.OPEN: Look("Disputed", "bad", "alert"),
    DisputeStatus.UNDER_REVIEW: Look("Under review", "waiting", "bank"),
    DisputeStatus.WON: Look("Won", "good", "check"),
    DisputeStatus.LOST: Look("Lost", "bad", "alert"),
    DisputeStatus.CLOSED: Look("Closed", "plain", "close"),
}

# EventView.status: what became of a stored webhook.
DELIVERY = {
    "waiting": Look("Waiting", "waiting"),
    "done": Look("Applied", "good", "check"),
    "ignored": Look("Ignored", "plain", "close"),
    "parked": Look("Parked", "bad", "alert"),
}

# MessageRow.status: what became of a mail.
MESSAGE = {
    "waiting": Look("Waiting", "waiting"),
    "done": Look("Sent", "good", "check"),
    "ignored": Look("Not needed", "plain", "close"),
    "parked": Look("Not sent", "bad", "alert"),
}

# AppointmentView.phase: one step finer than the two statuses from which it is computed.
PHASES = {
    "holding": Look("Held for you", "waiting", "clock"),
    "checking": Look("Checking with your bank", "waiting", "bank"),
    "confirmed": Look("Confirmed", "good", "check"),
    "completed": Look("Completed", "plain", "check"),
    "no_show": Look("Missed", "plain", "close"),
    "failed": Look("Payment failed", "bad", "alert"),
    "expired": Look("Hold ended", "plain", "clock"),
    "closed": Look("Doctor away", "plain", "clock"),
    "cancelled": Look("Cancelled", "plain", "close"),
    "refund_due": Look("Refund on its way", "waiting", "undo"),
    "refund_held": Look("Bank decides", "waiting", "bank"),
    "refund_failed": Look("Refund failed", "bad", "alert"),
    "refunded": Look("Refunded", "plain", "undo"),
}

LOOKS: dict[str, dict[str, Look]] = {
    "appointment": {str(status): look for status, look in APPOINTMENT.items()},
    "payment": {str(status): look for status, look in PAYMENT.items()},
    "attempt": {str(status): look for status, look in ATTEMPT.items()},
    "refund": {str(status): look for status, look in REFUND.items()},
    "dispute": {str(status): look for status, look in DISPUTE.items()},
    "delivery": DELIVERY,
    "message": MESSAGE,
    "phase": PHASES,
}


def word(kind: str, status: rx.Var) -> rx.Var:
    return rx.Var.create({key: look.word for key, look in LOOKS[kind].items()})[status]


def tone(kind: str, status: rx.Var) -> rx.Var:
    """The status's tint class: tone-good, tone-waiting, tone-bad or tone-plain."""
    return rx.Var.create({key: theme.tone(look.tone) for key, look in LOOKS[kind].items()})[status]


def badge(kind: str, status: rx.Var) -> rx.Component:
    """A pill for a status of `kind`: appointment, payment, attempt, refund, delivery, message or phase."""
    return rx.el.span(word(kind, status), class_name=f"{theme.PILL} {tone(kind, status)}")


def emblem(status: rx.Var) -> rx.Component:
    """The large round icon of a phase."""
    path = rx.Var.create({key: icons.PATHS[look.icon] for key, look in PHASES.items()})[status]
    return rx.el.span(
        icons.icon(path, "size-8"),
        class_name=f"grid size-16 flex-none place-items-center rounded-full {tone('phase', status)}",
    )
