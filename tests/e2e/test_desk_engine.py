"""Devi looks behind the bookings: what Razorpay told us, and whether the clinic keeps its promises."""

from __future__ import annotations

import re

import requests
from playwright.sync_api import Page, expect

from tests.e2e.people import a_free_time, api, hold, newcomer, ready, rows, sign_in, state_of
from tests.servers import App, wait_until


def a_paid_booking(app: App) -> str:
    """A booking that was paid for and whose webhook has been handled; its reference."""
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


def test_devi_sees_a_webhook_asks_what_it_would_do_and_replays_it(running_app: App, page: Page) -> None:
    """Guide: "Razorpay Dashboard Monitoring"."""
    reference = a_paid_booking(running_app)
    sign_in(page, "devi@example.com")
    page.goto("/admin/webhooks/")
    ready(page)
    row = page.get_by_role("row").filter(has_text=reference).filter(has_text="payment.captured")
    expect(row).to_have_count(1)

    row.get_by_role("button", name=re.compile("^What would it do")).click()
    expect(page.get_by_text("It would change nothing: it says nothing new.")).to_be_visible()

    row.get_by_role("button", name=re.compile("^Replay")).click()
    dialog = page.get_by_role("dialog", name="Replay this webhook?")
    expect(dialog).to_contain_text("For one that was applied this is harmless.")
    dialog.get_by_role("button", name="Replay", exact=True).click()
    expect(dialog.get_by_role("status")).to_have_text("Replayed. It changed nothing: it says nothing new.")
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(dialog).to_have_count(0)

    assert state_of(running_app, reference) == ("confirmed", "captured", 1)
    row.get_by_role("link", name=reference).click()
    expect(page.get_by_role("heading", name=reference)).to_be_visible()


def test_devi_counts_the_promises_and_all_eight_hold_and_the_books_agree(
    running_app: App, page: Page
) -> None:
    sign_in(page, "devi@example.com")
    page.goto("/admin/books/")
    ready(page)

    page.get_by_role("button", name="Count now").click()
    expect(page.get_by_role("button", name="Count now")).to_be_enabled()
    expect(page.get_by_text("All 8 promises hold.")).to_be_visible()
    table = page.get_by_role("table", name="Promises")
    expect(table.get_by_text("Holds", exact=True)).to_have_count(8)

    page.get_by_role("button", name="Compare now").click()
    expect(page.get_by_text(re.compile("^Compared just now"))).to_be_visible()
