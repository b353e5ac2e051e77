"""Signing in by telephone on a small phone: number, six digits, once the name, with the chosen time kept; and a visit's link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from booking_ui.config.settings import settings
from booking_ui.db.models import Slot
from booking_ui.services.visits import visit_link
from tests.support.browser import (
    Time,
    a_free_time,
    hold,
    newcomer,
    open_sheet,
    open_time,
    pay_by_card,
    ready,
    rows,
    texted_code,
)
from tests.support.schedule import NOW, an_appointment
from tests.support.servers import App

PHONE = {"width": 390, "height": 844}
_numbers = count(9_845_010_000)


def a_number() -> str:
    """A mobile number that no other journey has."""
    return str(next(_numbers))


def on_the_way_to_sign_in(page: Page, time: Time) -> None:
    open_time(page, time)
    page.get_by_role("button", name=time.label, exact=True).click()
    page.get_by_role("link", name="Sign in and hold it").or_(
        page.get_by_role("button", name="Sign in and hold it")
    ).click()
    page.wait_for_url(re.compile("/sign-in/"))
    ready(page)


def test_a_newcomer_holds_and_pays_with_a_number_alone(running_app: App, person: Callable[..., Page]) -> None:
    page, number, time = person(viewport=PHONE, has_touch=True), a_number(), a_free_time(running_app)
    on_the_way_to_sign_in(page, time)
    expect(page.get_by_label("Email")).to_be_hidden()
    page.get_by_label("Mobile number").fill(f"{number[:5]} {number[5:]}")
    page.get_by_role("button", name="Send me a code").click()

    page.wait_for_url(re.compile(r"/sign-in/phone/.*sent=1"))
    ready(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code")
    expect(page.locator("main")).to_contain_text(time.label)
    expect(page.get_by_label("Mobile number")).to_have_value(f"{number[:5]} {number[5:]}")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name=re.compile("^Sign in and hold ")).click()
    expect(page.get_by_role("alert")).to_contain_text("doesn't fit")
    ready(page)
    page.get_by_label("Code").fill(texted_code(running_app, number))
    page.get_by_role("button", name=re.compile("^Sign in and hold ")).click()

    page.wait_for_url(re.compile(r"new=1"))
    ready(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("What is your name?")
    page.get_by_label("Your name").fill("www.evil.example")
    page.get_by_role("button", name=re.compile("^Create account and hold ")).click()
    expect(page.get_by_text("Write a name without a web address")).to_be_visible()
    ready(page)
    expect(page.get_by_label("Your name")).to_have_value("www.evil.example")
    page.get_by_label("Your name").fill("Meera Nair")
    # The second of two quick taps is not sent: it would be refused, since the code is used by then.
    page.get_by_role("button", name=re.compile("^Create account and hold ")).dblclick()

    page.wait_for_url(re.compile("/checkout/"))
    ready(page)
    pay_by_card(open_sheet(page))
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    people = "SELECT name, email, phone_verified_at IS NOT NULL FROM person WHERE phone = ?"
    assert rows(running_app, people, f"+91{number}") == [("Meera Nair", None, 1)]


def test_a_landline_is_told_apart_and_what_was_typed_stays(running_app: App, page: Page) -> None:
    del running_app
    page.goto("/sign-in/?next=/appointments/")
    ready(page)
    page.get_by_label("Mobile number").fill("080 4718 2200")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_text("This is not a mobile number")).to_be_visible()
    ready(page)
    expect(page.get_by_label("Mobile number")).to_have_value("080 4718 2200")


def test_an_account_with_a_mail_gets_a_number_and_the_number_signs_in(running_app: App, page: Page) -> None:
    number, meera = a_number(), newcomer(running_app)
    confirm = "UPDATE person SET email_verified_at = created_at WHERE email = ?"
    rows(running_app, confirm, meera.email)
    page.goto("/sign-in/?next=/account/")
    ready(page)
    page.get_by_text("Use email and password").click()
    page.get_by_label("Email").fill(meera.email)
    page.get_by_label("Password").fill("demo-clinic")
    page.get_by_role("button", name="Sign in", exact=True).last.click()
    page.wait_for_url(re.compile("/account/"))
    ready(page)
    ways = page.locator("section", has=page.get_by_role("heading", name="How you sign in"))
    ways.get_by_text("Sign in with a number, too").click()
    ways.get_by_label("New number").fill(number)
    ways.get_by_role("button", name="Send me a code").first.click()
    page.wait_for_url(re.compile("asked=phone"))
    ready(page)
    ways.get_by_label("Code").fill(texted_code(running_app, number))
    ways.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Your number is saved")).to_be_visible()
    found = rows(running_app, "SELECT email FROM person WHERE phone = ?", f"+91{number}")
    assert found == [(meera.email,)]


@pytest.fixture
def link_of(running_app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Makes the link to a booking, with the running clinic's key."""
    monkeypatch.setenv("SECRET_KEY", (running_app.data_dir / "secret_key").read_text().strip())
    settings.cache_clear()

    def made(reference: str) -> str:
        ((found,),) = rows(running_app, "SELECT id FROM appointment WHERE reference = ?", reference)
        visit = an_appointment(Slot(id=1, doctor_id=1, starts_at=NOW, ends_at=NOW), 1)
        visit.id = found
        return visit_link.token(visit)

    yield made
    monkeypatch.undo()
    settings.cache_clear()


def test_the_link_of_a_message_shows_the_visit_and_takes_a_sign_in_for_more(
    running_app: App, person: Callable[..., Page], link_of: Callable[[str], str]
) -> None:
    page, meera = person(viewport=PHONE), newcomer(running_app)
    reference = hold(running_app, meera, a_free_time(running_app))
    token = link_of(reference)
    page.goto(f"/v/{token}/")
    ready(page)
    expect(page.get_by_role("heading", name="Your time is held")).to_be_visible()
    assert "Meera" not in page.locator("main").inner_text()
    page.get_by_role("link", name="Sign in and pay").click()
    page.wait_for_url(re.compile(rf"/sign-in/\?next=.*{reference}"))
    page.goto(f"/v/{token[:-1]}/")
    ready(page)
    expect(page.get_by_role("heading", name="This link is over")).to_be_visible()
