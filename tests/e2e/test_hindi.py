"""A patient who reads Hindi: the way to it, and the whole journey in it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import (
    a_free_time,
    hold,
    newcomer,
    pay_by_card,
    ready,
    state_of,
    texted,
    texted_code,
)
from tests.support.servers import App

DEVANAGARI = re.compile(r"[\u0900-\u097f]")


def on_a_phone(person: Callable[..., Page]) -> Page:
    return person(viewport={"width": 390, "height": 844}, has_touch=True)


def test_a_newcomer_with_a_number_books_pays_and_finds_the_visit_again_in_hindi(
    running_app: App, person: Callable[..., Page]
) -> None:
    number, time, page = "9845020001", a_free_time(running_app), on_a_phone(person)
    page.goto(f"/doctor/{time.slug}/?day={time.date}")
    ready(page)
    page.get_by_role("link", name="हिन्दी").first.click()
    page.wait_for_url(f"**/hi/doctor/{time.slug}/?day={time.date}")
    ready(page)
    expect(page.get_by_role("heading", name="समय चुनें")).to_be_visible()
    page.locator(f'[data-slot="{time.slot_id}"]').click()
    page.get_by_role("button", name="साइन इन करके समय रोकें").click()
    page.wait_for_url("**/hi/sign-in/**")
    ready(page)
    page.get_by_label("मोबाइल नंबर").fill(number)
    page.get_by_role("button", name="मुझे कोड भेजें").click()
    page.wait_for_url("**/hi/sign-in/phone/**")
    ready(page)
    page.get_by_label("कोड", exact=True).fill("000000")
    page.get_by_role("button", name=re.compile("का समय रोकें$")).click()
    expect(page.get_by_role("alert")).to_contain_text("यह कोड सही नहीं है")
    ready(page)
    assert DEVANAGARI.search(texted(running_app, f"+91{number}"))
    page.get_by_label("कोड", exact=True).fill(texted_code(running_app, number))
    page.get_by_role("button", name=re.compile("का समय रोकें$")).click()
    page.wait_for_url(re.compile("/hi/sign-in/phone/.*new=1"))
    ready(page)
    page.get_by_label("आपका नाम").fill("मीरा नायर")
    page.get_by_role("button", name=re.compile("का समय रोकें$")).click()
    page.wait_for_url("**/hi/checkout/**")
    ready(page)
    page.get_by_role("button", name=re.compile("^₹.* पेमेंट करें$")).click()
    sheet = page.frame_locator("iframe")
    expect(sheet.get_by_text("Test payments").first).to_be_visible()
    pay_by_card(sheet)
    page.wait_for_url(re.compile("/hi/appointment/[A-Z0-9]{8}/?$"))
    expect(page.get_by_role("heading", name="आपका अपॉइंटमेंट पक्का है")).to_be_visible()
    reference = page.url.rstrip("/").rpartition("/")[2]
    assert state_of(running_app, reference) == ("confirmed", "captured", 1)
    page.goto("/")
    page.wait_for_url("**/hi/")  # the choice is remembered
    page.goto("/hi/appointments/")
    ready(page)
    expect(page.get_by_text("पक्का").first).to_be_visible()


def test_a_page_that_is_told_of_news_stays_in_its_language(
    running_app: App, person: Callable[..., Page]
) -> None:
    """The hub reloads a tab outside its events."""
    time, page = a_free_time(running_app), on_a_phone(person)
    page.goto(f"/hi/doctor/{time.slug}/?day={time.date}")
    ready(page)
    slot = page.locator(f'[data-slot="{time.slot_id}"]')
    expect(slot).to_be_enabled()
    expect(slot).to_have_text(DEVANAGARI)
    hold(running_app, newcomer(running_app), time)
    expect(slot).to_be_disabled()
    expect(slot).to_have_text(DEVANAGARI)
    assert page.locator("main [data-slot]").filter(has_not_text=DEVANAGARI).count() == 0


def test_an_unknown_language_is_english_and_leads_in_no_circle(
    running_app: App, person: Callable[..., Page]
) -> None:
    page = on_a_phone(person)
    page.goto("/?lang=tlh")
    ready(page)
    assert page.evaluate("document.documentElement.lang") == "en"
    page.context.add_cookies([{"name": "lang", "value": "tlh", "url": running_app.base_url}])
    page.goto("/")
    ready(page)
    expect(page.get_by_role("link", name="हिन्दी").first).to_be_visible()
