"""The implementation guide's manual tests, step by step: curl where it uses curl, a browser where it uses one.

Each docstring quotes its section of the guide. Sections that other journeys cover are quoted there;
`tests/unit/repository/test_traceability.py` checks that every section is quoted exactly once.
"""

from __future__ import annotations

import hmac
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from threading import Barrier
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from booking_ui.config.settings import SANDBOX_KEY_SECRET
from tests.support.browser import (
    Patient,
    Time,
    a_free_time,
    api,
    checkout,
    hold,
    newcomer,
    open_sheet,
    pay_by_card,
    rows,
    sign_in,
    state_of,
)
from tests.support.servers import App, wait_until


@dataclass(frozen=True)
class Booked:
    """The answer of POST /book, and its patient."""

    patient: Patient
    time: Time
    answer: dict[str, Any]

    @property
    def id(self) -> int:
        return int(self.answer["data"]["appointmentId"])

    @property
    def order(self) -> str:
        return str(self.answer["data"]["gatewayOrderId"])


def book(app: App) -> Booked:
    patient, time = newcomer(app), a_free_time(app)
    answer = api(app, "POST", "appointments/book", patient.token, availabilityId=time.slot_id)
    return Booked(patient, time, answer)


def sandbox(app: App, path: str, **body: Any) -> dict[str, Any]:
    answer = requests.post(f"{app.sandbox_url}/_sandbox/{path}", json=body, timeout=10)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def statuses(app: App, booked: Booked) -> tuple[str, str, bool]:
    """(appointment status, payment status, True when the slot is booked), from the database."""
    reference = rows(app, "SELECT reference FROM appointment WHERE id = ?", booked.id)[0][0]
    appointment, payment, live = state_of(app, reference)
    return appointment, payment, live == 1


@pytest.fixture
def webhooks_held(running_app: App) -> Any:
    """No webhook reaches the clinic except those that the test sends itself."""
    sandbox(running_app, "faults/webhooks", drop=True, times=0)
    yield
    requests.delete(f"{running_app.sandbox_url}/_sandbox/faults", timeout=10)


def test_available_slots_come_in_the_documented_shape(running_app: App) -> None:
    """Guide: "Step 2: Get Available Slots"."""
    time = a_free_time(running_app)
    answer = api(running_app, "GET", f"availability?doctorId={time.doctor_id}&date={time.date}")
    [slot] = [one for one in answer["data"] if one["availabilityId"] == time.slot_id]
    assert answer["success"] is True
    assert (slot["doctorName"], slot["date"], slot["time"]) == (time.doctor, time.date, time.label)
    assert (slot["isBooked"], slot["status"], slot["fee"] * 100) == (False, "free", slot["feePaise"])


def test_booking_answers_with_order_amount_and_checkout_options(running_app: App) -> None:
    """Guide: "Step 3: Initiate Booking"."""
    booked = book(running_app)
    data = booked.answer["data"]
    assert (booked.answer["success"], booked.answer["message"]) == (
        True,
        "Booking initiated. Please complete payment.",
    )
    assert (data["amount"] * 100, data["currency"]) == (data["amountPaise"], "INR")
    options = data["checkoutOptions"]
    assert (options["order_id"], options["amount"]) == (data["gatewayOrderId"], data["amountPaise"])
    assert options["key"].startswith("rzp_test_")
    assert options["prefill"]["email"] == booked.patient.email


def test_after_booking_the_database_has_it_waiting_on_a_taken_slot(running_app: App) -> None:
    """Guide: "Step 4: Verify Database State"."""
    booked = book(running_app)
    assert statuses(running_app, booked) == ("pending_payment", "pending", True)
    stored = "SELECT gateway_order_id FROM payment WHERE appointment_id = ?"
    assert rows(running_app, stored, booked.id) == [(booked.order,)]


def test_the_guides_success_card_shows_the_booking_confirmed(running_app: App, page: Page) -> None:
    """Guide: "Step 6, SUCCESSFUL PAYMENT"."""
    patient = newcomer(running_app)
    reference = hold(running_app, patient, a_free_time(running_app))
    sign_in(page, patient.email)
    checkout(page, reference)
    pay_by_card(open_sheet(page), number="4111 1111 1111 1111")
    page.wait_for_url(re.compile(f"/appointment/{reference}"))
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    assert state_of(running_app, reference) == ("confirmed", "captured", 1)


def test_the_guides_failure_card_says_why_and_frees_the_time(running_app: App, page: Page) -> None:
    """Guide: "Step 6, FAILED PAYMENT"."""
    patient, time = newcomer(running_app), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    sign_in(page, patient.email)
    checkout(page, reference)
    pay_by_card(open_sheet(page), number="4000 0000 0000 0002", success=False)
    expect(page.get_by_role("heading", name="Your payment didn't go through")).to_be_visible()
    expect(page.get_by_role("button", name=f"Hold {time.label} again")).to_be_visible()
    assert state_of(running_app, reference) == ("failed", "failed", 0)


