"""Two browsers at one slot: one holds it, the other is offered the nearest ones."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import a_free_time, hold, newcomer, open_time, rows, sign_in
from tests.support.servers import App


def test_the_second_of_two_browsers_is_offered_the_three_nearest_times(
    running_app: App, page: Page, person: Callable[[], Page]
) -> None:
    """Guide: "Issue 4: Double booking still happens"."""
    asha, bilal = newcomer(running_app, "Asha Rao"), newcomer(running_app, "Bilal Khan")
    time, his = a_free_time(running_app), person()
    sign_in(page, asha.email)
    sign_in(his, bilal.email)
    for browser in (page, his):
        open_time(browser, time)
        browser.get_by_role("button", name=time.label, exact=True).click()
    page.get_by_role("button", name=re.compile("^Continue")).click()
    page.wait_for_url(re.compile("/checkout/"))
    expect(his.get_by_role("button", name=f"{time.label} taken", exact=True)).to_be_disabled()
    expect(his.get_by_role("status").filter(has_text="just taken")).to_be_visible()
    expect(his.get_by_role("button", name=re.compile("^Continue"))).to_have_count(0)
    assert rows(running_app, "SELECT COUNT(*) FROM appointment WHERE slot_id = ?", time.slot_id) == [(1,)]


def test_a_link_to_a_taken_time_says_so_and_offers_others(running_app: App, page: Page) -> None:
    patient, time = newcomer(running_app), a_free_time(running_app)
    hold(running_app, newcomer(running_app, "Bilal Khan"), time)
    sign_in(page, patient.email)
    page.goto(f"/doctor/{time.slug}/?taken={time.slot_id}")
    notice = page.get_by_role("status").filter(has_text=f"{time.label} was just taken.")
    expect(notice).to_be_visible()
    expect(notice.get_by_role("button", name=re.compile("^Book "))).to_have_count(3)
