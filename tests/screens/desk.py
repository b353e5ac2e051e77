"""What the desk sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from booking_ui.domain.clock import utc_now
from tests.screens import scenes
from tests.screens.scenes import Scene
from tests.screens.shot import DEVI, Shot, at
from tests.support.browser import ready
from tests.support.servers import App


def _first_row(page: Page, address: str) -> None:
    page.goto(address)
    ready(page)
    page.locator("tbody tr").first.click()
    expect(page.get_by_role("link", name="Close", exact=True)).to_be_visible()


def _cancel(_app: App, page: Page) -> None:
    _first_row(page, "/admin/?status=confirmed")
    page.get_by_role("button", name="Cancel the visit…").click()


def _mark(_app: App, page: Page) -> None:
    _first_row(page, "/admin/?status=confirmed")
    page.get_by_role("button", name="Mark payment…").click()


def _panel(_app: App, page: Page) -> None:
    _first_row(page, "/admin/?status=cancelled")


def _booking(scene: Callable[[App], Scene]) -> Callable[[App, Page], None]:
    def reach(app: App, page: Page) -> None:
        page.goto(f"/admin/booking/{scene(app).reference}/")

    return reach


def _asked(app: App, page: Page) -> None:
    _booking(scenes.long_name)(app, page)
    page.get_by_role("button", name="Ask Razorpay now").click()
    expect(page.get_by_role("button", name="Ask Razorpay now")).to_be_enabled()


def _refund(app: App, page: Page) -> None:
    _booking(scenes.long_name)(app, page)
    page.get_by_role("button", name="Refund…").click()


def _settle(app: App, page: Page) -> None:
    _booking(scenes.refund_failed)(app, page)
    page.get_by_role("button", name="Settle refund…").first.click()


def _cases(app: App, page: Page) -> None:
    scenes.refund_failed(app), scenes.refunded_visit(app)
    page.goto("/admin/")


def _books(app: App, page: Page) -> None:
    scenes.refunded_visit(app)
    page.goto("/admin/books/")


def _decide(app: App, page: Page) -> None:
    _books(app, page)
    page.get_by_role("button", name="Decide…").first.click()


def _webhook(word: str) -> Callable[[App, Page], None]:
    def reach(app: App, page: Page) -> None:
        scenes.long_name(app)
        page.goto("/admin/webhooks/")
        ready(page)
        page.get_by_role("button", name=re.compile(word)).first.click()

    return reach


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
    page.get_by_role("list", name="Emails").get_by_role("button").first.click()
    expect(page.get_by_role("article")).to_be_visible()


def _figure(_app: App, page: Page) -> None:
    page.goto("/admin/payouts/?period=last-30-days")
    page.get_by_role("link", name=re.compile("^Refunded")).click()
    page.wait_for_url(re.compile("money=refunded"))
    expect(page.get_by_text("Refunded in all:")).to_be_visible()


def _no_money(_app: App, page: Page) -> None:
    page.goto("/admin/payouts/?since=2001-01-01&until=2001-01-02")
    page.get_by_text("No money moved in these days.").scroll_into_view_if_needed()


def _conclude(app: App, page: Page) -> None:
    _booking(scenes.begun)(app, page)
    page.get_by_role("button", name="Patient did not come…").click()


SHOTS = (
    Shot("admin", DEVI, at("/admin/")),
    Shot("admin-today", DEVI, at("/admin/?period=today")),
    Shot("admin-cases", DEVI, _cases),
    Shot("admin-nothing-found", DEVI, at("/admin/?q=astronaut")),
    Shot("admin-panel", DEVI, _panel),
    Shot("admin-cancel", DEVI, _cancel),
    Shot("admin-mark", DEVI, _mark),
    Shot("admin-figure", DEVI, _figure),
    Shot("admin-booking", DEVI, _booking(scenes.long_name)),
    Shot("admin-booking-refund-failed", DEVI, _booking(scenes.refund_failed)),
    Shot("admin-booking-disputed", DEVI, _booking(scenes.disputed)),
    Shot("admin-asked", DEVI, _asked),
    Shot("admin-refund", DEVI, _refund),
    Shot("admin-settle", DEVI, _settle),
    Shot("admin-conclude", DEVI, _conclude),
    Shot("admin-booking-missing", DEVI, at("/admin/booking/NOSUCHRE/")),
    Shot("admin-payouts", DEVI, at("/admin/payouts/?period=last-30-days")),
    Shot("admin-payouts-empty", DEVI, _no_money),
    Shot("admin-payouts-doctor", DEVI, at("/admin/payouts/dr-chandra-rao/?period=last-30-days")),
    Shot("admin-payouts-chart", DEVI, at("/admin/payouts/chart/?period=last-30-days")),
    Shot("admin-audit", DEVI, at("/admin/audit/")),
    Shot("admin-webhooks", DEVI, _webhook("^What would it do")),
    Shot("admin-replay", DEVI, _webhook("^Replay")),
    Shot("admin-books", DEVI, _books),
    Shot("admin-decide", DEVI, _decide),
    Shot("admin-doctors", DEVI, at("/admin/doctors/")),
    Shot("admin-doctors-hits", DEVI, _close_days),
    Shot("admin-doctor", DEVI, at("/admin/doctors/dr-chandra-rao/")),
    Shot("admin-doctor-hours", DEVI, _change_hours),
    Shot("admin-book", DEVI, at("/admin/book/?doctor=dr-chandra-rao")),
    Shot("admin-doctor-new", DEVI, at("/admin/doctors/new/")),
    Shot("admin-messages", DEVI, at("/admin/messages/")),
    Shot("admin-mail", DEVI, _open_mail),
)
