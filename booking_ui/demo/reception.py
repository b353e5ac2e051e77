"""The bookings of the demo, made by the services with an earlier clock, each to its own end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import requests
import structlog
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Payment, Slot, pk
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import GatewayError, TooLateToCancel
from booking_ui.services.booking import cancel, claim, completion
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import orders
from booking_ui.services.refunds import send
from booking_ui.services.views import AppointmentView, Principal

_TO_PAY = timedelta(seconds=8)  # for each minute of the hold
SANDBOX_SECONDS = 5
METHODS = ("upi", "card", "upi", "netbanking")

log = structlog.get_logger()


@dataclass
class Reception:
    """The desk of the demo. `made` counts its bookings, to vary their times and ways to pay."""

    now: datetime
    devi: Principal
    made: int = 0
    sandbox: bool = field(default_factory=lambda: settings().sandbox)

    def book(
        self,
        *,
        patient_id: int,
        slot: Slot,
        ending: str,
        paid: str,
        reason: str,
        dependent_id: int | None = None,
    ) -> None:
        """One booking from the claim to its `ending`; `paid` is sandbox or desk."""
        self.made += 1
        at = self._booked_at(slot, ending)
        held = claim.claim(
            patient_id=patient_id, slot_id=pk(slot), now=at, reason=reason, dependent_id=dependent_id
        )
        if ending == "held":
            return
        self._pay(held, patient_id, ending, paid, at + _TO_PAY * settings().payment_timeout_minutes)
        if ending in ("completed", "no_show"):
            status, done = AppointmentStatus(ending), slot.ends_at + timedelta(minutes=5)
            completion.conclude(admin=self.devi, appointment_id=held.id, status=status, now=done)
        elif ending == "cancelled":
            self._cancel(held, patient_id)

    def _booked_at(self, slot: Slot, ending: str) -> datetime:
        """Two days before a past visit; within the last two days for one to come, never before the slot was made."""
        minutes = timedelta(minutes=self.made * 37 % 600)
        if ending == "held":
            return self.now
        if slot.starts_at < self.now:
            return slot.starts_at - timedelta(days=2) - minutes
        return self.now - timedelta(hours=26 if ending == "cancelled" else 3) - minutes

    def _pay(self, held: AppointmentView, patient_id: int, ending: str, paid: str, at: datetime) -> None:
        good = ending != "failed"
        if paid == "sandbox" and self.sandbox and self._pay_in_sandbox(held, patient_id, good, at):
            return
        status, reason = (
            ("captured", "Paid at the desk") if good else ("failed", "The card was declined at the desk")
        )
        self._mark(held, status, reason, at)

    def _pay_in_sandbox(self, held: AppointmentView, patient_id: int, good: bool, at: datetime) -> bool:
        """True once the payment has come to its end there. An unreachable sandbox is not asked again."""
        try:
            order = orders.open_order(patient_id=patient_id, appointment_id=held.id, now=at)
            url = f"{settings().api_url}/_sandbox/orders/{order.gateway_order_id}/pay"
            how = {
                "method": METHODS[self.made % len(METHODS)],
                "outcome": "success" if good else "payment_failed",
            }
            requests.post(url, json=how, timeout=SANDBOX_SECONDS).raise_for_status()
        except (GatewayError, requests.RequestException) as exc:
            log.warning("demo.sandbox_unreachable", reason=type(exc).__name__)
            self.sandbox = False
            return False
        seen = orders.check(patient_id=patient_id, appointment_id=held.id, now=at)
        return seen.status == (AppointmentStatus.CONFIRMED if good else AppointmentStatus.FAILED)

    def _cancel(self, held: AppointmentView, patient_id: int) -> None:
        """Cancelled by the patient two hours ago; the visit stays where CANCELLATION_POLICY does not let patients do so."""
        at = self.now - timedelta(hours=2)
        try:
            cancel.cancel_by_policy(patient_id=patient_id, appointment_id=held.id, now=at)
        except TooLateToCancel:
            return
        send.send_due(now=at)  # as the worker does
        with read() as tx:
            by_hand = tx.exec(select(Payment.method).where(Payment.appointment_id == held.id)).one() == "desk"
        if by_hand:
            self._mark(held, "refunded", "Given back at the desk", at + timedelta(minutes=10))

    def _mark(self, held: AppointmentView, status: str, reason: str, at: datetime) -> None:
        with read() as tx:
            payment_id = tx.exec(select(Payment.id).where(Payment.appointment_id == held.id)).one()
        assert payment_id is not None  # every booking has its bill
        reference = f"DEMO-{held.reference}"
        mark_payment.mark(
            admin=self.devi, payment_id=payment_id, status=status, reason=reason, reference=reference, now=at
        )
