"""Devi at the desk finds a booking and marks its payment."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.browser import (
    a_free_time,
    a_paid_booking,
    api,
    begins,
    hold,
    newcomer,
    ready,
    rows,
    sign_in,
    state_of,
)
from tests.support.sandbox_control import control, pay
from tests.support.servers import App


def test_the_desk_finds_a_booking_sees_its_payment_and_marks_it_with_a_reason(
    running_app: App, page: Page
) -> None:
    patient, time = newcomer(running_app, "Tara Menon"), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    appointment_id = rows(running_app, "SELECT id FROM appointment WHERE reference = ?", reference)[0][0]
    order = api(running_app, "POST", "payments/intent", patient.token, appointmentId=appointment_id)["data"][
        "gatewayOrderId"
    ]
    sign_in(page, "devi@example.com")
    page.goto("/admin/")
    ready(page)
    page.get_by_role("searchbox").fill(reference)
    page.get_by_role("searchbox").press("Enter")
    # The address is there before the answer. The list of filters then moves the rows down, and a press that began on the
    # old place of a row would end beside it.
    expect(page.get_by_role("list", name="Filters in force")).to_contain_text(reference)
    row = page.get_by_role("row").filter(has_text="Tara Menon")
    expect(row).to_have_count(1)
    row.click()
    expect(page.get_by_text(order).first).to_be_visible()
    page.get_by_role("button", name="Mark payment").first.click()
    dialog = page.get_by_role("dialog", name="Mark this payment")
    dialog.get_by_role("radio").first.check()
    dialog.get_by_label("Why").fill("Paid in cash at the desk")
    dialog.get_by_role("button", name="Mark payment").click()
    expect(dialog.get_by_text("Say how it was paid")).to_be_visible()
    dialog.get_by_role("radio", name="Cash or UPI at the desk").check()
    dialog.get_by_role("button", name="Mark payment").click()
    expect(page.get_by_text("Paid in cash at the desk").first).to_be_visible()
    assert state_of(running_app, reference) == ("confirmed", "captured", 1)


def test_the_filters_are_in_the_address_so_a_link_shows_the_same_list(running_app: App, page: Page) -> None:
    sign_in(page, "devi@example.com")
    page.goto("/admin/?status=cancelled")
    ready(page)
    shown = rows(running_app, "SELECT COUNT(*) FROM appointment WHERE status = 'cancelled'")[0][0]
    expect(page.locator("tbody tr")).to_have_count(shown)
    expect(page.locator("tbody")).not_to_contain_text(re.compile("Confirmed"))


def test_the_desk_has_its_days_one_click_away_and_finds_what_lies_on_others(
    running_app: App, page: Page
) -> None:
    reference = hold(running_app, newcomer(running_app, "Rekha Das"), a_free_time(running_app))
    sign_in(page, "devi@example.com")
    page.goto("/admin/")
    ready(page)
    periods = page.get_by_role("navigation", name="Period")
    expect(periods.get_by_role("link", name="All days")).to_have_attribute("aria-current", "true")
    expect(page.get_by_label("From")).to_have_value("")
    expect(page.get_by_label("Order")).to_have_value("-starts_at")

    periods.get_by_role("link", name="Today").click()
    page.wait_for_url(re.compile("period=today"))
    expect(page.get_by_label("From")).to_have_value(re.compile(r"\d{4}-\d\d-\d\d"))
    expect(page.get_by_text("Rekha Das")).to_have_count(0)
    page.get_by_role("searchbox").fill(reference)
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url(re.compile("q="))
    expect(page.get_by_role("row").filter(has_text="Rekha Das")).to_have_count(1)
    expect(periods.get_by_role("link", name="All days")).to_have_attribute("aria-current", "true")


def test_an_amount_that_the_desk_writes_is_what_goes_back(running_app: App, page: Page) -> None:
    reference = a_paid_booking(running_app)
    sign_in(page, "devi@example.com")
    page.goto(f"/admin/booking/{reference}/")
    ready(page)
    page.get_by_role("button", name="Cancel the visit…").click()
    dialog = page.get_by_role("dialog", name="Cancel this visit?")
    dialog.get_by_label("Why").fill("The doctor is ill")
    dialog.get_by_label("Rupees to give back").fill("100")
    expect(dialog.get_by_role("radio", name=re.compile("^An exact amount"))).to_be_checked()

    dialog.get_by_role("radio", name=re.compile("^The full ₹")).check()
    dialog.get_by_role("button", name="Cancel the visit").click()
    expect(dialog.get_by_role("alert")).to_have_text(
        "Choose “An exact amount” to send this, or empty the field."
    )
    assert state_of(running_app, reference)[0] == "confirmed"

    dialog.get_by_role("radio", name=re.compile("^An exact amount")).check()
    dialog.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_text(re.compile("^Visit cancelled"))).to_be_visible()
    back = "SELECT r.amount_paise FROM refund r JOIN payment p ON p.id = r.payment_id JOIN appointment a ON a.id = p.appointment_id WHERE a.reference = ?"
    assert rows(running_app, back, reference) == [(10_000,)]


def test_kept_money_of_a_visit_that_stands_is_refunded_with_an_amount_and_a_reason(
    running_app: App, page: Page
) -> None:
    reference = a_paid_booking(running_app)
    sign_in(page, "devi@example.com")
    page.goto(f"/admin/booking/{reference}/")
    ready(page)
    page.get_by_role("button", name="Refund…").click()
    dialog = page.get_by_role("dialog", name="Refund money")
    dialog.get_by_label("Rupees to give back").fill("100000")
    dialog.get_by_label("Why").fill("Waited for an hour")
    dialog.get_by_role("button", name="Refund", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text(re.compile("^Give back ₹1 or more, at most ₹"))
    dialog.get_by_label("Rupees to give back").fill("100")
    dialog.get_by_role("button", name="Refund", exact=True).click()
    expect(page.get_by_text("Refund of ₹100 initiated.")).to_be_visible()
    expect(dialog).to_be_hidden()
    back = "SELECT r.amount_paise FROM refund r JOIN payment p ON p.id = r.payment_id JOIN appointment a ON a.id = p.appointment_id WHERE a.reference = ?"
    assert rows(running_app, back, reference) == [(10_000,)]
    assert state_of(running_app, reference)[0] == "confirmed"


def test_money_that_nobody_told_us_about_is_found_by_asking_razorpay(running_app: App, page: Page) -> None:
    """Runbook: "Paid but not confirmed", its first step."""
    patient, time = newcomer(running_app, "Usha Pillai"), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    appointment_id = rows(running_app, "SELECT id FROM appointment WHERE reference = ?", reference)[0][0]
    order = api(running_app, "POST", "payments/intent", patient.token, appointmentId=appointment_id)["data"]
    sign_in(page, "devi@example.com")
    page.goto(f"/admin/booking/{reference}/")
    ready(page)
    page.get_by_role("button", name="Ask Razorpay now").click()
    expect(page.get_by_text("Razorpay knows nothing new: nobody has tried to pay.").first).to_be_visible()

    control(running_app.sandbox_url, "faults/webhooks", {"drop": True, "times": 0})
    pay(running_app.sandbox_url, order["gatewayOrderId"])
    page.get_by_role("button", name="Ask Razorpay now").click()
    said = page.get_by_role("status").filter(has_text="the visit is confirmed now")
    expect(said).to_have_text(re.compile(r"^A payment of ₹\S+ is captured, the visit is confirmed now\.$"))
    assert state_of(running_app, reference)[:2] == ("confirmed", "captured")
    control(running_app.sandbox_url, "faults", method="DELETE")


def test_how_a_visit_ended_is_asked_before_it_is_kept(running_app: App, page: Page) -> None:
    reference = a_paid_booking(running_app)
    begins(running_app, reference)
    sign_in(page, "devi@example.com")
    page.goto(f"/admin/booking/{reference}/")
    ready(page)
    page.get_by_role("button", name="Patient did not come…").click()
    missed = page.get_by_role("dialog", name="Did the patient not come?")
    expect(missed).to_contain_text("Lata Iyer")
    missed.get_by_role("button", name="Leave it open").click()
    expect(missed).to_be_hidden()
    assert state_of(running_app, reference)[0] == "confirmed"

    page.get_by_role("button", name="Visit took place…").click()
    page.get_by_role("dialog").get_by_role("button", name="Visit took place").click()
    expect(page.get_by_text("The visit took place.").first).to_be_visible()
    assert state_of(running_app, reference)[0] == "completed"
