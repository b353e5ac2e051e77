"""The steps of a journey: signing in, taking a slot, paying."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from playwright.sync_api import FrameLocator, Page, expect

from booking_ui.domain.clock import utc_now
from tests.support.servers import App, wait_until

PASSWORD = "demo-clinic"


@dataclass(frozen=True)
class Patient:
    """A new patient, with a token for the API."""

    name: str
    email: str
    token: str


@dataclass(frozen=True)
class Time:
    """A free slot as the API offers it."""

    slot_id: int
    doctor_id: int
    slug: str
    doctor: str
    date: str
    label: str


def api(app: App, method: str, path: str, token: str = "", **body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(
        method, f"{app.base_url}/api/{path}", json=body or None, headers=headers, timeout=10
    )
    found: dict[str, Any] = answer.json()
    return found


def newcomer(app: App, name: str = "Meera Nair") -> Patient:
    """A new patient, so that journeys share no bookings."""
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    made = api(app, "POST", "auth/register", name=name, email=email, phone="9876543210", password=PASSWORD)
    return Patient(name, email, made["data"]["accessToken"])


_given_out: set[int] = set()


def a_free_time(app: App) -> Time:
    """A slot that no other journey was given, a few days ahead."""
    for doctor in api(app, "GET", "doctors?sort=name")["data"]:
        offered = api(app, "GET", f"availability?doctorId={doctor['doctorId']}&days=14")["data"]
        for slot in reversed(offered):
            if slot["status"] == "free" and slot["availabilityId"] not in _given_out:
                _given_out.add(slot["availabilityId"])
                return Time(
                    slot["availabilityId"],
                    doctor["doctorId"],
                    doctor["slug"],
                    doctor["name"],
                    slot["date"],
                    slot["time"],
                )
    raise AssertionError("the demo clinic has no free time left")


def ready(page: Page) -> None:
    """Wait until the page listens; a click before that is lost."""
    expect(page.locator("#hydrated")).to_be_attached()


def with_email(page: Page) -> None:
    """Open the form for email and password, which stands behind the one for the number."""
    form = page.get_by_label("Email")
    if not form.is_visible():
        page.get_by_text("Use email and password").click()
    expect(form).to_be_visible()


def sign_in(page: Page, email: str) -> None:
    page.goto("/sign-in/")
    ready(page)
    with_email(page)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).last.click()
    page.wait_for_url(re.compile(r"^(?!.*sign-in).*$"))


def texted(app: App, number: str) -> str:
    """The newest text message to that number (E.164), once the worker has sent it."""

    def look() -> str:
        files = sorted(
            (app.data_dir / "messages").glob("*.json"), key=lambda p: p.stat().st_mtime, reverse=True
        )
        said = (json.loads(path.read_text()) for path in files)
        return next((str(one["body"]) for one in said if one["to"] == number), "")

    return wait_until(look, what="the text message")


def texted_code(app: App, number: str) -> str:
    """The six digits of the newest text message to that Indian number."""
    found = re.search(r"\b\d{6}\b", texted(app, f"+91{number}"))
    assert found
    return found[0]


def open_time(page: Page, time: Time) -> None:
    """Open the doctor's page at the day of that slot."""
    page.goto(f"/doctor/{time.slug}/?day={time.date}")
    ready(page)


def hold(app: App, patient: Patient, time: Time) -> str:
    """Hold a slot over the API; returns the booking's reference."""
    made = api(app, "POST", "appointments", patient.token, availabilityId=time.slot_id)
    reference: str = made["data"]["reference"]
    return reference


def checkout(page: Page, reference: str) -> None:
    page.goto(f"/checkout/{reference}/")
    ready(page)


def open_sheet(page: Page) -> FrameLocator:
    """Press Pay and wait for the payment sheet."""
    page.get_by_role("button", name=re.compile(r"^Pay ₹")).click()
    sheet = page.frame_locator("iframe")
    expect(sheet.get_by_text("Test payments").first).to_be_visible()
    return sheet


