"""A whole booking by keyboard alone, with motion switched off."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import PASSWORD, a_free_time, newcomer, open_time, ready
from tests.support.servers import App

FOCUSED = "document.activeElement"


def walk_to(page: Page, name: str, *, most: int = 120) -> None:
    """Press Tab until the element of this name has the focus; asserts that every stop shows its focus."""
    wanted = page.get_by_role("button", name=name, exact=True).or_(
        page.get_by_role("link", name=name, exact=True)
    )
    for _ in range(most):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            "(() => { const here = [document.activeElement, '::after', document.activeElement.parentElement];"
            " const style = getComputedStyle(here[0]), after = getComputedStyle(here[0], here[1]), around = getComputedStyle(here[2]);"
            " return [style, after, around].some((one) => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2); })()"
        )
        assert ring, page.evaluate(f"{FOCUSED}.outerHTML.slice(0, 200)")
        if wanted.evaluate_all("all => all.includes(document.activeElement)"):
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_a_visit_is_booked_and_paid_without_a_mouse(running_app: App, person: Callable[..., Page]) -> None:
    page, patient, time = person(reduced_motion="reduce"), newcomer(running_app), a_free_time(running_app)
    open_time(page, time)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    walk_to(page, time.label)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign in and hold it")).to_be_visible()
    walk_to(page, "Sign in and hold it")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("/sign-in/"))
    ready(page)
    expect(page.locator("main")).to_contain_text(time.label)
    page.get_by_text("Use email and password").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Email").focus()
    page.keyboard.type(patient.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("/checkout/"))
    ready(page)
    pay = page.get_by_role("button", name=re.compile("^Pay ₹"))
    expect(pay).to_be_enabled()
    walk_to(page, pay.inner_text())
    page.keyboard.press("Enter")
    sheet = page.frame_locator("iframe")
    expect(sheet.get_by_role("tab", name="Card")).to_be_focused()
    for label, typed in (("Card number", "4100280000001007"), ("Expiry", "1234"), ("CVV", "123")):
        sheet.get_by_label(label, exact=True).press_sequentially(typed)
    page.keyboard.press("Enter")
    expect(sheet.locator("#bank-title")).to_be_focused()
    page.keyboard.press("Tab")
    expect(sheet.get_by_label("One-time password")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    expect(page.locator("main")).to_be_focused()
