"""A confirmed visit moves to another slot: the old one is free for others at once, and nothing is paid again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.browser import a_paid_visit, api, rows, state_of
from tests.support.servers import App


def test_a_visit_is_moved_and_its_old_time_is_free_for_others(running_app: App, page: Page) -> None:
    reference, time = a_paid_visit(running_app, page)
    page.get_by_role("link", name=re.compile("^Reschedule")).click()
    page.wait_for_url(re.compile(f"/appointment/{reference}/reschedule/?$"))
    expect(page.get_by_role("heading", name="Choose another time")).to_be_visible()
    free = page.locator("section[aria-label='Pick a time'] [role='group'] button.slot:enabled")
    chosen = free.last
    label = chosen.inner_text()
    chosen.click()
    page.get_by_role("button", name="Reschedule to this time").click()
    dialog = page.get_by_role("dialog", name="Reschedule this visit?")
    expect(dialog.get_by_text(re.compile(rf"^From .* to .*{label}\.$"))).to_be_visible()
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    assert rows(running_app, "SELECT moved FROM appointment WHERE reference = ?", reference) == [(0,)]
    page.get_by_role("button", name="Reschedule to this time").click()
    dialog.get_by_role("button", name="Reschedule").click()
    page.wait_for_url(re.compile(f"/appointment/{reference}/?$"))
    expect(page.get_by_text(re.compile(r"^Moved from .*\.$"))).to_be_visible()
    expect(page.get_by_text(re.compile(rf"expects you on .*{label}\."))).to_be_visible()
    assert state_of(running_app, reference) == ("confirmed", "captured", 1)
    assert rows(running_app, "SELECT moved FROM appointment WHERE reference = ?", reference) == [(1,)]
    offered = api(running_app, "GET", f"availability?doctorId={time.doctor_id}&days=14")["data"]
    old = next(slot for slot in offered if slot["availabilityId"] == time.slot_id)
    assert old["status"] == "free"
