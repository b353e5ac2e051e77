"""A patient changes the name and the number of the account."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.browser import newcomer, ready, rows, sign_in
from tests.support.servers import App


def test_name_and_number_are_changed_and_a_refused_form_keeps_what_was_typed(
    running_app: App, page: Page
) -> None:
    patient = newcomer(running_app)
    sign_in(page, patient.email)
    page.goto("/account/")
    ready(page)
    edit = page.locator("summary", has_text="Edit")
    edit.click()
    expect(page.get_by_label("Your name")).to_have_value(patient.name)
    page.get_by_label("Your name").fill("Meera Iyer")
    page.get_by_label("Mobile number").fill("98450")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile("problem=validation"))
    ready(page)
    number = page.get_by_label("Mobile number")
    expect(number).to_have_value("98450")
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(number).to_have_accessible_description(
        re.compile(r"10 digits\..* Write a phone number of 10 digits")
    )
    expect(page.get_by_label("Your name")).to_have_value("Meera Iyer")
    number.fill("98450 12301")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your name and number are saved.")).to_be_visible()
    expect(page.locator("dd", has_text="+91 98450 12301")).to_be_visible()
    asked = "SELECT name, phone FROM person WHERE email = ?"
    assert rows(running_app, asked, patient.email) == [("Meera Iyer", "+919845012301")]
