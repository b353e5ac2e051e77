"""Cancelling names the exact refund first, and then makes it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.browser import a_paid_visit, rows, state_of
from tests.support.servers import App


def test_a_confirmed_visit_is_cancelled_and_the_full_fee_goes_back(running_app: App, page: Page) -> None:
    """Guide: "Testing Cancellation and Refund"."""
    reference, _ = a_paid_visit(running_app, page)
    page.get_by_role("button", name=re.compile("^Cancel Dr")).click()
    dialog = page.get_by_role("dialog", name="Cancel this visit?")
    said = r"^You'll get ₹[\d,]+ back, the full fee\. That holds until .*; after that it is ₹[\d,]+\.$"
    expect(dialog.get_by_text(re.compile(said))).to_be_visible()
    dialog.get_by_role("button", name="Keep the visit").click()
    expect(dialog).to_be_hidden()
    assert state_of(running_app, reference)[0] == "confirmed"
    page.get_by_role("button", name=re.compile("^Cancel Dr")).click()
    dialog.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_text("Nothing booked yet.")).to_be_visible()
    page.goto(f"/appointment/{reference}/")
    expect(page.get_by_role("heading", name="Visit cancelled")).to_be_visible()
    expect(page.get_by_text(re.compile("was sent back to where you paid from"))).to_be_visible()
    assert state_of(running_app, reference) == ("cancelled", "refunded", 0)
    assert rows(
        running_app,
        "SELECT COUNT(*) FROM refund r JOIN payment p ON p.id = r.payment_id JOIN appointment a ON "
        "a.id = p.appointment_id WHERE a.reference = ? AND r.status = 'processed' AND r.amount_paise = p.amount_paise",
        reference,
    ) == [(1,)]
