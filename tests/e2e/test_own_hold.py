"""A patient's own hold: said on every page, known in a second tab and on the way back, and let go from the list."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.browser import a_free_time, hold, newcomer, ready, sign_in
from tests.support.servers import App


def test_every_page_leads_to_paying_a_hold_until_it_is_let_go(running_app: App, page: Page) -> None:
    patient, time = newcomer(running_app), a_free_time(running_app)
    sign_in(page, patient.email)
    page.goto("/")
    ready(page)
    line = page.get_by_role("group", name="Your hold")
    expect(line).to_have_count(0)
    reference = hold(running_app, patient, time)
    expect(line).to_contain_text(re.compile(rf"{time.label}.* is held for you, 1[45]:\d\d left"))
    second = page.context.new_page()
    second.goto(f"/doctor/{time.slug}/?day={time.date}")
    ready(second)
    own = second.get_by_role("link", name=re.compile(f"^{time.label} Held for you"))
    expect(own).to_have_attribute("href", f"/checkout/{reference}/")
    expect(second.get_by_text("just taken")).to_have_count(0)
    line.get_by_role("link", name="Pay").click()
    page.wait_for_url(f"**/checkout/{reference}/")
    ready(page)
    page.goto("/appointments/")
    ready(page)
    page.get_by_role("button", name=f"Let go of {time.doctor}").click()
    expect(line).to_have_count(0)
    expect(second.get_by_role("group", name="Your hold")).to_have_count(0)
    expect(second.get_by_role("button", name=time.label, exact=True)).to_be_enabled()
