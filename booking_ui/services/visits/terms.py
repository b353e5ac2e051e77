"""The terms of one booking: the clinic's settings on cancelling, refunds and moving, applied to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from booking_ui.config.notations import refund_bands
from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Payment, Refund
from booking_ui.domain import refund_policy
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import duration_label
from booking_ui.domain.errors import HoldExpired, WrongState
from booking_ui.domain.payment import PaymentStatus, RefundStatus
from booking_ui.languages import _
from booking_ui.services.views import AppointmentView


def bands(appointment: Appointment) -> refund_policy.Bands:
    """The policy that the patient agreed to when they held the time; a move may have lowered the refund."""
    policy = appointment.cancellation_policy
    agreed = refund_bands(policy) if policy else settings().refund_bands
    return refund_policy.capped(agreed, appointment.refund_cap_percent)


def earliest_start(now: datetime) -> datetime:
    """The instant after which a visit must begin to be booked, or moved there, by a patient at `now`."""
    return now + notice()


def notice() -> timedelta:
    """The time before a visit in which patients can't book it any more."""
    return timedelta(minutes=settings().minimum_notice_minutes)


def too_near() -> str:
    """The sentence about a time that begins within the clinic's notice."""
    return _(
        "That time is too near: visits are booked online at least {notice} ahead. Pick a later time, or call us on "
        "{phone}.",
        notice=duration_label(notice()),
        phone=settings().support_phone,
    )


def in_full(appointment: Appointment, now: datetime) -> bool:
    """True while the visit, if it were confirmed now, could still be cancelled without loss."""
    return refund_policy.in_full(bands=bands(appointment), starts_at=appointment.starts_at, now=now)


def cancel_quote(
    appointment: Appointment, payment: Payment, refunds: Iterable[Refund], now: datetime
) -> refund_policy.Quote | None:
    """The refund for cancelling now; None when the patient can't cancel, or can't any more."""
    if appointment.status is not AppointmentStatus.CONFIRMED:
        return None
    return refund_policy.quote(
        kept_paise=kept_paise(payment, refunds),
        fee_paise=payment.amount_paise,
        bands=bands(appointment),
        starts_at=appointment.starts_at,
        now=now,
        zone=settings().zone,
    )


def refund_paise(
    appointment: Appointment, payment: Payment, refunds: Iterable[Refund], now: datetime
) -> int | None:
    """Paise that go back for cancelling now, the sum that `cancel_quote` names; None once it is too late."""
    return refund_policy.refund_at(
        kept_paise=kept_paise(payment, refunds),
        fee_paise=payment.amount_paise,
        bands=bands(appointment),
        starts_at=appointment.starts_at,
        now=now,
    )


HELD = (PaymentStatus.CAPTURED, PaymentStatus.REFUND_PENDING, PaymentStatus.PARTIALLY_REFUNDED)
"""Statuses of a bill of whose money the clinic has a part; some of that may be on its way back."""


def kept_paise(payment: Payment, refunds: Iterable[Refund]) -> int:
    """Paise that were paid for the visit itself and may still be given back."""
    if payment.status not in HELD:
        return 0
    of_visit = (r for r in refunds if r.gateway_payment_id == (payment.gateway_payment_id or ""))
    going = sum(r.amount_paise for r in of_visit if r.status is not RefundStatus.FAILED)
    return payment.amount_paise - payment.deducted_paise - going


def rule(appointment: Appointment, payment: Payment, refunds: Iterable[Refund], now: datetime) -> str:
    """The refunds for cancelling and their ends, in a line; of a bill that is not paid yet, those it would have."""
    paid = payment.status in HELD or payment.status is PaymentStatus.REFUNDED
    return refund_policy.rule(
        kept_paise=kept_paise(payment, refunds) if paid else appointment.fee_paise,
        fee_paise=appointment.fee_paise,
        bands=bands(appointment),
        starts_at=appointment.starts_at,
        now=now,
        zone=settings().zone,
    )


def can_reschedule(appointment: Appointment, now: datetime) -> bool:
    """True while the patient may move the visit. A visit that has begun is never moved, whatever the setting."""
    cutoff = timedelta(hours=settings().reschedule_cutoff_hours)
    in_time = now <= appointment.starts_at - cutoff and now < appointment.starts_at
    return in_time and appointment.status is AppointmentStatus.CONFIRMED


def too_late(appointment: Appointment, can_cancel: bool, now: datetime) -> str:
    """The sentence about changes to a coming visit that are too late online; empty while none is."""
    if appointment.status is not AppointmentStatus.CONFIRMED or appointment.starts_at <= now:
        return ""
    can_move = can_reschedule(appointment, now)
    if can_cancel and can_move:
        return ""
    if can_cancel:
        return _("It's too late to move this visit online.")
    if can_move:
        return _("It's too late to cancel this visit online.")
    return _("It's too late to cancel or move this visit online.")


def payable(view: AppointmentView) -> None:
    """Raise HoldExpired or WrongState unless the booking waits for its payment."""
    if view.phase == "expired":
        raise HoldExpired
    if not view.can_pay:
        raise WrongState