def pay_by_card(sheet: FrameLocator, *, number: str = "4100 2800 0000 1007", success: bool = True) -> None:
    sheet.get_by_label("Card number").fill(number)
    sheet.get_by_label("Expiry").fill("12/34")
    sheet.get_by_label("CVV").fill("123")
    sheet.get_by_label("Name on card").fill("Meera Nair")
    sheet.get_by_role("button", name=re.compile(r"^Pay")).first.click()
    sheet.get_by_role("button", name="Success" if success else "Failure").click()


def pay_by_upi(sheet: FrameLocator, vpa: str = "success@razorpay") -> None:
    sheet.get_by_role("tab", name="UPI").click()
    sheet.get_by_label("UPI ID").fill(vpa)
    sheet.locator("#upi").get_by_role("button", name=re.compile(r"^Pay")).click()


def a_paid_visit(app: App, page: Page) -> tuple[str, Time]:
    """Let a new patient hold a slot and pay by card; returns reference and slot, with My appointments on screen."""
    patient, time = newcomer(app), a_free_time(app)
    reference = hold(app, patient, time)
    sign_in(page, patient.email)
    checkout(page, reference)
    pay_by_card(open_sheet(page))
    page.wait_for_url(re.compile("/appointment/"))
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    page.goto("/appointments/")
    ready(page)
    return reference, time


def a_paid_booking(app: App) -> str:
    """The reference of a paid booking whose webhook has been handled."""
    patient, time = newcomer(app, "Lata Iyer"), a_free_time(app)
    reference = hold(app, patient, time)
    appointment_id = rows(app, "SELECT id FROM appointment WHERE reference = ?", reference)[0][0]
    order = api(app, "POST", "payments/intent", patient.token, appointmentId=appointment_id)["data"][
        "gatewayOrderId"
    ]
    requests.post(f"{app.sandbox_url}/_sandbox/orders/{order}/pay", json={}, timeout=10).raise_for_status()
    handled = (
        "SELECT COUNT(*) FROM webhook_event WHERE order_id = ? AND event = 'payment.captured' "
        "AND status IN ('done', 'ignored')"
    )
    wait_until(lambda: rows(app, handled, order) == [(1,)], seconds=30, what="the webhook")
    return reference


def begins(app: App, reference: str) -> None:
    """Move a visit one hour or more into the past, to a time when its doctor had no other, so that it can be concluded."""
    with sqlite3.connect(app.data_dir / "booking.db", timeout=30) as database:
        slot, doctor = database.execute(
            "SELECT slot_id, doctor_id FROM appointment WHERE reference = ?", (reference,)
        ).fetchone()
        for minutes in range(60, 300, 5):
            start = utc_now() - timedelta(minutes=minutes)
            times = tuple(f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in (start, start + timedelta(minutes=5)))
            busy = "SELECT 1 FROM appointment WHERE doctor_id = ? AND ends_at > ? AND starts_at < ?"
            if not database.execute(busy, (doctor, *times)).fetchone():
                break
        for table, key in (("appointment", "slot_id"), ("slot", "id")):
            database.execute(f"UPDATE {table} SET starts_at = ?, ends_at = ? WHERE {key} = ?", (*times, slot))


def rows(app: App, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of the running clinic's database."""
    with sqlite3.connect(app.data_dir / "booking.db", timeout=30) as database:
        return database.execute(query, values).fetchall()


def state_of(app: App, reference: str) -> tuple[str, str, int]:
    """(appointment status, payment status, live appointments on its slot)."""
    live = "('pending_payment','confirmed','completed','no_show')"
    found = rows(
        app,
        "SELECT a.status, p.status, (SELECT COUNT(*) FROM appointment o WHERE o.slot_id = a.slot_id AND o.status IN "
        f"{live}) FROM appointment a JOIN payment p ON p.appointment_id = a.id WHERE a.reference = ?",
        reference,
    )
    return found[0]
