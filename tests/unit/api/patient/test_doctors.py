"""Finding doctors and their times through the API."""

from __future__ import annotations

import pytest

from booking_ui.services.booking import claim
from booking_ui.services.desk import mark_payment
from tests.support.api import Caller
from tests.support.cast import NOW, Cast

DOCTOR = {
    "doctorId", "slug", "name", "speciality", "qualifications", "experience", "languages", "city", "area", "address",
    "about", "fee", "feePaise", "nextFreeSlot",
}  # fmt: skip
AVAILABILITY = {
    "availabilityId", "doctorId", "doctorName", "speciality", "date", "time", "startsAt", "fee", "feePaise", "isBooked",
    "status",
}  # fmt: skip


def test_a_doctor_is_found_with_her_next_free_time(anybody: Caller, cast: Cast) -> None:
    body = anybody.get("/api/doctors", q="chandra").json()
    assert (body["success"], body["message"]) == (True, "1 doctor found.")
    (found,) = body["data"]
    assert set(found) == DOCTOR
    assert found == {
        "doctorId": cast.chandra,
        "slug": "dr-chandra-rao",
        "name": "Dr Chandra Rao",
        "speciality": "Cardiologist",
        "qualifications": "MBBS, MD",
        "experience": "18 years",
        "languages": ["English", "Hindi"],
        "city": "Bengaluru",
        "area": "Indiranagar",
        "address": "12, 100 Feet Road",
        "about": "",
        "fee": 500.0,
        "feePaise": 50000,
        "nextFreeSlot": {
            "availabilityId": cast.slots[0],
            "date": "2026-01-06",
            "time": "10:00 am",
            "startsAt": "2026-01-06T04:30:00Z",
        },
    }
    assert anybody.get(f"/api/doctors/{cast.chandra}").json()["data"] == found


SEARCHES: list[tuple[dict[str, str], int]] = [
    ({"speciality": "Cardiologist"}, 1),
    ({"speciality": "Dermatologist"}, 0),
    ({"city": "Bengaluru", "language": "Hindi"}, 1),
    ({"language": "Tamil"}, 0),
    ({"maxFee": "500"}, 1),
    ({"maxFee": "499.99"}, 0),
    ({"sort": "name"}, 1),
    ({"q": "dil ka doctor bangalore"}, 1),
    ({"q": "cardiologst"}, 1),
    ({"gender": "female"}, 0),  # nobody tells one
    ({"when": "tomorrow"}, 1),
    ({"when": "today"}, 0),
]


def test_the_search_narrows(anybody: Caller) -> None:
    for query, count in SEARCHES:
        assert len(anybody.get("/api/doctors", **query).json()["data"]) == count, query


def test_small_and_capital_letters_find_the_same_doctors(anybody: Caller) -> None:
    for name in ("speciality", "city", "language"):
        one = {"speciality": "Cardiologist", "city": "Bengaluru", "language": "English"}[name]
        plain = anybody.get("/api/doctors", **{name: one}).json()["data"]
        assert plain, one
        for spelt in (one.lower(), one.upper()):
            assert anybody.get("/api/doctors", **{name: spelt}).json()["data"] == plain, spelt


def test_a_time_says_whose_when_and_how_much(anybody: Caller, cast: Cast) -> None:
    body = anybody.get("/api/availability", doctorId=cast.chandra, date="2026-01-06").json()
    assert (body["success"], body["message"]) == (True, "4 free times.")
    assert [one["availabilityId"] for one in body["data"]] == list(cast.slots)
    assert body["data"][1] == {
        "availabilityId": cast.slots[1],
        "doctorId": cast.chandra,
        "doctorName": "Dr Chandra Rao",
        "speciality": "Cardiologist",
        "date": "2026-01-06",
        "time": "10:30 am",
        "startsAt": "2026-01-06T05:00:00Z",
        "fee": 500.0,
        "feePaise": 50000,
        "isBooked": False,
        "status": "free",
    }
    assert set(body["data"][1]) == AVAILABILITY


def test_a_held_time_stays_in_the_list_as_taken(anybody: Caller, cast: Cast) -> None:
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW)
    times = anybody.get("/api/availability", doctorId=cast.chandra).json()["data"]
    assert [(one["isBooked"], one["status"]) for one in times] == [(True, "held")] + [(False, "free")] * 3


def test_a_paid_time_stays_in_the_list_as_booked(anybody: Caller, cast: Cast) -> None:
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW)
    mark_payment.mark(admin=cast.devi, payment_id=1, status="captured", reason="paid in cash", now=NOW)
    times = anybody.get("/api/availability", doctorId=cast.chandra).json()["data"]
    assert [(one["isBooked"], one["status"]) for one in times] == [(True, "booked")] + [(False, "free")] * 3


