"""Whoever signs out leaves nothing behind the Back button, also without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Error, Locator, Page, expect

from tests.support.browser import newcomer, ready, sign_in
from tests.support.servers import App

NO_CACHE_OF_PAGES = "--disable-back-forward-cache"  # Playwright's own flag


@pytest.fixture
def everyday_browser(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[Browser]:
    """A Chromium that keeps pages in memory for Back, as people's browsers do."""
    found = browser_type.launch(**browser_type_launch_args, ignore_default_args=[NO_CACHE_OF_PAGES])
    yield found
    found.close()


def shown(page: Page, words: str) -> Locator:
    """Where these words can be seen."""
    return page.get_by_text(words).locator("visible=true")


def test_back_after_signing_out_shows_nothing_of_the_account(
    running_app: App, everyday_browser: Browser, base_url: str
) -> None:
    context = everyday_browser.new_context(base_url=base_url)
    page, patient = context.new_page(), newcomer(running_app, "Zubeida Quill")
    sign_in(page, patient.email)
    page.goto("/account/")
    ready(page)
    expect(shown(page, patient.email).first).to_be_visible()
    with page.expect_navigation():
        page.locator("form[action='/api/session/sign-out']").first.evaluate("form => form.submit()")
    context.set_offline(True)
    with suppress(Error):  # the browser says that there is no network
        page.go_back()
    expect(shown(page, patient.email)).to_have_count(0)
    expect(shown(page, "Zubeida")).to_have_count(0)


def test_a_page_that_is_kept_for_back_is_blank_and_comes_anew(running_app: App, page: Page) -> None:
    patient = newcomer(running_app)
    sign_in(page, patient.email)
    page.goto("/account/")
    ready(page)
    expect(shown(page, patient.email).first).to_be_visible()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    expect(page.locator("body")).not_to_be_visible()
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(shown(page, patient.email).first).to_be_visible()
