"""Devi reads the payouts and opens the bookings behind a figure; Dr Chandra reads the day."""

from __future__ import annotations

import csv
import io
import re

from playwright.sync_api import Page, expect

from tests.support.browser import a_free_time, hold, newcomer, ready, rows, sign_in
from tests.support.servers import App


def test_the_desk_follows_a_figure_to_exactly_the_bookings_it_counts(running_app: App, page: Page) -> None:
    sign_in(page, "devi@example.com")
    page.get_by_role("navigation", name="Desk").get_by_role("link", name="Payouts").click()
    page.get_by_role("navigation", name="Period").get_by_role("link", name="Last 30 days").click()
    page.wait_for_url(re.compile("last-30-days"))
    month = page.get_by_role("navigation", name="Period").get_by_role("link", name="Last 30 days")
    expect(month).to_have_attribute("aria-current", "true")
    figures = page.get_by_role("region", name="Figures")
    figure = figures.get_by_role("link", name=re.compile("^Refunded"))
    expect(figure).to_contain_text(re.compile(r"[1-9]\d* bookings?"))
    words = figure.inner_text()
    amount, bookings = words.split("\n")[1], int(re.findall(r"(\d+) booking", words)[0])

    figure.click()

    page.wait_for_url(re.compile("money=refunded"))
    expect(page.locator("tbody tr[data-open]")).to_have_count(bookings)
    expect(page.get_by_text("Refunded in all:")).to_contain_text(amount)
    expect(page.get_by_role("list", name="Filters in force")).to_contain_text("Refunded, ")


def test_the_desk_takes_the_payouts_of_one_doctor_home_as_a_spreadsheet(running_app: App, page: Page) -> None:
    sign_in(page, "devi@example.com")
    page.goto("/admin/payouts/?period=last-30-days")
    ready(page)
    page.get_by_role("region", name="By doctor").get_by_role(
        "link", name="Dr Chandra Rao", exact=True
    ).click()
    page.wait_for_url(re.compile("/admin/payouts/dr-chandra-rao/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Dr Chandra Rao")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()

    head, *lines = csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig")))

    assert head[4] == "Doctor"
    assert {line[4] for line in lines} == {"Dr Chandra Rao"}


def test_the_desk_reads_why_a_booking_stands_where_it_does_and_that_the_record_holds(
    running_app: App, page: Page
) -> None:
    reference = hold(running_app, newcomer(running_app, "Usha Pai"), a_free_time(running_app))
    sign_in(page, "devi@example.com")
    page.goto(f"/admin/booking/{reference}/")
    ready(page)
    page.get_by_role("link", name="Audit of this booking").click()
    page.wait_for_url(re.compile("/admin/audit/"))
    expect(page.get_by_role("row").filter(has_text="The time is held until it is paid.")).to_contain_text(
        "Usha Pai"
    )
    expect(page.get_by_text("Every chain on this page holds")).to_be_visible()


def test_a_doctor_signs_in_to_their_own_day_and_sees_nothing_else(running_app: App, page: Page) -> None:
    sign_in(page, "chandra@example.com")
    page.wait_for_url(re.compile("/day/$"))
    page.goto("/day/?on=2000-01-01")
    ready(page)
    page.get_by_role("link", name="Next visits").click()
    page.wait_for_url(re.compile(r"on=(?!2000)"))
    day = re.findall(r"on=([\d-]+)", page.url)[0]
    expected = rows(
        running_app,
        "SELECT p.name FROM appointment a JOIN person p ON p.id = a.patient_id JOIN doctor d ON d.id = a.doctor_id "
        "WHERE d.slug = 'dr-chandra-rao' AND a.status IN ('confirmed', 'completed', 'no_show') "
        "AND date(a.starts_at, '+330 minutes') = ? ORDER BY a.starts_at",
        day,
    )
    visits = page.get_by_role("main").get_by_role("listitem")
    expect(visits).to_have_count(len(expected))
    for number, (name,) in enumerate(expected):
        expect(visits.nth(number)).to_contain_text(name)
    expect(page.get_by_role("main")).not_to_contain_text(re.compile(r"@|\+91"))

    page.goto("/admin/payouts/")
    page.wait_for_url(re.compile("sign-in.*problem=forbidden"))
