"""The main journey: find a doctor, hold a slot, pay, see it confirmed."""

from __future__ import annotations

import re

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.support.browser import (
    a_free_time,
    checkout,
    hold,
    newcomer,
    open_sheet,
    open_time,
    pay_by_card,
    pay_by_upi,
    ready,
    rows,
    sign_in,
    state_of,
    with_email,
)
from tests.support.servers import App

STATUS_PAGE = re.compile(r"/appointment/([A-Z0-9]{8})/?$")


def reference_of(page: Page) -> str:
    found = STATUS_PAGE.search(page.url)
    assert found
    return found.group(1)


def test_a_stranger_books_from_the_home_page_by_card_in_six_clicks(running_app: App, page: Page) -> None:
    """Guide: "Step 5: Test Razorpay Checkout (Frontend)"."""
    patient = newcomer(running_app)
    page.goto("/")
    ready(page)
    count = page.get_by_text(re.compile(r"^\d+ doctors?\b"))
    everybody = count.inner_text()
    page.get_by_role("combobox", name="Doctor, speciality or symptom").fill("skin rash")
    page.get_by_role("combobox", name="Doctor, speciality or symptom").press("Enter")
    page.wait_for_url(re.compile(r"q=skin"))
    expect(count).not_to_have_text(everybody)
    page.get_by_role("button", name=re.compile("^Book ")).first.click()
    page.wait_for_url(re.compile("/sign-in/"))
    ready(page)
    with_email(page)
    page.get_by_label("Email").fill(patient.email)
    page.get_by_label("Password").fill("demo-clinic")
    page.get_by_role("button", name=re.compile("^Sign in and hold ")).click()
    page.wait_for_url(re.compile("/checkout/"))
    ready(page)
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^1[45]:\d\d$"))
    pay_by_card(open_sheet(page))
    page.wait_for_url(STATUS_PAGE)
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    assert state_of(running_app, reference_of(page)) == ("confirmed", "captured", 1)


def test_signing_in_before_the_page_listens_keeps_the_chosen_slot(running_app: App, page: Page) -> None:
    patient, time = newcomer(running_app), a_free_time(running_app)
    silent: list[WebSocketRoute] = []
    page.route_web_socket("**/_event/**", lambda socket: silent.append(socket))  # noqa: PLW0108 - Playwright marks what it is given, a builtin can't be
    page.goto(f"/sign-in/?slot_id={time.slot_id}")
    with_email(page)
    page.get_by_label("Email").fill(patient.email)
    page.get_by_label("Password").fill("demo-clinic")
    page.get_by_role("button", name="Sign in", exact=True).last.click()
    page.wait_for_url(re.compile("/checkout/"))
    assert silent
    held = "SELECT COUNT(*) FROM appointment WHERE slot_id = ? AND status = 'pending_payment'"
    assert rows(running_app, held, time.slot_id) == [(1,)]


def test_a_patient_picks_a_time_of_a_doctor_and_pays_by_upi(running_app: App, page: Page) -> None:
    """Guide: "Step 6, UPI TESTING: success@razorpay"."""
    patient, time = newcomer(running_app), a_free_time(running_app)
    sign_in(page, patient.email)
    open_time(page, time)
    page.get_by_role("button", name=time.label, exact=True).click()
    page.get_by_role("button", name=re.compile("^Continue")).click()
    page.wait_for_url(re.compile("/checkout/"))
    ready(page)
    expect(page.get_by_role("heading", name="Confirm and pay")).to_be_visible()
    why = page.get_by_label("Reason for the visit (optional)")
    expect(why).to_have_accessible_description("The doctor and the front desk see it.")
    why.fill("x" * 301)
    why.blur()
    expect(page.get_by_text("That is too long")).to_be_visible()
    expect(why).to_have_value("x" * 301)
    why.fill("cough for a week")
    why.blur()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    pay_by_upi(open_sheet(page))
    page.wait_for_url(STATUS_PAGE)
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    expect(page.get_by_text("UPI · success@razorpay")).to_be_visible()
    expect(page.get_by_text("cough for a week")).to_be_visible()
    page.goto("/appointments/")
    ready(page)
    expect(page.get_by_role("link", name=re.compile(f"^Details of .*{time.label}$"))).to_be_visible()


def test_netbanking_leads_through_the_banks_page(running_app: App, page: Page) -> None:
    """Guide: "Step 6, NETBANKING"."""
    patient, time = newcomer(running_app), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    sign_in(page, patient.email)
    checkout(page, reference)
    sheet = open_sheet(page)
    sheet.get_by_role("tab", name="Netbanking").click()
    sheet.get_by_label("Bank", exact=True).select_option(index=1)
    sheet.locator("#netbanking").get_by_role("button", name=re.compile("^Pay")).click()
    sheet.get_by_role("button", name="Success").click()
    page.wait_for_url(STATUS_PAGE)
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    assert state_of(running_app, reference) == ("confirmed", "captured", 1)


def test_a_closed_tab_does_not_lose_the_booking_the_webhook_confirms_it(running_app: App, page: Page) -> None:
    """Guide: "Testing Webhook Locally". The payment arrives while the patient only watches the status page, which changes by itself."""
    patient, time = newcomer(running_app), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    sign_in(page, patient.email)
    watcher = page.context.new_page()
    watcher.goto(f"/appointment/{reference}/")
    ready(watcher)
    expect(watcher.get_by_role("heading", name="Your time is held")).to_be_visible()
    checkout(page, reference)
    sheet = open_sheet(page)
    sheet.get_by_label("Card number").fill("4100 2800 0000 1007")
    sheet.get_by_label("Expiry").fill("12/34")
    sheet.get_by_label("CVV").fill("123")
    sheet.get_by_label("Name on card").fill("Meera Nair")
    sheet.get_by_role("button", name=re.compile(r"^Pay")).first.click()
    page.evaluate(
        "() => { HTMLFormElement.prototype.requestSubmit = () => {} }"
    )  # the browser's return is lost
    sheet.get_by_role("button", name="Success").click()
    expect(watcher.get_by_role("heading", name="You're booked")).to_be_visible()
    assert state_of(running_app, reference) == ("confirmed", "captured", 1)


def test_a_double_click_on_a_time_holds_it_once(running_app: App, page: Page) -> None:
    patient, time = newcomer(running_app), a_free_time(running_app)
    sign_in(page, patient.email)
    open_time(page, time)
    page.get_by_role("button", name=time.label, exact=True).click()
    page.get_by_role("button", name=re.compile("^Continue")).dblclick()
    page.wait_for_url(re.compile("/checkout/"))
    ready(page)
    page.goto("/appointments/")
    ready(page)
    expect(page.get_by_role("link", name=re.compile("^Details of "))).to_have_count(1)
