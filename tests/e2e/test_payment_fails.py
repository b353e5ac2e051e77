"""A payment that fails frees the slot; one click tries again."""

from __future__ import annotations

import re

import requests
from playwright.sync_api import Page, expect

from tests.support.browser import (
    a_free_time,
    checkout,
    hold,
    newcomer,
    open_sheet,
    pay_by_card,
    pay_by_upi,
    ready,
    sign_in,
    state_of,
)
from tests.support.servers import App

STATUS_PAGE = re.compile(r"/appointment/([A-Z0-9]{8})/?$")


def test_a_declined_card_closes_the_sheet_says_why_and_one_click_holds_the_time_again(
    running_app: App, page: Page
) -> None:
    patient, time = newcomer(running_app), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    sign_in(page, patient.email)
    checkout(page, reference)
    pay_by_card(open_sheet(page), number="4100 2800 0006 0003", success=False)
    expect(page.get_by_role("dialog", name=re.compile("^Pay "))).to_have_count(0)
    expect(page.get_by_role("heading", name="Your payment didn't go through")).to_be_visible()
    expect(page.get_by_text("declined")).to_be_visible()
    assert state_of(running_app, reference) == ("failed", "failed", 0)
    page.get_by_role("button", name=f"Hold {time.label} again").click()
    pay_by_card(open_sheet(page))
    page.wait_for_url(STATUS_PAGE)
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    assert state_of(running_app, reference) == ("confirmed", "captured", 1)


def test_a_failed_upi_payment_frees_the_time_and_one_click_holds_it_again(
    running_app: App, page: Page
) -> None:
    """Guide: "Step 6, UPI TESTING: failure@razorpay"."""
    patient, time = newcomer(running_app), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    sign_in(page, patient.email)
    checkout(page, reference)
    pay_by_upi(open_sheet(page), "failure@razorpay")
    again = page.get_by_role("button", name=f"Hold {time.label} again")
    expect(again).to_be_visible()
    assert state_of(running_app, reference) == ("failed", "failed", 0)
    again.click()
    pay_by_card(open_sheet(page))
    page.wait_for_url(STATUS_PAGE)
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    assert state_of(running_app, reference) == ("confirmed", "captured", 1)


def test_closing_the_sheet_without_paying_keeps_the_hold(running_app: App, page: Page) -> None:
    patient, time = newcomer(running_app), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    sign_in(page, patient.email)
    checkout(page, reference)
    sheet = open_sheet(page)
    sheet.get_by_role("button", name="Close payment").click()
    leave = sheet.get_by_role("button", name="Yes, leave")
    leave.click()
    expect(page.get_by_role("button", name=re.compile("^Pay ₹"))).to_be_enabled()
    assert state_of(running_app, reference) == ("pending_payment", "pending", 1)


def test_a_payment_window_that_cannot_open_says_what_to_do(running_app: App, page: Page) -> None:
    patient, time = newcomer(running_app), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    sign_in(page, patient.email)
    page.route("**/v1/checkout.js", lambda route: route.abort())
    checkout(page, reference)
    page.get_by_role("button", name=re.compile("^Pay ₹")).click()
    expect(page.get_by_text("The payment window couldn't open.")).to_be_visible()
    assert state_of(running_app, reference) == ("pending_payment", "pending", 1)
    page.unroute("**/v1/checkout.js")
    pay_by_card(open_sheet(page))
    page.wait_for_url(STATUS_PAGE)
    ready(page)
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()


def test_a_gateway_that_is_down_says_so_keeps_the_hold_and_can_be_tried_again(
    running_app: App, page: Page
) -> None:
    patient, time = newcomer(running_app), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    sign_in(page, patient.email)
    control = f"{running_app.sandbox_url}/_sandbox/faults"
    requests.post(
        f"{control}/http",
        json={"kind": "502", "method": "POST", "path": "/v1/orders", "times": 0},
        timeout=10,
    )
    try:
        checkout(page, reference)
        expect(page.get_by_text(re.compile("Your time is still held"))).to_be_visible()
        assert state_of(running_app, reference) == ("pending_payment", "pending", 1)
    finally:
        requests.delete(control, timeout=10)
    page.get_by_role("button", name="Try again").click()
    pay_by_card(open_sheet(page))
    page.wait_for_url(STATUS_PAGE)
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
