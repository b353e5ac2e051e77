"""Devi at the desk finds a booking and marks its payment."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.people import a_free_time, api, hold, newcomer, ready, rows, sign_in, state_of
from tests.servers import App


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
    page.wait_for_url(re.compile("q="))
    row = page.get_by_role("row").filter(has_text="Tara Menon")
    expect(row).to_have_count(1)
    row.click()
    expect(page.get_by_text(order).first).to_be_visible()
    page.get_by_role("button", name="Mark payment").first.click()
    dialog = page.get_by_role("dialog", name="Mark this payment")
    dialog.get_by_role("radio").first.check()
    dialog.get_by_label("Why").fill("Paid in cash at the desk")
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
