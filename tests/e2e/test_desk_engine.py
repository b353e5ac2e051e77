"""Devi reads Razorpay's webhooks and counts the clinic's promises."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.browser import a_paid_booking, ready, sign_in, state_of
from tests.support.servers import App


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


def test_devi_counts_the_promises_and_all_hold_and_the_books_agree(running_app: App, page: Page) -> None:
    sign_in(page, "devi@example.com")
    page.goto("/admin/books/")
    ready(page)

    page.get_by_role("button", name="Count now").click()
    expect(page.get_by_role("button", name="Count now")).to_be_enabled()
    page.get_by_role("button", name="Compare now").click()
    expect(page.get_by_text(re.compile("^Compared just now"))).to_be_visible()
    expect(page.get_by_text("All 10 promises hold.")).to_be_visible()
    table = page.get_by_role("table", name="Promises")
    expect(table.get_by_text("Holds", exact=True)).to_have_count(10)
