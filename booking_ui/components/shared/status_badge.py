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
from booking_ui.languages import N_, _


@dataclass(frozen=True)
class Look:
    """The look of a status: its word for people, its tone, its icon."""

    word: str
    tone: Literal["plain", "good", "waiting", "bad"]
    icon: str = "clock"


APPOINTMENT = {
    AppointmentStatus.PENDING_PAYMENT: Look(N_("Awaiting payment"), "waiting"),
    AppointmentStatus.CONFIRMED: Look(N_("Confirmed"), "good", "check"),
    AppointmentStatus.COMPLETED: Look(N_("Completed"), "plain", "check"),
    AppointmentStatus.NO_SHOW: Look(N_("Missed"), "plain", "close"),
    AppointmentStatus.CANCELLED: Look(N_("Cancelled"), "plain", "close"),
    AppointmentStatus.FAILED: Look(N_("Not booked"), "plain", "close"),
}

PAYMENT = {
    PaymentStatus.PENDING: Look(N_("Not paid yet"), "waiting"),
    PaymentStatus.AUTHORIZED: Look(N_("Bank approved"), "waiting", "bank"),
    PaymentStatus.CAPTURED: Look(N_("Paid"), "good", "check"),
    PaymentStatus.FAILED: Look(N_("Payment failed"), "bad", "alert"),
    PaymentStatus.REFUND_PENDING: Look(N_("Refund due"), "waiting", "undo"),
    PaymentStatus.PARTIALLY_REFUNDED: Look(N_("Partly refunded"), "plain", "undo"),
    PaymentStatus.REFUNDED: Look(N_("Refunded"), "plain", "undo"),
}

ATTEMPT = {
    AttemptStatus.CREATED: Look(N_("Started"), "plain"),
    AttemptStatus.FAILED: Look(N_("Failed"), "bad", "alert"),
    AttemptStatus.AUTHORIZED: Look(N_("Bank approved"), "waiting", "bank"),
    AttemptStatus.CAPTURED: Look(N_("Paid"), "good", "check"),
    AttemptStatus.REFUNDED: Look(N_("Refunded"), "plain", "undo"),
}

REFUND = {
    RefundStatus.PENDING: Look(N_("On its way"), "waiting", "undo"),
    RefundStatus.PROCESSED: Look(N_("Refunded"), "good", "check"),
    RefundStatus.FAILED: Look(N_("Refund failed"), "bad", "alert"),
}

DISPUTE = {
    DisputeStatus.OPEN: Look(N_("Disputed"), "bad", "alert"),
    DisputeStatus.UNDER_REVIEW: Look(N_("Under review"), "waiting", "bank"),
    DisputeStatus.WON: Look(N_("Won"), "good", "check"),
    DisputeStatus.LOST: Look(N_("Lost"), "bad", "alert"),
    DisputeStatus.CLOSED: Look(N_("Closed"), "plain", "close"),
}

# EventView.status: what became of a stored webhook.
DELIVERY = {
    "waiting": Look(N_("Waiting"), "waiting"),
    "done": Look(N_("Applied"), "good", "check"),
    "ignored": Look(N_("Ignored"), "plain", "close"),
    "parked": Look(N_("Parked"), "bad", "alert"),
}

# MessageRow.status: what became of a mail.
MESSAGE = {
    "waiting": Look(N_("Waiting"), "waiting"),
    "done": Look(N_("Sent"), "good", "check"),
    "ignored": Look(N_("Not needed"), "plain", "close"),
    "parked": Look(N_("Not sent"), "bad", "alert"),
}

# AppointmentView.phase: one step finer than the two statuses from which it is computed.
PHASES = {
    "holding": Look(N_("Held for you"), "waiting", "clock"),
    "checking": Look(N_("Checking with your bank"), "waiting", "bank"),
    "confirmed": Look(N_("Confirmed"), "good", "check"),
    "completed": Look(N_("Completed"), "plain", "check"),
    "no_show": Look(N_("Missed"), "plain", "close"),
    "failed": Look(N_("Payment failed"), "bad", "alert"),
    "expired": Look(N_("Hold ended"), "plain", "clock"),
    "closed": Look(N_("Doctor away"), "plain", "clock"),
    "cancelled": Look(N_("Cancelled"), "plain", "close"),
    "refund_due": Look(N_("Refund on its way"), "waiting", "undo"),
    "refund_held": Look(N_("Bank decides"), "waiting", "bank"),
    "refund_failed": Look(N_("Refund failed"), "bad", "alert"),
    "refunded": Look(N_("Refunded"), "plain", "undo"),
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
    return rx.Var.create({key: _(look.word) for key, look in LOOKS[kind].items()})[status]


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
