"""The steps of a scenario: a patient books and pays, Razorpay's messages arrive, the worker works.

Nothing is short-cut: booking and returning go through the HTTP API; orders, questions and refunds through the official SDK
to the sandbox; messages carry the sandbox's own bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from httpx import Response
from sqlmodel import col, select

from booking_ui.config.settings import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET, SANDBOX_WEBHOOK_SECRET
from booking_ui.db.models import (
    Appointment,
    DeliveryStatus,
    Notification,
    Payment,
    PaymentAttempt,
    Refund,
    Slot,
    WebhookEvent,
    pk,
)
from booking_ui.db.session import read, write
from booking_ui.domain.webhook_outcome import stated
from booking_ui.services.booking import appointments, claim, hold_expiry
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.payments import orders, webhook_inbox
from booking_ui.services.refunds import send
from booking_ui.services.upkeep import delivery, invariants
from booking_ui.services.views import AppointmentView
from booking_ui.services.views.desk import WholeBooking
from tests.support import sandbox_control
from tests.support.api import Caller, Clock, Door, signed_in
from tests.support.cast import FEE, Cast
from tests.support.sandbox_control import ask, control

HOOK = "/api/appointments/razorpay-webhook"
CALLBACK = "/api/appointments/payment-callback"
FROM_RAZORPAY = {"Origin": "https://api.razorpay.com"}

# What a scenario leaves: (appointment status, payment status, captured paise, refunded paise).
Ending = tuple[str, str, int, int]


def signed(body: bytes, secret: str = SANDBOX_WEBHOOK_SECRET) -> str:
    """The X-Razorpay-Signature of these bytes."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def one_letter_changed(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


@dataclass(frozen=True)
class Booked:
    """A slot that is held, with its Razorpay order."""

    patient: int
    id: int
    reference: str
    order: str


@dataclass(frozen=True)
class Event:
    """One of Razorpay's messages, byte for byte."""

    id: str
    name: str
    body: bytes


