"""`make screens`: every page at 390 and 1280 px, light and dark, into .cache/screens; with words, only pictures named so.

The pages are those of a freshly loaded demo clinic, each seen by the person it is for. A few are shown in the documents,
as is a sheet with a whole journey: those are copied into docs/screens, the only ones that git keeps.
"""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Error, expect, sync_playwright

from tests.screens import desk, journey, patients
from tests.screens.shot import Shot
from tests.support.browser import sign_in
from tests.support.chromium import find_chromium
from tests.support.servers import ROOT, App, clinic

FOLDER = ROOT / ".cache/screens"
DOCUMENTED = ROOT / "docs/screens"
TRACKED = (
    "home-1280-light", "doctor-1280-light", "checkout-1280-light", "payment-sheet-1280-light",
    "status-confirmed-1280-light", "appointments-1280-light", "day-1280-light", "admin-1280-light",
    "admin-booking-1280-light", "admin-payouts-1280-light", "doctor-390-light", "status-confirmed-390-dark",
)  # fmt: skip
SHEETS = (journey.NAME,)
SHOTS = patients.SHOTS + desk.SHOTS
WIDTHS, SCHEMES = (390, 1280), ("light", "dark")


def take(app: App, browser: Browser, shot: Shot, width: int, scheme: str, folder: Path) -> None:
    """One picture of what is in sight; zoomed in, a page has as many pixels and fewer points."""
    height = 844 if width < 700 else 860
    context: BrowserContext = browser.new_context(
        base_url=app.base_url,
        viewport={"width": width // shot.zoom, "height": height // shot.zoom},
        device_scale_factor=shot.zoom,
        has_touch=width < 700,
        locale="en-IN",
        color_scheme=scheme,  # type: ignore[arg-type]  # one of the two words
    )
    page = context.new_page()
    if shot.who:
        sign_in(page, shot.who)
    shot.reach(app, page)
    expect(page.locator("#hydrated")).to_be_attached()
    with suppress(Error):  # a page that goes on asking is never idle
        page.wait_for_load_state("networkidle", timeout=5_000)
    page.screenshot(path=folder / f"{shot.name}-{width}-{scheme}.png", animations="disabled")
    context.close()


def main(names: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Zoomed in twice, a phone's page would be narrower than any device: that is for the desktop alone.
    todo = [
        (shot, width, scheme)
        for width in WIDTHS
        for scheme in SCHEMES
        for shot in SHOTS
        if (not names or shot.name in names) and (shot.zoom == 1 or width == WIDTHS[-1])
    ]
    with clinic() as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=["--no-sandbox"])
        for shot, width, scheme in todo:
            take(app, browser, shot, width, scheme, FOLDER)
        if not names or journey.NAME in names:
            journey.draw(app, browser, FOLDER)
        browser.close()
    for picture in sorted(FOLDER.glob("*.png")):
        if picture.stem in TRACKED + SHEETS:
            shutil.copy(picture, DOCUMENTED)
    print(f"{len(todo)} pictures in {FOLDER}")


if __name__ == "__main__":
    main(sys.argv[1:])
