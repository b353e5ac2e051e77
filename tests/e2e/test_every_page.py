"""What holds for every page: light to load, nothing cut off on a small phone, one heading, no errors in the console."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.e2e.people import ready, sign_in
from tests.servers import App

PUBLIC = (
    "/",
    "/doctor/dr-chandra-rao/",
    "/sign-in/",
    "/register/",
    "/code/",
    "/reset/",
    "/reset/new/",
    "/verify/",
    "/nowhere/",
)
PATIENTS = ("/appointments/", "/account/")
DESK = ("/admin/",)
LIMIT_KIB = 175


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


@pytest.mark.parametrize("who", ["", "asha@example.com", "devi@example.com"])
def test_nothing_is_cut_off_at_360_pixels_and_nothing_complains(
    running_app: App, person: Callable[..., Page], who: str
) -> None:
    page = person(viewport={"width": 360, "height": 740})
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "404" not in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    if who:
        sign_in(page, who)
    for path in PUBLIC + (PATIENTS if who.startswith("asha") else DESK if who else ()):
        page.goto(path)
        ready(page)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    assert complaints == []
