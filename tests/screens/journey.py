"""A whole journey on one sheet, as a patient who reads Hindi sees it on a telephone: from the search to the visit."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.support.browser import pay_by_card, ready, texted
from tests.support.servers import App, wait_until

NAME = "hindi-journey-390-light"
NUMBER = "98450 12399"
WIDTH, HEIGHT = 390, 700
SHOWN = 0.65
"""The size of a page on the sheet: git keeps no picture of half a megabyte."""
SHEET = f"""<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 12px; background: #cfd4cc; display: grid; gap: 12px;
  grid-template-columns: repeat(5, {WIDTH}px); zoom: {SHOWN} }}
img, div {{ width: {WIDTH}px; height: {HEIGHT}px; display: block }}
div {{ box-sizing: border-box; padding: 24px; background: #fff; overflow-wrap: anywhere;
  font: 17px/1.6 "Noto Sans", "Noto Sans Devanagari", sans-serif }}
p {{ margin: 0 0 16px; padding: 14px 16px; border-radius: 14px; background: #e9ece6 }}
</style>"""


def draw(app: App, browser: Browser, folder: Path) -> None:
    """Nine pages in the order in which they come; the last field has the text messages that came meanwhile."""
    context = browser.new_context(
        base_url=app.base_url,
        viewport={"width": WIDTH, "height": HEIGHT},
        has_touch=True,
        locale="hi-IN",
        color_scheme="light",
    )
    page, messages, pictures = context.new_page(), list[str](), ""
    for _step in _steps(app, page, messages):
        shown = base64.b64encode(page.screenshot(animations="disabled")).decode()
        pictures += f'<img src="data:image/png;base64,{shown}">'
    texts = "".join(f"<p>{escape(message)}</p>" for message in messages)
    size = {"width": 5 * WIDTH + 72, "height": 2 * HEIGHT + 36}
    page.set_viewport_size({"width": round(SHOWN * size["width"]), "height": round(SHOWN * size["height"])})
    page.goto("about:blank")
    page.set_content(f"{SHEET}{pictures}<div>{texts}</div>")
    page.screenshot(path=folder / f"{NAME}.png")
    context.close()


def _steps(app: App, page: Page, messages: list[str]) -> Iterator[None]:
    """Stops at each page that the sheet shows."""
    page.goto("/hi/")
    ready(page)
    yield
    page.goto("/hi/doctor/dr-chandra-rao/")
    ready(page)
    page.locator("button.slot:enabled").nth(3).click()
    page.locator("button.slot[aria-pressed='true']").scroll_into_view_if_needed()
    yield
    page.get_by_role("button", name="साइन इन करके समय रोकें").click()
    yield from _sign_in(app, page, messages)
    yield from _pay(app, page, messages)
    page.goto("/hi/appointments/")
    ready(page)
    yield


def _sign_in(app: App, page: Page, messages: list[str]) -> Iterator[None]:
    page.wait_for_url("**/hi/sign-in/**")
    ready(page)
    page.locator("input[name=phone]").fill(NUMBER)
    yield
    page.locator("input[name=phone]").press("Enter")
    page.wait_for_url("**/hi/sign-in/phone/**")
    ready(page)
    messages.append(texted(app, _e164()))
    page.locator("input[name=code]").fill(re.findall(r"\d{6}", messages[0])[0])
    yield
    page.locator("input[name=code]").press("Enter")
    page.wait_for_url(re.compile("new=1"))
    ready(page)
    page.locator("input[name=name]").fill("Meera Nair")
    yield
    page.locator("input[name=name]").press("Enter")


def _pay(app: App, page: Page, messages: list[str]) -> Iterator[None]:
    page.wait_for_url("**/hi/checkout/**")
    ready(page)
    pay = page.get_by_role("button", name=re.compile("^₹.* पेमेंट करें$"))
    expect(pay).to_be_enabled()
    pay.scroll_into_view_if_needed()
    yield
    pay.click()
    sheet = page.frame_locator("iframe")
    expect(sheet.get_by_text("Test payments").first).to_be_visible()
    yield
    pay_by_card(sheet)
    expect(page.get_by_role("heading", name="आपका अपॉइंटमेंट पक्का है")).to_be_visible()
    ready(page)
    wait_until(lambda: texted(app, _e164()) not in messages, what="the confirmation")
    messages.append(texted(app, _e164()))
    yield


def _e164() -> str:
    return "+91" + NUMBER.replace(" ", "")