DAYS: list[tuple[dict[str, str], int]] = [
    ({}, 4),
    ({"from": "2026-01-06", "days": "1"}, 4),
    ({"days": "1"}, 0),
    ({"days": "2"}, 4),
    ({"from": "2026-01-07"}, 0),
]


def test_days_are_counted_from_today_or_from_the_day_asked_for(anybody: Caller, cast: Cast) -> None:
    for query, count in DAYS:
        body = anybody.get("/api/availability", doctorId=cast.chandra, **query).json()
        assert len(body["data"]) == count, query


SENSELESS: list[tuple[str, list[str]]] = [
    ("/api/availability", ["doctorId"]),
    ("/api/availability?doctorId=x&date=tomorrow", ["doctorId", "date"]),
    ("/api/availability?doctorId=1&date=2026-02-30", ["date"]),
    ("/api/availability?doctorId=1&date=9999-12-31", ["date"]),
    ("/api/availability?doctorId=1&date=0001-01-01", ["date"]),
    ("/api/availability?doctorId=1&days=0", ["days"]),
    ("/api/availability?doctorId=1&days=15", ["days"]),
    ("/api/availability?doctorId=1&days=1.0", ["days"]),
    ("/api/availability?doctorId=1&from=9999-12-31&days=1", ["from"]),
    ("/api/availability?doctorId=1&date=2026-01-06&days=2", ["date"]),
    ("/api/availability?doctorId=99999999999999999999", ["doctorId"]),
    ("/api/availability?doctorId=0", ["doctorId"]),
    ("/api/doctors?maxFee=cheap", ["maxFee"]),
    ("/api/doctors?maxFee=NaN", ["maxFee"]),
    ("/api/doctors?maxFee=-1", ["maxFee"]),
    ("/api/doctors?maxFee=1e999", ["maxFee"]),
    ("/api/doctors?sort=price", ["sort"]),
    ("/api/doctors?q=%00", ["q"]),
    ("/api/doctors?city=" + "x" * 101, ["city"]),
    ("/api/doctors/0", ["doctorId"]),
    ("/api/doctors/9223372036854775808", ["doctorId"]),
    ("/api/doctors/2147483648", ["doctorId"]),
    ("/api/doctors/chandra", ["doctorId"]),
]


def test_a_question_that_makes_no_sense_names_its_field(anybody: Caller) -> None:
    for path, fields in SENSELESS:
        answer = anybody.send("GET", path)
        assert answer.status_code == 422, path
        body = answer.json()
        assert (body["success"], body["code"], body["data"]) == (False, "validation", None)
        assert [one["field"] for one in body["errors"]] == fields, path
        assert all(one["message"].endswith(".") for one in body["errors"])


@pytest.mark.parametrize("path", ["/api/doctors/2147483647", "/api/availability?doctorId=2147483647"])
def test_an_unknown_doctor_is_404(anybody: Caller, path: str) -> None:
    answer = anybody.send("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_day_too_far_to_know_is_an_answer_too(anybody: Caller, cast: Cast) -> None:
    answer = anybody.get("/api/availability", doctorId=cast.chandra, date="2900-01-01")
    assert answer.status_code == 422


def test_odd_words_find_nobody_and_break_nothing(anybody: Caller) -> None:
    for words in ("%", "_", "'; DROP TABLE doctor; --", "\\", "दिल", "🫀", "a" * 100, "\u200b", "[]"):
        answer = anybody.get("/api/doctors", q=words)
        assert answer.status_code == 200, words


def test_an_unfinished_search_is_answered_with_what_it_may_become(anybody: Caller, cast: Cast) -> None:
    del cast
    body = anybody.get("/api/doctors/suggestions", q="card").json()
    assert (body["success"], body["message"]) == (True, "1 suggestion.")
    assert body["data"] == [
        {"kind": "speciality", "label": "Cardiologist", "detail": "1 doctor", "q": "Cardiologist", "slug": ""}
    ]
    (doctor,) = anybody.get("/api/doctors/suggestions", q="rao").json()["data"]
    assert (doctor["kind"], doctor["slug"], doctor["q"]) == ("doctor", "dr-chandra-rao", "")
    assert anybody.get("/api/doctors/suggestions").json()["data"] == []


@pytest.mark.parametrize("wrong", [{"when": "yesterday"}, {"gender": "x"}])
def test_choices_that_do_not_exist_are_refused(anybody: Caller, cast: Cast, wrong: dict[str, str]) -> None:
    del cast
    refused = anybody.get("/api/doctors", **wrong)
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (422, list(wrong))
