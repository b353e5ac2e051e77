"""The appointment's statuses and the only table of moves between them."""

from __future__ import annotations

from enum import StrEnum


class AppointmentStatus(StrEnum):
    PENDING_PAYMENT = "pending_payment"  # holds the slot until hold_expires_at
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    FAILED = "failed"  # payment failed, hold expired, or given up: the slot is free


LIVE = frozenset(
    {
        AppointmentStatus.PENDING_PAYMENT,
        AppointmentStatus.CONFIRMED,
        AppointmentStatus.COMPLETED,
        AppointmentStatus.NO_SHOW,
    }
)
"""Statuses that occupy the slot: at most one appointment of a slot may be in one of these."""

MOVES: dict[AppointmentStatus, frozenset[AppointmentStatus]] = {
    AppointmentStatus.PENDING_PAYMENT: frozenset({AppointmentStatus.CONFIRMED, AppointmentStatus.FAILED}),
    AppointmentStatus.CONFIRMED: frozenset(
        {AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW, AppointmentStatus.CANCELLED}
    ),
    # Tried again by the patient, or re-taken by money that arrived late.
    AppointmentStatus.FAILED: frozenset({AppointmentStatus.PENDING_PAYMENT, AppointmentStatus.CONFIRMED}),
    AppointmentStatus.COMPLETED: frozenset(),
    AppointmentStatus.NO_SHOW: frozenset(),
    AppointmentStatus.CANCELLED: frozenset(),
}


class IllegalMove(Exception):
    """A status change that the table does not have: a defect of ours, never shown to people."""
