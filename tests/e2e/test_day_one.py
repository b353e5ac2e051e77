"""Day one of a clinic: the desk adds a doctor, a patient sees the free slots, the desk changes the working hours."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import Time, api, hold, newcomer, ready, sign_in, state_of
from tests.support.servers import App, wait_until

FORM = {
    "Name": "Dr Arundhati Pillai",
    "Qualifications": "MBBS, MD",
    "Speciality": "Rheumatologist",
    "Practising since (year)": "2011",
    "Languages": "English, Malayalam",
    "City": "Kochi",
    "Part of the city": "Fort Kochi",
    "Address": "4, Rose Street, Fort Kochi 682001",
    "Fee in rupees": "700",
    "Minutes a visit": "30",
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def offered(app: App) -> list[dict[str, str]]:
    """The new doctor's slots as the API offers them."""
    [doctor] = api(app, "GET", "doctors?speciality=Rheumatologist")["data"]
    found: list[dict[str, str]] = api(app, "GET", f"availability?doctorId={doctor['doctorId']}&days=14")[
        "data"
    ]
    return [one | {"doctorId": doctor["doctorId"]} for one in found]


def write_hours(page: Page, hours: str) -> None:
    for day in DAYS:
        page.get_by_label(day).fill(hours)


def test_the_desk_adds_a_doctor_a_patient_books_and_shorter_hours_are_asked_about(
    running_app: App, page: Page, person: Callable[..., Page]
) -> None:
    sign_in(page, "devi@example.com")
    page.goto("/admin/doctors/")
    ready(page)
    page.get_by_role("link", name="Add a doctor").click()
    page.wait_for_url(re.compile(r"/new/?$"))
    for label, text in FORM.items():
        page.get_by_label(re.compile(f"^{re.escape(label)}")).fill(text)
    write_hours(page, "9-11, 10-12")
    page.get_by_role("button", name="Add doctor").click()
    expect(page.get_by_text("9:00-11:00 and 10:00-12:00 overlap.")).to_have_count(7)
    write_hours(page, "9-11, 15-16")
    page.get_by_role("button", name="Add doctor").click()
    page.wait_for_url(re.compile("dr-arundhati-pillai"))
    expect(page.get_by_role("heading", name="Dr Arundhati Pillai")).to_be_visible()
    expect(page.get_by_label("Monday")).to_have_value("9:00-11:00, 15:00-16:00")

    patient = person()
    patient.goto("/doctor/dr-arundhati-pillai/")
    ready(patient)
    last_day = offered(running_app)[-1]["date"]
    patient.goto(f"/doctor/dr-arundhati-pillai/?day={last_day}")
    ready(patient)
    times = patient.locator("section[aria-label='Pick a time'] button.slot")
    expect(times).to_have_count(6)
    early = next(one for one in offered(running_app) if one["date"] == last_day)
    time = Time(int(early["availabilityId"]), 0, "", "", early["date"], early["time"])
    reference = hold(running_app, newcomer(running_app, "Usha Rani"), time)

    write_hours(page, "10-11")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 booked visit lies outside the new hours.")).to_be_visible()
    expect(page.get_by_text("Usha Rani")).to_be_visible()
    expect(times).to_have_count(6)
    page.get_by_role("button", name="Save all the same").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("link", name=reference)).to_be_visible()
    expect(times).to_have_count(2)  # the doctor's page was open all the time and shows the slot as taken
    # Not paid, and the doctor is away then: the hold ends.
    wait_until(lambda: state_of(running_app, reference)[0] == "failed", what="the end of the hold")
