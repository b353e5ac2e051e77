"""`make screens`: a picture of every page at 390 and 1280 px, light and dark, into docs/screens/.

The pages are those of a freshly loaded demo clinic, signed in as the one who sees them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from booking_ui.domain.clock import utc_now
from tests.e2e.conftest import find_chromium
from tests.e2e.people import a_free_time, api, checkout, open_sheet, ready, sign_in
from tests.servers import App, clinic

FOLDER = Path(__file__).parent.parent / "docs" / "screens"
WIDTHS, SCHEMES = (390, 1280), ("light", "dark")
NOBODY, ASHA, DEVI, CHANDRA = "", "asha@example.com", "devi@example.com", "chandra@example.com"


@dataclass(frozen=True)
class Shot:
    """One page: its name, who looks, and how it is reached."""

    name: str
    who: str
    reach: Callable[[App, Page], None]


def at(path: str) -> Callable[[App, Page], None]:
    def reach(_app: App, page: Page) -> None:
        page.goto(path)

    return reach


def _asha(app: App) -> str:
    token: str = api(app, "POST", "auth/login", email=ASHA, password="demo-clinic")["data"]["accessToken"]
    return token


def _checkout(app: App, page: Page) -> None:
    token = _asha(app)
    waiting = api(app, "GET", "appointments?status=pending_payment", token)["data"]
    held = [one["reference"] for one in waiting if one["holdExpiresAt"]]
    time = a_free_time(app)
    reference = (
        held[0]
        if held
        else api(app, "POST", "appointments", token, availabilityId=time.slot_id)["data"]["reference"]
    )
    checkout(page, reference)
    expect(page.get_by_role("button", name=re.compile("^Pay ₹"))).to_be_enabled()


def _sheet(app: App, page: Page) -> None:
    _checkout(app, page)
    open_sheet(page)


def _visit(status: str) -> Callable[[App, Page], None]:
    def reach(app: App, page: Page) -> None:
        found = api(app, "GET", f"appointments?status={status}", _asha(app))["data"]
        page.goto(f"/appointment/{found[0]['reference']}/")

    return reach


def _cancel_dialog(_app: App, page: Page) -> None:
    page.goto("/appointments/")
    page.get_by_role("button", name="Cancel", exact=True).first.click()


def _reschedule(app: App, page: Page) -> None:
    found = api(app, "GET", "appointments?status=confirmed&when=upcoming", _asha(app))["data"]
    page.goto(f"/appointment/{found[-1]['reference']}/reschedule/")
    page.locator("section[aria-label='Pick a time'] [role='group'] button.slot:enabled").last.click()


def _reschedule_dialog(app: App, page: Page) -> None:
    _reschedule(app, page)
    page.get_by_role("button", name="Move here").click()


def _desk_cancel(_app: App, page: Page) -> None:
    page.goto("/admin/?status=confirmed")
    page.locator("tbody tr").first.click()
    page.get_by_role("button", name="Cancel visit…").click()


def _desk_panel(_app: App, page: Page) -> None:
    page.goto("/admin/?status=cancelled")
    page.locator("tbody tr").first.click()


def _close_days(_app: App, page: Page) -> None:
    page.goto("/admin/doctors/")
    ready(page)
    today = utc_now().date()
    page.get_by_label("First day").fill(today.isoformat())
    page.get_by_label("Last day (optional)").fill((today + timedelta(days=10)).isoformat())
    page.get_by_label("Why").fill("Moving house")
    page.get_by_role("button", name="Close days").click()
    expect(page.get_by_role("button", name="Close anyway")).to_be_visible()


def _change_hours(_app: App, page: Page) -> None:
    """Hours so short that booked visits lie outside them."""
    page.goto("/admin/doctors/dr-chandra-rao/")
    ready(page)
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"):
        page.get_by_label(day).fill("6:00-7:00")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Save all the same").scroll_into_view_if_needed()


def _open_mail(_app: App, page: Page) -> None:
    page.goto("/admin/mail/")
    page.get_by_role("list", name="Mails").get_by_role("button").first.click()
    expect(page.get_by_role("article")).to_be_visible()


def _figure(_app: App, page: Page) -> None:
    page.goto("/admin/payouts/?period=last-30-days")
    page.get_by_role("link", name=re.compile("^Refunded")).click()
    page.wait_for_url(re.compile("money=refunded"))
    expect(page.get_by_text("Refunded in all:")).to_be_visible()


def _busy_day(_app: App, page: Page) -> None:
    page.goto("/day/?on=2000-01-01")
    page.get_by_role("link", name="Next visits").click()
    page.wait_for_url(re.compile("on="))


SHOTS = (
    Shot("home", NOBODY, at("/")),
    Shot("home-nothing-found", NOBODY, at("/?q=astronaut")),
    Shot("doctor", NOBODY, at("/doctor/dr-chandra-rao/")),
    Shot("doctor-full", NOBODY, at("/doctor/dr-farah-siddiqui/")),
    Shot("sign-in", NOBODY, at("/sign-in/")),
    Shot("register", NOBODY, at("/register/")),
    Shot("register-refused", NOBODY, at("/register/?problem=validation&fields=phone,password.guessable")),
    Shot("code", NOBODY, at("/code/")),
    Shot("code-sent", NOBODY, at("/code/?sent=1")),
    Shot("reset", NOBODY, at("/reset/?sent=1")),
    Shot("reset-new", NOBODY, at("/reset/new/")),
    Shot("verify", NOBODY, at("/verify/")),
    Shot("not-found", NOBODY, at("/nowhere/")),
    Shot("checkout", ASHA, _checkout),
    Shot("payment-sheet", ASHA, _sheet),
    Shot("status-confirmed", ASHA, _visit("confirmed")),
    Shot("status-cancelled", ASHA, _visit("cancelled")),
    Shot("status-failed", ASHA, _visit("failed")),
    Shot("appointments", ASHA, at("/appointments/")),
    Shot("cancel", ASHA, _cancel_dialog),
    Shot("account", ASHA, at("/account/")),
    Shot("family", ASHA, at("/family/")),
    Shot("reschedule", ASHA, _reschedule),
    Shot("reschedule-dialog", ASHA, _reschedule_dialog),
    Shot("admin", DEVI, at("/admin/")),
    Shot("admin-panel", DEVI, _desk_panel),
    Shot("admin-cancel", DEVI, _desk_cancel),
    Shot("admin-figure", DEVI, _figure),
    Shot("admin-payouts", DEVI, at("/admin/payouts/?period=last-30-days")),
    Shot("admin-payouts-doctor", DEVI, at("/admin/payouts/dr-chandra-rao/?period=last-30-days")),
    Shot("admin-payouts-chart", DEVI, at("/admin/payouts/chart/?period=last-30-days")),
    Shot("admin-audit", DEVI, at("/admin/audit/")),
    Shot("day", CHANDRA, _busy_day),
    Shot("admin-webhooks", DEVI, at("/admin/webhooks/")),
    Shot("admin-books", DEVI, at("/admin/books/")),
    Shot("admin-doctors", DEVI, at("/admin/doctors/")),
    Shot("admin-doctors-hits", DEVI, _close_days),
    Shot("admin-doctor", DEVI, at("/admin/doctors/dr-chandra-rao/")),
    Shot("admin-doctor-hours", DEVI, _change_hours),
    Shot("admin-doctor-new", DEVI, at("/admin/doctors/new/")),
    Shot("admin-mail", DEVI, _open_mail),
)


def _take(app: App, context: BrowserContext, shot: Shot, suffix: str) -> None:
    page = context.new_page()
    if shot.who:
        sign_in(page, shot.who)
    shot.reach(app, page)
    expect(page.locator("#hydrated")).to_be_attached()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{shot.name}-{suffix}.png", animations="disabled")
    page.close()


def _round(app: App, browser: Browser, width: int, scheme: str) -> None:
    for shot in SHOTS:
        height = 844 if width < 700 else 860
        context = browser.new_context(
            base_url=app.base_url,
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]  # one of the two words
        )
        _take(app, context, shot, f"{width}-{scheme}")
        context.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with clinic() as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=["--no-sandbox"])
        for width in WIDTHS:
            for scheme in SCHEMES:
                _round(app, browser, width, scheme)
        browser.close()
    print(f"{len(SHOTS) * len(WIDTHS) * len(SCHEMES)} pictures in {FOLDER}")


if __name__ == "__main__":
    main()