def test_the_callback_is_verified_and_the_webhook_is_delivered_at_the_first_try(running_app: App) -> None:
    """Guide: "Step 7: Verify Payment Callback"."""
    booked = book(running_app)
    result = sandbox(running_app, f"orders/{booked.order}/pay")["checkout"]
    answer = api(running_app, "POST", "appointments/payment-callback", **result)
    assert (answer["success"], answer["message"]) == (True, "Payment processed successfully")
    stored = (
        "SELECT attempts FROM webhook_event WHERE order_id = ? AND event = 'payment.captured' "
        "AND status IN ('done', 'ignored')"
    )
    assert wait_until(lambda: rows(running_app, stored, booked.order), what="the webhook") == [(1,)]


def test_after_the_payment_the_database_has_it_confirmed_with_its_payment(running_app: App) -> None:
    """Guide: "Step 8: Verify Final Database State"."""
    booked = book(running_app)
    payment = sandbox(running_app, f"orders/{booked.order}/pay")["payment"]["id"]
    wait_until(lambda: statuses(running_app, booked) == ("confirmed", "captured", True), what="the webhook")
    kept = "SELECT gateway_payment_id, captured_at IS NOT NULL FROM payment WHERE appointment_id = ?"
    assert rows(running_app, kept, booked.id) == [(payment, 1)]


def test_the_status_names_doctor_day_time_and_amount(running_app: App) -> None:
    """Guide: "Step 9: Check Appointment Status"."""
    booked = book(running_app)
    sandbox(running_app, f"orders/{booked.order}/pay", method="upi")
    seen = api(running_app, "GET", f"appointments/{booked.id}/status", booked.patient.token)["data"]
    assert (seen["status"], seen["paymentStatus"]) == ("confirmed", "captured")
    assert (seen["doctorName"], seen["appointmentDate"], seen["appointmentTime"]) == (
        booked.time.doctor,
        booked.time.date,
        booked.time.label,
    )
    assert seen["amountPaise"] == booked.answer["data"]["amountPaise"]


def test_a_failed_payment_fails_the_booking_and_frees_the_slot_for_another(running_app: App) -> None:
    """Guide: "Testing Payment Failure"."""
    booked = book(running_app)
    sandbox(running_app, f"orders/{booked.order}/pay", outcome="card_declined")
    wait_until(lambda: statuses(running_app, booked) == ("failed", "failed", False), what="the webhook")
    other = newcomer(running_app, "Bilal Khan")
    again = api(running_app, "POST", "appointments", other.token, availabilityId=booked.time.slot_id)
    assert again["data"]["status"] == "pending_payment"


def test_of_two_terminals_at_the_same_instant_one_books(running_app: App) -> None:
    """Guide: "Testing Double Booking Prevention"."""
    time, start = a_free_time(running_app), Barrier(2)
    patients = [newcomer(running_app, "Asha Rao"), newcomer(running_app, "Bilal Khan")]

    def terminal(patient: Patient) -> dict[str, Any]:
        start.wait(timeout=10)
        return api(running_app, "POST", "appointments/book", patient.token, availabilityId=time.slot_id)

    with ThreadPoolExecutor(2) as terminals:
        won, lost = sorted(terminals.map(terminal, patients), key=lambda answer: not answer["success"])
    assert (won["message"], lost["code"]) == ("Booking initiated. Please complete payment.", "slot_taken")
    assert len(lost["data"]["nearest"]) == 3
    assert rows(running_app, "SELECT COUNT(*) FROM appointment WHERE slot_id = ?", time.slot_id) == [(1,)]


def test_a_fake_signature_is_refused_and_changes_nothing(running_app: App) -> None:
    """Guide: "Test Invalid Signature"."""
    booked = book(running_app)
    answer = api(
        running_app,
        "POST",
        "appointments/payment-callback",
        razorpay_order_id=booked.order,
        razorpay_payment_id="pay_abc",
        razorpay_signature="fake_signature_12345",
    )
    assert (answer["success"], answer["code"]) == (False, "bad_signature")
    assert statuses(running_app, booked) == ("pending_payment", "pending", True)


@pytest.mark.usefixtures("webhooks_held")
def test_a_genuine_signature_over_order_and_payment_is_accepted(running_app: App) -> None:
    """Guide: "Test Valid Signature"."""
    booked = book(running_app)
    payment = sandbox(running_app, f"orders/{booked.order}/pay")["payment"]["id"]
    message = f"{booked.order}|{payment}".encode()
    answer = api(
        running_app,
        "POST",
        "appointments/payment-callback",
        razorpay_order_id=booked.order,
        razorpay_payment_id=payment,
        razorpay_signature=hmac.new(SANDBOX_KEY_SECRET.encode(), message, sha256).hexdigest(),
    )
    assert answer["success"] is True
    assert statuses(running_app, booked) == ("confirmed", "captured", True)
