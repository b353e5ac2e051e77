"""A hold that ends frees its slot, and the page says so by itself."""

from __future__ import annotations

import re
import sqlite3
from datetime import date, datetime, timedelta

from playwright.sync_api import Page, expect

from booking_ui.config.settings import settings
from booking_ui.domain import clock
from booking_ui.domain.clock import day_label
from tests.support.browser import Time, a_free_time, api, hold, newcomer, open_time, sign_in, state_of
from tests.support.servers import App, wait_until


def let_time_pass(app: App, reference: str) -> None:
    """Let the hold's fifteen minutes be over."""
    with sqlite3.connect(app.data_dir / "booking.db", timeout=30) as database:
        database.execute(
            "UPDATE appointment SET hold_expires_at = '2026-01-01 00:00:00.000000' WHERE reference = ?",
            (reference,),
        )


def three_nearest(app: App, time: Time) -> list[str]:
    """The labels of the doctor's three free slots closest to `time`, soonest first, by the public API."""
    of_doctor = f"availability?doctorId={time.doctor_id}"
    # An answer has at most 14 days, and the last day that can be booked is the 14th after today.
    last = clock.today(clock.utc_now(), settings().zone) + timedelta(days=14)
    offered = [
        *api(app, "GET", f"{of_doctor}&days=14")["data"],
        *api(app, "GET", f"{of_doctor}&from={last}&days=1")["data"],
    ]
    instant = {one["availabilityId"]: datetime.fromisoformat(one["startsAt"]) for one in offered}
    free = [one for one in offered if one["status"] == "free" and one["availabilityId"] != time.slot_id]
    wanted = instant[time.slot_id]
    free.sort(key=lambda one: (abs(instant[one["availabilityId"]] - wanted), one["startsAt"]))
    return [
        f"Book {day_label(date.fromisoformat(one['date']))}, {one['time']}"
        for one in sorted(free[:3], key=lambda one: one["startsAt"])
    ]


def test_an_expired_hold_offers_the_time_again_and_the_nearest_three(running_app: App, page: Page) -> None:
    """Guide: "Testing Payment Timeout"."""
    patient, time = newcomer(running_app), a_free_time(running_app)
    reference = hold(running_app, patient, time)
    sign_in(page, patient.email)
    page.goto("/appointments/")
    expect(
        page.get_by_text(re.compile(r"^Held for you until \d+:\d\d [ap]m\. Pay to keep it\.$"))
    ).to_be_visible()
    expect(page.get_by_role("main").get_by_role("timer", name="Time left")).to_have_text(
        re.compile(r"^1[45]:\d\d$")
    )
    page.get_by_role("link", name=re.compile("^Pay ₹")).click()
    expect(page.get_by_role("heading", name="Confirm and pay")).to_be_visible()
    let_time_pass(running_app, reference)
    # The page goes by the clock; the sweep updates the database a moment later.
    expect(page.get_by_role("heading", name="The hold ended")).to_be_visible(timeout=20_000)
    wait_until(lambda: state_of(running_app, reference) == ("failed", "failed", 0), what="the sweep")
    nearest = page.get_by_text("Or take one of the nearest free times:").locator("..").get_by_role("button")
    expect(nearest).to_have_text(three_nearest(running_app, time))
    page.get_by_role("button", name=f"Hold {time.label} again").click()
    expect(page.get_by_role("heading", name="Confirm and pay")).to_be_visible()
    assert state_of(running_app, reference) == ("pending_payment", "pending", 1)


def test_a_freed_slot_comes_back_on_every_open_page(running_app: App, page: Page) -> None:
    """Guide: "Issue 5: Payment timeout not releasing slots"."""
    patient, time = newcomer(running_app), a_free_time(running_app)
    open_time(page, time)
    button = page.get_by_role("button", name=time.label, exact=True)
    expect(button).to_be_enabled()
    reference = hold(running_app, patient, time)
    taken = page.get_by_role("button", name=f"{time.label} taken", exact=True)
    expect(taken).to_be_disabled()
    let_time_pass(running_app, reference)
    expect(button).to_be_enabled(timeout=20_000)
    wait_until(lambda: state_of(running_app, reference) == ("failed", "failed", 0), what="the sweep")