@dataclass
class Scene:
    """The clinic, its Razorpay, and one clock for both."""

    cast: Cast
    sandbox: str
    clock: Clock
    door: Door

    @property
    def now(self) -> datetime:
        return self.clock.now

    def pass_time(self, **amount: float) -> None:
        """Move both clocks; Razorpay then delivers what falls due."""
        gone = timedelta(**amount)
        self.clock.now += gone
        control(self.sandbox, "clock/advance", {"seconds": gone.total_seconds()})

    def catch_up(self) -> None:
        """Set our clock to Razorpay's, for scenarios that compare the two; the cast's slots are over then."""
        told = control(self.sandbox, "clock", method="GET")
        self.clock.now = datetime.fromtimestamp(told["now"], UTC)

    # Patients

    def caller(self, patient: int) -> Caller:
        return signed_in(self.door, patient, self.now)

    @property
    def anybody(self) -> Caller:
        return Caller(self.door)

    def book(self, patient: int, slot: int = 0) -> Booked:
        """Hold one of the cast's slots, named by its place, and open its order."""
        return self.book_slot(patient, self.cast.slots[slot])

    def book_slot(self, patient: int, slot_id: int) -> Booked:
        answer = self.caller(patient).post("/api/appointments/book", {"availabilityId": slot_id})
        assert answer.status_code == 201, answer.text
        data = answer.json()["data"]
        view = appointments.find(patient_id=patient, appointment_id=data["appointmentId"], now=self.now)
        return Booked(patient, view.id, view.reference, data["gatewayOrderId"])

    def another_slot_in(self, **amount: float) -> int:
        """The id of a new slot of Dr Chandra, that long from now."""
        begins = self.now + timedelta(**amount)
        with write() as tx:
            slot = Slot(doctor_id=self.cast.chandra, starts_at=begins, ends_at=begins + timedelta(minutes=30))
            tx.add(slot)
            tx.flush()
            return pk(slot)

    def pay(self, booked: Booked, outcome: str = "success", **more: Any) -> dict[str, Any]:
        """Pay at the sandbox; returns the `payment`, and under `checkout` what the page is given."""
        return sandbox_control.pay(self.sandbox, booked.order, outcome, **more)

    def come_back(self, handed: dict[str, str]) -> Response:
        """The page's handler posts what Checkout gave it."""
        return self.anybody.post(CALLBACK, handed)

    def come_back_to(self, booked: Booked, fields: dict[str, str]) -> Response:
        """Razorpay's redirect posts a form from its own site, for the booking in the address."""
        return self.anybody.form(f"{CALLBACK}?ref={booked.reference}", fields, **FROM_RAZORPAY)

    def try_again(self, booked: Booked) -> None:
        """Hold the slot again; asserts that the order stays the same."""
        claim.try_again(patient_id=booked.patient, appointment_id=booked.id, now=self.now)
        again = orders.open_order(patient_id=booked.patient, appointment_id=booked.id, now=self.now)
        assert again.gateway_order_id == booked.order

    def cancel(self, booked: Booked) -> Response:
        return self.caller(booked.patient).post(f"/api/appointments/{booked.id}/cancel")

    # Razorpay's messages

    def events(self, subject: str, *names: str) -> list[Event]:
        """The sandbox's messages about a payment, or those of these names, in the order they happened."""
        told = control(self.sandbox, f"events?subject={subject}", method="GET")
        found = [Event(e["id"], e["event"], e["body"].encode()) for e in told]
        return [e for e in found if not names or e.name in names]

    def deliver(self, event: Event, signature: str | None = "genuine", event_id: str = "") -> Response:
        """Post one message to our webhook as Razorpay does; `signature` None leaves the header out."""
        headers = {"Content-Type": "application/json", "X-Razorpay-Event-Id": event_id or event.id}
        if signature is not None:
            headers["X-Razorpay-Signature"] = signed(event.body) if signature == "genuine" else signature
        return self.anybody.send("POST", HOOK, content=event.body, headers=headers)

    def deliver_all(self, subject: str, *names: str) -> None:
        """Deliver each message in order; asserts that every one is accepted."""
        for event in self.events(subject, *names):
            answer = self.deliver(event)
            assert answer.status_code == 200, answer.text

    def stored(self) -> list[tuple[str, str, str]]:
        """(event, status, outcome) of every stored message, oldest first."""
        with read() as tx:
            rows = tx.exec(select(WebhookEvent).order_by(col(WebhookEvent.id))).all()
        return [(row.event, row.status.value, stated(*webhook_inbox.outcomes(row))) for row in rows]

    # The clinic

    def work(self) -> None:
        """Run the worker's jobs, except its questions to Razorpay, until nothing is due."""
        jobs = (webhook_inbox.process_due, send.send_due, hold_expiry.expire_due, delivery.deliver_due)
        while any(job(now=self.now) for job in jobs):
            pass

    def question(self) -> int:
        """Ask Razorpay about the orders that are due for it; returns how many."""
        return orders.ask_quiet(now=self.now)

    def seen(self, booked: Booked) -> AppointmentView:
        return appointments.find(patient_id=booked.patient, appointment_id=booked.id, now=self.now)

    def at_the_desk(self, booked: Booked) -> WholeBooking:
        return whole_booking(now=self.now, reference=booked.reference)

    def ending(self, booked: Booked) -> Ending:
        bill = self.bill(booked)
        with read() as tx:
            status = tx.exec(select(Appointment.status).where(Appointment.id == booked.id)).one()
        return str(status), bill.status.value, bill.captured_paise, bill.refunded_paise

    def bill(self, booked: Booked) -> Payment:
        with read() as tx:
            return tx.exec(select(Payment).where(Payment.appointment_id == booked.id)).one()

    def attempts(self, booked: Booked) -> list[PaymentAttempt]:
        bill = self.bill(booked)
        with read() as tx:
            query = select(PaymentAttempt).where(PaymentAttempt.payment_id == bill.id)
            return list(tx.exec(query.order_by(col(PaymentAttempt.id))).all())

    def refunds(self, booked: Booked) -> list[tuple[str, int, str]]:
        """(status, paise, reason), oldest first."""
        bill = self.bill(booked)
        with read() as tx:
            rows = tx.exec(select(Refund).where(Refund.payment_id == bill.id).order_by(col(Refund.id))).all()
        return [(row.status.value, row.amount_paise, row.reason) for row in rows]

    def mails(self, booked: Booked) -> list[str]:
        """The kinds of mails that the patient got, sorted; asserts that each was sent at the first try.

        One whose reason had gone before it left was sent to nobody.
        """
        with read() as tx:
            rows = tx.exec(select(Notification).where(Notification.appointment_id == booked.id)).all()
        sent = [row for row in rows if row.status is not DeliveryStatus.IGNORED]
        assert [(row.status.value, row.attempts) for row in sent] == [("done", 1)] * len(sent)
        return sorted(row.kind for row in sent)

    # Razorpay's books, and what others than our product do there

    def at_razorpay(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A POST with our key, not made by our product."""
        auth = (SANDBOX_KEY_ID, SANDBOX_KEY_SECRET)
        answer = requests.post(f"{self.sandbox}/v1/{path}", json=body, auth=auth, timeout=10)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def order_of_another_shop(self, amount: int) -> str:
        """The id of an order on the same account that our books do not have."""
        return str(self.at_razorpay("orders", {"amount": amount, "currency": "INR"})["id"])

    def capture(self, payment_id: str) -> None:
        """Capture as Razorpay or its dashboard would."""
        self.at_razorpay(f"payments/{payment_id}/capture", {"amount": FEE, "currency": "INR"})

    def refund_at_the_dashboard(self, payment_id: str, amount: int, **more: str) -> None:
        self.at_razorpay(f"payments/{payment_id}/refund", {"amount": amount, **more})

    def order(self, booked: Booked) -> dict[str, Any]:
        found: dict[str, Any] = ask(self.sandbox, f"orders/{booked.order}")
        return found

    def payments(self, booked: Booked) -> list[tuple[str, bool, int]]:
        """(status, captured, paise refunded) of every payment on the order, oldest first."""
        items = ask(self.sandbox, f"orders/{booked.order}/payments")["items"]
        return [(p["status"], p["captured"], p["amount_refunded"]) for p in reversed(items)]

    def refunds_at_razorpay(self, payment_id: str) -> list[tuple[str, int]]:
        items = ask(self.sandbox, f"payments/{payment_id}/refunds")["items"]
        return [(r["status"], r["amount"]) for r in reversed(items)]

    # What must be true at the end of every scenario

    def broken_promises(self) -> list[str]:
        counts = invariants.count(now=self.now)
        return [f"{c.number}: {v.subject}: {v.fault}" for c in counts for v in c.violations]

    def differences(self) -> list[str]:
        """Orders for which Razorpay captured or refunded another sum than our books say."""
        with read() as tx:
            bills = tx.exec(select(Payment).where(col(Payment.gateway_order_id).is_not(None))).all()
            heard = tx.exec(select(PaymentAttempt.payment_id, PaymentAttempt.gateway_payment_id)).all()
        found = []
        for bill in bills:
            listed = ask(self.sandbox, f"orders/{bill.gateway_order_id}/payments")["items"]
            ids = {p["id"] for p in listed} | {pay for bill_id, pay in heard if bill_id == bill.id}
            entities = [ask(self.sandbox, f"payments/{pay}") for pay in sorted(ids)]
            captured = [p for p in entities if p["captured"]]
            theirs = sum(p["amount"] for p in captured), sum(p["amount_refunded"] for p in captured)
            ours = bill.captured_paise, bill.refunded_paise
            if theirs != ours:
                found.append(f"{bill.gateway_order_id}: Razorpay {theirs}, we {ours} (captured, refunded)")
        return found


def changed(event: Event, **payment: object) -> Event:
    """The message with other values in its payment, in Razorpay's spelling; None leaves the key out."""
    body = json.loads(event.body)
    entity = body["payload"]["payment"]["entity"] | payment
    body["payload"]["payment"]["entity"] = {k: v for k, v in entity.items() if payment.get(k, v) is not None}
    return Event(event.id, event.name, json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode())
