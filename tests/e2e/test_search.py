"""A patient searches: suggestions by keyboard and pointer, filters, Back, and what is near."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import ready


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Doctor, speciality or symptom")


def found(page: Page) -> Locator:
    return page.locator("h2 [role=status]")


def home(page: Page, path: str = "/") -> None:
    page.goto(path)
    ready(page)
    expect(found(page)).not_to_have_text("Looking for free times…")


def test_a_suggestion_is_chosen_by_keyboard(page: Page) -> None:
    home(page)
    field(page).press_sequentially("daant")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options.first).to_contain_text("Dentist")
    expect(field(page)).to_have_attribute("aria-expanded", "true")
    field(page).press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field(page)).to_have_attribute("aria-activedescendant", "suggestion-0")
    field(page).press("Escape")
    expect(options).to_have_count(0)
    expect(field(page)).to_have_value("daant")
    field(page).press("ArrowDown")  # asks again
    expect(options.first).to_be_visible()
    field(page).press("ArrowDown")
    field(page).press("Enter")
    page.wait_for_url(re.compile(r"\?q=Dentist$"))
    expect(found(page)).to_have_text(re.compile("^3 doctors"))


def test_a_doctor_is_chosen_by_pointer(page: Page) -> None:
    home(page)
    field(page).press_sequentially("siddiki")
    page.get_by_role("option", name=re.compile("Dr Farah Siddiqui")).click()
    page.wait_for_url(re.compile("/doctor/dr-farah-siddiqui/"))


def test_enter_searches_for_what_was_typed(page: Page) -> None:
    home(page)
    field(page).press_sequentially("chennai heart")
    field(page).press("Enter")
    page.wait_for_url(re.compile(r"\?q=chennai\+heart$"))
    expect(page.get_by_role("heading", name="Dr Thomas Kurian")).to_be_visible()


def test_each_step_of_a_search_is_in_the_history(page: Page) -> None:
    home(page)
    everybody = found(page).inner_text()  # another journey may have added a doctor
    field(page).fill("skin")
    field(page).press("Enter")
    expect(found(page)).to_have_text(re.compile("^3 doctors"))
    page.locator("select[name=max_fee]").select_option(label="Up to ₹500 (1)")
    expect(found(page)).to_have_text("1 doctor")
    page.go_back()
    expect(found(page)).to_have_text(re.compile("^3 doctors"))
    expect(page.locator("select[name=max_fee]")).to_have_value("")
    page.go_back()
    expect(found(page)).to_have_text(everybody)
    expect(field(page)).to_have_value("")
    page.go_forward()
    expect(field(page)).to_have_value("skin")


def test_a_city_without_a_doctor_leads_to_the_nearest(page: Page) -> None:
    home(page, "/?q=dentist+poona&max_fee=800")
    expect(found(page)).to_have_text("No dentist in Pune")
    page.get_by_role("link", name="1 in Mumbai").click()
    page.wait_for_url(re.compile(r"\?q=dentist&city=Mumbai&max_fee=800$"))
    expect(page.get_by_role("heading", name="Dr Percy Batliwala")).to_be_visible()
