"""Devi books for a walk-in who pays, and for a caller who pays by the link."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.browser import ready, sign_in, state_of
from tests.support.servers import App


def test_the_desk_books_a_walk_in_and_holds_a_time_for_a_caller(running_app: App, page: Page) -> None:
    sign_in(page, "devi@example.com")
    page.goto("/admin/")
    ready(page)
    page.get_by_role("link", name="Book for a patient").click()
    expect(page.get_by_role("heading", name="Book for a patient")).to_be_visible()
    _choose_a_time(page)
    page.get_by_label("Name of a new patient").fill("Ravi Kumar")
    page.get_by_label("Mobile number").fill("98450 12377")
    page.get_by_role("radio", name="Cash or UPI at the desk").check()
    page.get_by_label("Receipt or bank reference").fill("R-17")
    page.get_by_role("button", name="Book for the patient").click()
    expect(page.get_by_text("booked and paid")).to_be_visible()
    link = page.get_by_role("link", name="Open the booking")
    reference = link.inner_text().split()[-1]
    assert state_of(running_app, reference) == ("confirmed", "captured", 1)

    _choose_a_time(page)
    page.get_by_label("Find by number, name or email").fill("98450 12377")
    page.get_by_role("button", name="Find patient").click()
    page.get_by_role("list", name="Patients found").get_by_role("button", name="Ravi Kumar").click()
    page.get_by_role("radio", name="A link to pay").check()
    page.get_by_role("button", name="Book for the patient").click()
    expect(page.get_by_text("The link to pay is on its way")).to_be_visible()
    page.get_by_role("link", name="Open the booking").click()
    expect(page.get_by_text("Awaiting payment").first).to_be_visible()


def _choose_a_time(page: Page) -> None:
    """The first free time of the first doctor who has one on the chosen day or a later one."""
    page.get_by_label("Doctor").select_option(index=1)
    for day in range(1, 8):
        page.get_by_label("Day").evaluate(
            "(input, ahead) => { input.valueAsNumber = Date.now() + ahead * 864e5; }", day
        )
        page.get_by_role("button", name="Show times").click()
        expect(page.get_by_role("button", name="Looking…")).to_have_count(0)
        free = page.locator("button.slot:not([disabled])")
        if free.count():
            free.first.click()
            expect(page.get_by_text("No time is chosen yet")).to_have_count(0)
            return
    raise AssertionError("no free time in a week")
