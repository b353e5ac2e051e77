"""Devi looks for a patient's mail in the ledger and sends it again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.browser import a_paid_booking, ready, rows, sign_in
from tests.support.servers import App, wait_until


def test_devi_finds_a_patients_mail_and_sends_it_again(running_app: App, page: Page) -> None:
    reference = a_paid_booking(running_app)
    mail = "SELECT n.status, n.sent_again FROM notification n JOIN appointment a ON a.id = n.appointment_id WHERE a.reference = ? AND n.kind = 'confirmed'"
    wait_until(lambda: rows(running_app, mail, reference) == [("done", 0)], seconds=30, what="the mail")
    sign_in(page, "devi@example.com")
    page.get_by_role("navigation", name="Desk").get_by_role("link", name="Messages").click()
    ready(page)
    page.get_by_role("searchbox", name="Patient or booking").fill(reference)
    page.get_by_role("searchbox", name="Patient or booking").press("Enter")
    expect(page).to_have_url(re.compile(rf"/admin/messages/\?q={reference}$"))

    row = (
        page.get_by_role("table", name="Messages, newest first")
        .get_by_role("row")
        .filter(has_text="Visit confirmed")
    )
    expect(row).to_have_count(1)
    expect(row.get_by_text("Sent", exact=True)).to_be_visible()
    row.get_by_role("button", name=re.compile("^Send again")).click()

    expect(page.get_by_role("status").filter(has_text="it leaves within seconds")).to_be_visible()
    wait_until(
        lambda: rows(running_app, mail, reference) == [("done", 1)], seconds=30, what="the second mail"
    )
    page.get_by_role("link", name=re.compile("^Not sent")).click()
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
