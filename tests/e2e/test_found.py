"""A doctor's page as search engines and chats get it, and what becomes of that in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.support.browser import ready
from tests.support.servers import App

SLUG = "dr-chandra-rao"
# Before the page's own scripts: every title that it has had, and how far anything moved.
WATCH = """
  window.titles = []; window.moved = 0;
  const note = () => { if (document.title && titles.at(-1) !== document.title) titles.push(document.title); };
  new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true });
  new PerformanceObserver((list) => { for (const one of list.getEntries()) moved += one.value; })
    .observe({ type: "layout-shift", buffered: true });
"""
HEAD = """() => ({
  descriptions: [...document.querySelectorAll("meta[name=description]")].map((one) => one.content),
  canonical: [...document.querySelectorAll("link[rel=canonical]")].map((one) => new URL(one.href).pathname),
  sent: document.head.querySelectorAll("[data-sent]").length,
})"""


def complaints(page: Page) -> list[str]:
    found: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda fault: found.append(str(fault)))
    page.add_init_script(WATCH)
    return found


@pytest.mark.parametrize(
    ("address", "title", "description"),
    [
        (
            f"/doctor/{SLUG}/",
            "Dr Chandra Rao, Cardiologist in Bengaluru · Saanjh Clinics",
            "Dr Chandra Rao, Cardiologist in Indiranagar, Bengaluru. ₹900 per visit. See free times and book online.",
        ),
        (
            f"/hi/doctor/{SLUG}/",
            "Dr Chandra Rao, बेंगलुरु में हृदय रोग विशेषज्ञ · Saanjh Clinics",
            "Dr Chandra Rao, इंदिरानगर, बेंगलुरु में हृदय रोग विशेषज्ञ। हर अपॉइंटमेंट की फ़ीस ₹900। ख़ाली समय देखें और ऑनलाइन बुक करें।",
        ),
    ],
)
def test_what_the_server_wrote_stays_when_the_page_wakes_up_and_goes_with_it(
    running_app: App, person: Callable[..., Page], address: str, title: str, description: str
) -> None:
    page = person(viewport={"width": 390, "height": 844})
    heard = complaints(page)
    page.goto(address)
    ready(page)
    page.wait_for_load_state("networkidle")
    assert heard == []
    assert page.evaluate("titles") == [title]
    head = page.evaluate(HEAD)
    assert (head["descriptions"], head["canonical"]) == ([description], [address])
    expect(page.get_by_role("heading", level=1)).to_have_text("Dr Chandra Rao")
    assert page.evaluate("moved") < 0.02
    told = json.loads(page.locator("script[type='application/ld+json']").text_content() or "")
    assert told["url"] == running_app.base_url + address
    # A click leads on without a new document: nothing says any more that this was the doctor's page.
    page.locator("header a").first.click()
    expect(page).not_to_have_title(title)
    head = page.evaluate(HEAD)
    assert (head["sent"], head["canonical"]) == (0, [address.partition("doctor/")[0]])
    page.go_back()
    expect(page).to_have_title(title)
    assert page.evaluate(HEAD)["descriptions"] == [description]
    assert heard == []


def test_without_scripts_the_facts_are_there_and_the_telephone_too(
    running_app: App, person: Callable[..., Page]
) -> None:
    page = person(java_script_enabled=False)
    page.goto(f"/hi/doctor/{SLUG}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dr Chandra Rao")
    for fact in ("₹900", "हृदय रोग विशेषज्ञ", "अंग्रेज़ी, हिन्दी, कन्नड़", "अगला ख़ाली समय"):
        expect(page.get_by_text(fact).first).to_be_visible()
    expect(page.locator("footer a[href^='tel:']")).to_be_visible()


def test_a_doctor_who_is_not_here_is_said_to_be_missing_at_once(
    running_app: App, person: Callable[..., Page]
) -> None:
    page = person(java_script_enabled=False)
    answer = page.goto("/doctor/dr-nobody/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("We can't find that doctor")
    assert page.locator(".skeleton >> visible=true").count() == 0


@pytest.mark.parametrize(
    ("address", "chosen", "said", "language"),
    [
        ("/nowhere/", "", "There's nothing at this address", "en"),
        ("/hi/nowhere/", "", "इस पते पर कुछ नहीं है", "hi"),
        ("/nowhere/", "hi", "इस पते पर कुछ नहीं है", "hi"),
        ("/hi/nowhere/", "en", "इस पते पर कुछ नहीं है", "hi"),
    ],
)
def test_nothing_is_said_in_the_language_of_the_address_or_the_last_choice(
    running_app: App, person: Callable[..., Page], address: str, chosen: str, said: str, language: str
) -> None:
    page = person()
    if chosen:
        page.context.add_cookies([{"name": "lang", "value": chosen, "url": running_app.base_url}])
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 404
    ready(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(said)
    assert page.evaluate("document.documentElement.lang") == language
