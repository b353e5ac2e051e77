"""Nobody opens another's booking, and an unknown address is a friendly page."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import a_free_time, hold, newcomer, ready, sign_in, with_email
from tests.support.servers import ROOT, App


@pytest.mark.parametrize("place", ["appointment", "checkout"])
def test_a_strangers_booking_looks_like_one_that_does_not_exist(
    running_app: App, page: Page, person: Callable[[], Page], place: str
) -> None:
    asha, time = newcomer(running_app, "Asha Rao"), a_free_time(running_app)
    reference = hold(running_app, asha, time)
    sign_in(page, newcomer(running_app, "Bilal Khan").email)
    for wanted in (reference, "NOTTHERE"):
        page.goto(f"/{place}/{wanted}/")
        expect(page.get_by_role("heading", name="We can't find that booking")).to_be_visible()
        expect(page.locator("body")).not_to_contain_text(time.doctor)
    nobody = person()
    nobody.goto(f"/{place}/{reference}/")
    nobody.wait_for_url(re.compile("/sign-in/"))


@pytest.mark.parametrize("address", ["/nowhere/at/all", "/doctor/dr-nobody/"])
def test_an_unknown_address_is_a_friendly_page_with_a_way_on(
    running_app: App, page: Page, address: str
) -> None:
    page.goto(address)
    ready(page)
    expect(page.get_by_role("main").get_by_role("link", name="Find a doctor")).to_be_visible()


UPWARDS = (
    "/../secret_key", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "//etc/passwd",
    "/assets/../../../../etc/passwd", "/assets/..%5c..%5csecret_key", "/%252e%252e/etc/passwd", "/assets/%00/../x",
    "/.env", "/data/secret_key", "/booking.db", "/data/booking.db", "/..;/etc/passwd", "/file:///etc/passwd",
    "/api/docs/../../../etc/passwd", "/api/docs/..%2f..%2fbooking_ui%2fconfig%2fsettings.py",
    "/booking_ui/config/settings.py", "/.git/HEAD",
)  # fmt: skip


def test_no_address_leads_to_a_file_that_is_not_a_page(running_app: App) -> None:
    secret = (running_app.data_dir / "secret_key").read_bytes()
    assert (
        b"class Settings" in (ROOT / "booking_ui/config/settings.py").read_bytes()
    )  # what two of them would show
    for path in UPWARDS:
        # By hand, since an HTTP client would normalise the address first.
        connection = http.client.HTTPConnection(running_app.base_url.removeprefix("http://"), timeout=10)
        connection.putrequest("GET", path, skip_host=False)
        connection.endheaders()
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        assert answer.status == 404, path
        for inner in (secret, b"root:", b"SQLite format", b"ref: refs/", b"class Settings"):
            assert inner not in said, path


def test_a_patient_sees_nothing_of_the_desk(running_app: App, page: Page) -> None:
    sign_in(page, newcomer(running_app).email)
    page.goto("/admin/")
    ready(page)
    expect(page.get_by_role("table")).to_have_count(0)
    expect(page.get_by_role("alert")).to_contain_text("another kind of account")


def test_wrong_passwords_and_unknown_mails_get_the_same_sentence(running_app: App, page: Page) -> None:
    sentences = []
    for email in (newcomer(running_app).email, "nobody-at-all@example.com"):
        page.goto("/sign-in/")
        ready(page)
        with_email(page)
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill("not-the-password")
        page.get_by_role("button", name="Sign in", exact=True).last.click()
        page.wait_for_url(re.compile("problem="))
        ready(page)
        problem = page.get_by_role("alert").first
        expect(problem).to_be_visible()
        sentences.append(problem.inner_text())
    assert sentences[0] == sentences[1]
