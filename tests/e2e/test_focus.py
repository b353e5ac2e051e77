"""The focus on a page that has just arrived: it goes to the page, and never away from somebody who has begun to type."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.servers import ROOT

PAGE = """<body><p id="announcer"></p><main id="main" tabindex="-1"><label>Email <input id="email"></label>
<label>Password <input id="password" type="password"></label></main></body>"""


@pytest.fixture
def arriving(page: Page) -> Page:
    """A page with the script of every page, and no clinic behind it."""
    page.route("http://clinic.test/**", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto("http://clinic.test/")
    page.add_script_tag(path=ROOT / "assets/clinic.js")
    return page


def test_a_page_that_arrives_has_the_focus(arriving: Page) -> None:
    arriving.evaluate("history.pushState({}, '', '/sign-in/')")
    expect(arriving.locator("main")).to_be_focused()


@pytest.mark.parametrize("after", range(0, 120, 15))
def test_whoever_types_at_any_moment_of_its_arrival_loses_nothing(arriving: Page, after: int) -> None:
    arriving.evaluate(
        """async (after) => {
          history.pushState({}, "", "/sign-in/");
          await new Promise((go) => setTimeout(go, after));
          document.getElementById("email").focus();
        }""",
        after,
    )
    arriving.keyboard.type("asha@example.com", delay=10)
    arriving.keyboard.press("Tab")
    expect(arriving.get_by_label("Password")).to_be_focused()
    expect(arriving.get_by_label("Email")).to_have_value("asha@example.com")
