"""Every page is light to load, fits a small phone, is accessible, and causes no error in the console."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.support.browser import (
    a_free_time,
    checkout,
    hold,
    newcomer,
    open_sheet,
    pay_by_card,
    ready,
    sign_in,
)
from tests.support.servers import App

PUBLIC = (
    "/",
    "/doctor/dr-chandra-rao/",
    "/sign-in/",
    "/sign-in/phone/?sent=1",
    "/sign-in/phone/?new=1",
    "/v/nolinkatall/",
    "/register/",
    "/code/",
    "/reset/",
    "/reset/new/",
    "/verify/",
    "/nowhere/",
)
PATIENTS = ("/appointments/", "/account/", "/family/", "/appointment/NOSUCHREF/reschedule/")
DESK = (
    "/admin/", "/admin/book/", "/admin/doctors/", "/admin/mail/", "/admin/messages/", "/admin/payouts/", "/admin/payouts/chart/",
    "/admin/payouts/dr-chandra-rao/", "/admin/audit/", "/admin/webhooks/", "/admin/books/",
    "/admin/booking/NOSUCHREF/", "/admin/doctors/new/", "/admin/doctors/dr-chandra-rao/",
)  # fmt: skip
DOCTORS = ("/day/", "/account/")
LIMIT_KIB = 175
AXE = Axe()
WALK = (Path(__file__).parent / "accessibility.js").read_text(encoding="utf-8")


def barriers(page: Page) -> list[str]:
    """Barriers on this page, in light and dark mode: names, structure, contrast, size under a finger."""
    by_day = walked(page)
    page.evaluate("document.documentElement.classList.replace('light', 'dark')")
    by_night = walked(page)
    page.evaluate("document.documentElement.classList.replace('dark', 'light')")
    return [f"{page.url}: {one}" for one in dict.fromkeys(by_day + by_night)]


def walked(page: Page) -> list[str]:
    """Those that our own walk finds, which asks for more than the law, and those that axe finds."""
    return [*page.evaluate(WALK), *(said(one) for one in AXE.run(page).response["violations"])]


def said(violation: dict[str, Any]) -> str:
    places = [node["html"][:120] for node in violation["nodes"]]
    return f"axe, {violation['id']}: {violation['help']}: {places[:3]}"


def script_kib(page: Page, context: BrowserContext, path: str) -> float:
    """Compressed size of all scripts, as it came over the wire."""
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    scripts: set[str] = set()
    sizes: dict[str, float] = {}
    wire.on(
        "Network.responseReceived", lambda e: scripts.add(e["requestId"]) if e["type"] == "Script" else None
    )
    wire.on("Network.loadingFinished", lambda e: sizes.__setitem__(e["requestId"], e["encodedDataLength"]))
    page.goto(path)
    ready(page)
    page.wait_for_load_state("networkidle")
    return sum(size for request, size in sizes.items() if request in scripts) / 1024


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_weighs_at_most_its_limit_of_script(
    running_app: App, person: Callable[..., Page], path: str
) -> None:
    page = person()
    weight = script_kib(page, page.context, path)
    assert 20 < weight <= LIMIT_KIB


def console_errors(page: Page) -> list[str]:
    """The errors that the console will show and the requests that the Content-Security-Policy will refuse."""
    found: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # A missing page says so; a missing script or picture is a fault.
        itself = "404" in message.text and message.location["url"] == page.url
        if message.type == "error" and not itself:
            found.append(message.text)

    def complain(text: str) -> None:
        found.append(text)

    page.on("console", hear)
    page.expose_function("complain", complain)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e => complain(`${e.violatedDirective}: ${e.blockedURI}`))"
    )
    return found


@pytest.mark.parametrize("who", ["", "asha@example.com", "devi@example.com", "chandra@example.com"])
def test_on_a_small_phone_every_page_fits_is_accessible_and_logs_no_error(
    running_app: App, person: Callable[..., Page], who: str
) -> None:
    own = {"asha": PATIENTS, "devi": DESK, "chandra": DOCTORS}
    look_at(person, who, PUBLIC + own.get(who.partition("@")[0], ()), "en")


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("", PUBLIC[:-1]),
        ("asha@example.com", PATIENTS),
        ("devi@example.com", DESK),
        ("chandra@example.com", DOCTORS),
    ],
)
def test_in_hindi_every_page_fits_a_small_phone_too(
    running_app: App, person: Callable[..., Page], who: str, paths: tuple[str, ...]
) -> None:
    look_at(person, who, tuple(f"/hi{path}" for path in paths), "hi")


def look_at(person: Callable[..., Page], who: str, paths: tuple[str, ...], language: str) -> None:
    page = person(viewport={"width": 360, "height": 740}, has_touch=True, color_scheme="light")
    complaints, stumbles = console_errors(page), list[str]()
    if who:
        sign_in(page, who)
    for path in paths:
        page.goto(path)
        ready(page)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        page.wait_for_load_state("networkidle")
        stumbles += barriers(page)
    assert (complaints, stumbles) == ([], [])


def test_the_accessibility_walk_finds_planted_barriers(page: Page) -> None:
    page.set_content(
        "<main><h1>x</h1><h3 style='color: #999; font-size: 16px'>pale</h3><button></button><img src='x'><svg></svg>"
        "<input style='border: 1px solid #eee'><p id='a'></p><p id='a' aria-describedby='b'></p></main>"
    )
    found = " ".join(page.evaluate(WALK))
    for word in (
        "no name: <button>", "no name: <input>", "no alt", "drawn, but not said", "no language", "no title",
        "a heading jumps from 1 to 3", "text 2.8", "edge 1.1", "two of #a", "aria-describedby leads nowhere",
    ):  # fmt: skip
        assert word in found


def test_booking_and_paying_is_accessible_and_keeps_to_the_content_policy(
    running_app: App, person: Callable[..., Page]
) -> None:
    page, patient = person(has_touch=True, color_scheme="light"), newcomer(running_app)
    complaints = console_errors(page)
    sign_in(page, patient.email)
    reference = hold(running_app, patient, a_free_time(running_app))
    checkout(page, reference)
    expect(page.get_by_role("button", name=re.compile("^Pay ₹"))).to_be_enabled()
    stumbles = barriers(page)
    pay_by_card(open_sheet(page))
    expect(page.get_by_role("heading", name="You're booked")).to_be_visible()
    assert (complaints, stumbles + barriers(page)) == ([], [])


def test_a_script_that_is_not_ours_does_not_run(running_app: App, person: Callable[..., Page]) -> None:
    page = person()
    complaints = console_errors(page)
    page.goto("/sign-in/")
    ready(page)
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.stolen = true";
        document.head.append(script);
    }""")
    assert page.evaluate("window.stolen") is None
    assert any("script-src" in one for one in complaints)
