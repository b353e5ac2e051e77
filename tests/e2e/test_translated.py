"""A page that the browser translates while it changes: the slot that a button shows is the slot that is held and paid."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from booking_ui.config.settings import settings
from booking_ui.domain.clock import clock_label, long_day_label
from booking_ui.languages import _, speaking
from tests.support.browser import (
    Time,
    a_free_time,
    hold,
    newcomer,
    pay_by_card,
    ready,
    rows,
    sign_in,
    state_of,
)
from tests.support.servers import App

TRANSLATE = (Path(__file__).parent / "translator.js").read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """Errors of the page from now on, as they come."""
    said: list[str] = []
    page.on("pageerror", lambda fault: said.append(str(fault)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    return said


def words(sentence: str, **values: str) -> re.Pattern[str]:
    """That sentence of the spoken language, whatever the translator made of its case."""
    said = _(sentence, **values)
    return re.compile(rf"^\s*{re.escape(said)}\s*$", re.IGNORECASE)


def start_of(app: App, slot_id: str) -> datetime:
    found = rows(app, "SELECT starts_at FROM slot WHERE id = ?", int(slot_id))[0][0]
    return datetime.fromisoformat(found).replace(tzinfo=UTC)


def expect_true_labels(app: App, page: Page) -> None:
    """Each button of the grid shows the time of its own slot, and the heading shows their day."""
    buttons = page.locator("[data-slot]")
    shown = {one.get_attribute("data-slot") or "": one.inner_text() for one in buttons.all()}
    starts = {slot_id: start_of(app, slot_id) for slot_id in shown}
    wrong = {
        slot_id: said
        for slot_id, said in shown.items()
        if clock_label(starts[slot_id], settings().zone) not in said
    }
    assert shown
    assert not wrong
    day = next(iter(starts.values())).astimezone(settings().zone).date()
    expect(page.get_by_role("heading", name=long_day_label(day), exact=True)).to_be_visible()


def go_to_another_day(page: Page) -> None:
    """The one with the most free times, so that one can be lost and another booked."""
    days = page.locator('.day[data-state="open"][aria-pressed="false"]')
    free = [int(re.findall(r"\d+", said)[-1]) for said in days.all_inner_texts()]
    days.nth(free.index(max(free))).click()


def free_slots(page: Page) -> Locator:
    return page.locator("[data-slot]:enabled")


@pytest.mark.parametrize(("language", "start"), [("en", ""), ("hi", "/hi")])
def test_a_translated_page_holds_and_pays_the_slot_that_its_button_shows(
    running_app: App, page: Page, language: str, start: str
) -> None:
    patient, time = newcomer(running_app), a_free_time(running_app)
    sign_in(page, patient.email)
    said = faults(page)
    with speaking(language):
        page.goto(f"{start}/doctor/{time.slug}/?day={time.date}")
        ready(page)
        page.evaluate(TRANSLATE)
        go_to_another_day(page)
        expect(page.locator(f'[data-slot="{time.slot_id}"]')).to_have_count(0)
        expect_true_labels(running_app, page)
        lose_one_to_another_patient(running_app, page, time)
        chosen = free_slots(page).last
        slot_id, shown = chosen.get_attribute("data-slot") or "", chosen.inner_text()
        chosen.click()
        expect(page.locator(".enter").get_by_text(shown, exact=True)).to_be_visible()
        page.get_by_role("button", name=words("Continue")).click()
        page.wait_for_url(re.compile("/checkout/"))
        expect(page.get_by_role("main")).to_contain_text(shown)
        page.get_by_role("button", name=re.compile(r"^(Pay ₹|₹.* पेमेंट करें)", re.IGNORECASE)).click()
        pay_by_card(page.frame_locator("iframe"))
        page.wait_for_url(re.compile("/appointment/[A-Z0-9]{8}/?$"))
        expect(page.get_by_role("heading", name=words("You're booked"))).to_be_visible()
    reference = page.url.rstrip("/").rpartition("/")[2]
    assert state_of(running_app, reference) == ("confirmed", "captured", 1)
    held = rows(running_app, "SELECT slot_id FROM appointment WHERE reference = ?", reference)
    assert held == [(int(slot_id),)]
    assert said == []


def lose_one_to_another_patient(app: App, page: Page, time: Time) -> None:
    """Another patient takes the first slot shown: its button says so in place, and no label moves to another slot."""
    first = free_slots(page).first
    slot_id = first.get_attribute("data-slot") or ""
    taken = Time(int(slot_id), time.doctor_id, time.slug, time.doctor, "", "")
    hold(app, newcomer(app, "Bilal Khan"), taken)
    button = page.locator(f'[data-slot="{slot_id}"]')
    expect(button).to_be_disabled()
    label = clock_label(start_of(app, slot_id), settings().zone)
    expect(button).to_have_accessible_name(words("{time} taken", time=label))
    expect_true_labels(app, page)
