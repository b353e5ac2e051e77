"""A patient adds a child and books for the child; every page says for whom the visit is."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.browser import (
    a_free_time,
    checkout,
    hold,
    newcomer,
    open_sheet,
    pay_by_upi,
    ready,
    rows,
    sign_in,
)
from tests.support.servers import App, wait_until


def test_a_visit_is_booked_for_a_dependent(running_app: App, page: Page) -> None:
    patient, time = newcomer(running_app), a_free_time(running_app)
    sign_in(page, patient.email)
    page.goto("/account/")
    ready(page)
    page.get_by_role("link", name=re.compile("^My family")).click()
    page.wait_for_url(re.compile("/family/?$"))
    expect(page.get_by_text(re.compile("^Nobody yet"))).to_be_visible()
    page.get_by_label("Name").fill("Kiran Nair")
    page.get_by_label("Relationship to you").select_option("child")
    page.get_by_label(re.compile("^Date of birth")).fill("2019-03-04")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text(re.compile(r"Son or daughter · \d+ years"))).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("")
    page.get_by_role("button", name="Edit Kiran Nair").click()
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    page.get_by_role("textbox", name="Name").first.fill("Kiran R Nair")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Edit Kiran R Nair")).to_be_visible()
    reference = hold(running_app, patient, time)
    checkout(page, reference)
    # While a hold lasts, the family page leads back to checkout.
    page.get_by_role("link", name="Add or change family members").click()
    page.get_by_role("link", name="Back to your booking").click()
    page.wait_for_url(re.compile("/checkout/"))
    choice = page.get_by_label("Who is the visit for?")
    expect(choice).to_have_value("0")
    choice.select_option(label="Kiran R Nair (son or daughter)")
    chosen = "SELECT COUNT(*) FROM appointment WHERE reference = ? AND dependent_id IS NOT NULL"
    wait_until(lambda: rows(running_app, chosen, reference) == [(1,)], what="the choice")
    pay_by_upi(open_sheet(page))
    page.wait_for_url(re.compile("/appointment/"))
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    expect(page.locator("dd").get_by_text("Kiran R Nair")).to_be_visible()
    page.goto("/appointments/")
    expect(page.get_by_text("for Kiran R Nair")).to_be_visible()
    page.goto("/family/")
    ready(page)
    page.get_by_role("button", name="Remove Kiran R Nair").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text(re.compile("^Nobody yet"))).to_be_visible()
    page.goto("/appointments/")
    expect(page.get_by_text("for Kiran R Nair")).to_be_visible()
    assert rows(
        running_app,
        "SELECT d.name, a.status FROM appointment a JOIN dependent d ON d.id = a.dependent_id WHERE a.reference = ?",
        reference,
    ) == [("Kiran R Nair", "confirmed")]
