"""What patients and doctors see."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.screens import scenes
from tests.screens.scenes import Scene
from tests.screens.shot import ASHA, CHANDRA, NOBODY, Shot, at
from tests.support.browser import api, checkout, open_sheet, pay_by_card, ready, sign_in
from tests.support.servers import App

PAY = re.compile("^Pay ₹")


def _asha(app: App) -> str:
    token: str = api(app, "POST", "auth/login", email=ASHA, password="demo-clinic")["data"]["accessToken"]
    return token


def _as(page: Page, scene: Scene) -> str:
    sign_in(page, scene.patient.email)
    return scene.reference


def _checkout(app: App, page: Page) -> None:
    scene = scenes.waiting(app)
    scenes.hold_ends(app, scene, 860)
    checkout(page, _as(page, scene))
    expect(page.get_by_role("button", name=PAY)).to_be_enabled()


def _checkout_late(app: App, page: Page) -> None:
    scene = scenes.waiting(app)
    scenes.hold_ends(app, scene, 95)
    checkout(page, _as(page, scene))
    expect(page.get_by_role("button", name=PAY)).to_be_enabled()


def _checkout_over(app: App, page: Page) -> None:
    checkout(page, _as(page, scenes.over(app)))
    expect(page.get_by_role("heading", name="The hold ended")).to_be_visible()


def _checkout_blocked(app: App, page: Page) -> None:
    page.route("**/v1/checkout.js", lambda route: route.abort())
    _checkout(app, page)
    page.get_by_role("button", name=PAY).click()
    expect(page.get_by_text("The payment window couldn't open.")).to_be_visible()


def _sheet(app: App, page: Page) -> None:
    _checkout(app, page)
    open_sheet(page)


def _sheet_refused(app: App, page: Page) -> None:
    checkout(page, _as(page, scenes.held(app)))  # a refused payment frees the time: one of its own each time
    pay_by_card(open_sheet(page), number="4100 2800 0006 0003", success=False)
    expect(page.get_by_role("heading", name="Your payment didn't go through")).to_be_visible()


def _visit(status: str) -> Callable[[App, Page], None]:
    def reach(app: App, page: Page) -> None:
        found = api(app, "GET", f"appointments?status={status}", _asha(app))["data"]
        page.goto(f"/appointment/{found[0]['reference']}/")

    return reach


def _status(scene: Callable[[App], Scene]) -> Callable[[App, Page], None]:
    def reach(app: App, page: Page) -> None:
        page.goto(f"/appointment/{_as(page, scene(app))}/")

    return reach


def _appointments_empty(app: App, page: Page) -> None:
    sign_in(page, scenes.newcomer_without_visits(app).email)
    page.goto("/appointments/")


def _appointments_held(app: App, page: Page) -> None:
    _as(page, scenes.waiting(app))
    page.goto("/appointments/")


def _appointments_long(app: App, page: Page) -> None:
    _as(page, scenes.long_name(app))
    page.goto("/appointments/")


def _past(_app: App, page: Page) -> None:
    page.goto("/appointments/")
    ready(page)
    page.get_by_role("heading", name="Past and cancelled").evaluate(
        "it => it.scrollIntoView({block: 'start'})"
    )


def _menu(_app: App, page: Page) -> None:
    page.goto("/appointments/")
    ready(page)
    page.get_by_role("button", name="Account menu").click()


def _cancel_dialog(_app: App, page: Page) -> None:
    page.goto("/appointments/")
    page.get_by_role("button", name=re.compile("^Cancel Dr")).first.click()


def _chosen(_app: App, page: Page) -> None:
    page.goto("/doctor/dr-chandra-rao/")
    page.locator("section[aria-label='Pick a time'] [role='group'] button.slot:enabled").first.click()
    expect(page.get_by_role("button", name="Sign in and hold it")).to_be_visible()


def _reschedule(app: App, page: Page) -> None:
    found = api(app, "GET", "appointments?status=confirmed&when=upcoming", _asha(app))["data"]
    page.goto(f"/appointment/{found[-1]['reference']}/reschedule/")
    page.locator("section[aria-label='Pick a time'] [role='group'] button.slot:enabled").last.click()


def _reschedule_dialog(app: App, page: Page) -> None:
    _reschedule(app, page)
    page.get_by_role("button", name="Reschedule to this time").click()


def _filters(_app: App, page: Page) -> None:
    page.goto("/?speciality=Dermatologist&city=Mumbai&max_fee=800")
    ready(page)
    opener = page.get_by_role("button", name="Filters")
    if opener.is_visible():
        opener.click()


def _busy_day(_app: App, page: Page) -> None:
    page.goto("/day/")
    ready(page)
    onward = page.get_by_role("link", name="Next visits")
    if onward.is_visible():
        onward.click()
        page.wait_for_url(re.compile("on="))


SHOTS = (
    Shot("home", NOBODY, at("/")),
    Shot("home-zoom", NOBODY, at("/"), zoom=2),
    Shot("home-filters", NOBODY, _filters),
    Shot("home-nothing-found", NOBODY, at("/?q=astronaut")),
    Shot("doctor", NOBODY, at("/doctor/dr-chandra-rao/")),
    Shot("doctor-chosen", NOBODY, _chosen),
    Shot("doctor-full", NOBODY, at("/doctor/dr-farah-siddiqui/")),
    Shot("doctor-missing", NOBODY, at("/doctor/dr-nobody/")),
    Shot("sign-in", NOBODY, at("/sign-in/")),
    Shot("sign-in-refused", NOBODY, at("/sign-in/?problem=wrong_credentials")),
    Shot("register", NOBODY, at("/register/")),
    Shot("register-refused", NOBODY, at("/register/?problem=validation&fields=phone,password.guessable")),
    Shot("code", NOBODY, at("/code/")),
    Shot("code-sent", NOBODY, at("/code/?sent=1")),
    Shot("reset", NOBODY, at("/reset/?sent=1")),
    Shot("reset-new", NOBODY, at("/reset/new/")),
    Shot("verify", NOBODY, at("/verify/")),
    Shot("not-found", NOBODY, at("/nowhere/")),
    Shot("checkout", NOBODY, _checkout),
    Shot("checkout-zoom", NOBODY, _checkout, zoom=2),
    Shot("checkout-late", NOBODY, _checkout_late),
    Shot("checkout-over", NOBODY, _checkout_over),
    Shot("checkout-blocked", NOBODY, _checkout_blocked),
    Shot("payment-sheet", NOBODY, _sheet),
    Shot("payment-sheet-refused", NOBODY, _sheet_refused),
    Shot("status-checking", NOBODY, _status(scenes.checking)),
    Shot("status-confirmed", ASHA, _visit("confirmed")),
    Shot("status-completed", ASHA, _visit("completed")),
    Shot("status-cancelled", ASHA, _visit("cancelled")),
    Shot("status-failed", ASHA, _visit("failed")),
    Shot("status-hold-ended", NOBODY, _status(scenes.over)),
    Shot("status-refund-on-its-way", NOBODY, _status(scenes.refund_due)),
    Shot("status-refund-held", NOBODY, _status(scenes.disputed)),
    Shot("status-slot-lost", NOBODY, _status(scenes.slot_lost)),
    Shot("status-long-name", NOBODY, _status(scenes.long_name)),
    Shot("appointments", ASHA, at("/appointments/")),
    Shot("appointments-past", ASHA, _past),
    Shot("appointments-empty", NOBODY, _appointments_empty),
    Shot("appointments-held", NOBODY, _appointments_held),
    Shot("appointments-long-name", NOBODY, _appointments_long),
    Shot("account-menu", ASHA, _menu),
    Shot("cancel", ASHA, _cancel_dialog),
    Shot("account", ASHA, at("/account/")),
    Shot("family", ASHA, at("/family/")),
    Shot("reschedule", ASHA, _reschedule),
    Shot("reschedule-dialog", ASHA, _reschedule_dialog),
    Shot("booking-missing", ASHA, at("/appointment/NOSUCHRE/")),
    Shot("day", CHANDRA, _busy_day),
    Shot("day-empty", CHANDRA, at("/day/?on=2000-01-01")),
)
