"""POST /api/admin/appointments."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, func, select

from booking_ui.db.models import Appointment, Person
from booking_ui.db.session import read
from booking_ui.services.booking import claim
from tests.support.api import Caller
from tests.support.cast import NOW, Cast
from tests.support.races import live_on

ADDRESS = "/api/admin/appointments"
RAVI = {"name": "Ravi Kumar", "phone": "98450 12301"}


def asked(cast: Cast, slot: int = 0, **wanted: Any) -> dict[str, Any]:
    return {"availabilityId": cast.slots[slot], "patient": RAVI, "payment": "cash", **wanted}


def test_cash_answers_with_the_confirmed_visit(devi: Caller, cast: Cast) -> None:
    answer = devi.post(ADDRESS, asked(cast, reference="R-17", reason="a cough"))
    body = answer.json()
    assert (answer.status_code, body["message"]) == (201, "Booked and paid: Tue 6 Jan, 10:00 am.")
    data = body["data"]
    assert (data["status"], data["paymentStatus"], data["paidPaise"]) == ("confirmed", "captured", 50000)
    assert (data["patientName"], data["patientPhone"], data["toldBy"], data["reason"]) == (
        "Ravi Kumar",
        "+919845012301",
        ["sms"],
        "a cough",
    )
    found = devi.get(ADDRESS, q=data["reference"]).json()["data"]["appointments"]
    assert [(one["appointmentId"], one["paymentId"]) for one in found] == [
        (data["appointmentId"], data["paymentId"])
    ]


def test_a_link_answers_with_the_hold_and_its_end(devi: Caller, cast: Cast) -> None:
    answer = devi.post(ADDRESS, asked(cast, payment="link"))
    body = answer.json()
    assert answer.status_code == 201
    assert (
        body["message"]
        == "Tue 6 Jan, 10:00 am is held until Mon 5 Jan, 12:00 pm; the link to pay is on its way."
    )
    assert (body["data"]["status"], body["data"]["holdExpiresAt"]) == (
        "pending_payment",
        "2026-01-05T06:30:00Z",
    )


def test_an_account_is_booked_for_by_its_id(devi: Caller, asha: Caller, cast: Cast) -> None:
    body = {"availabilityId": cast.slots[0], "personId": cast.asha, "payment": "link"}
    made = devi.post(ADDRESS, body).json()["data"]
    assert made["personId"] == cast.asha
    assert (
        asha.get(f"/api/appointments/{made['appointmentId']}").json()["data"]["status"] == "pending_payment"
    )


def test_paying_later_is_refused_with_a_sentence(devi: Caller, cast: Cast) -> None:
    answer = devi.post(ADDRESS, asked(cast, payment="later"))
    body = answer.json()
    assert (answer.status_code, body["code"], body["errors"][0]["field"]) == (422, "validation", "payment")
    assert "not offered by this clinic" in body["message"]


def test_a_taken_time_is_refused_with_the_nearest_free_ones(devi: Caller, cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    answer = devi.post(ADDRESS, asked(cast))
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "slot_taken")
    assert [one["availabilityId"] for one in body["data"]["nearest"]] == list(cast.slots[1:])


@pytest.mark.parametrize(
    "change",
    [
        {"patient": None},
        {"personId": 1},
        {"payment": "card"},
        {"payment": None},
        {"patient": {**RAVI, "language": "hi"}},
        {"patient": {"name": "Ravi"}},
        {"patient": {**RAVI, "phone": "12"}},
        {"note": "for a friend"},
        {"reference": "x" * 81},
        {"availabilityId": "1"},
    ],
)
def test_what_it_does_not_know_or_can_not_take_is_refused_by_name(
    devi: Caller, cast: Cast, change: dict[str, Any]
) -> None:
    answer = devi.post(ADDRESS, asked(cast, **change))
    assert (answer.status_code, answer.json()["code"], live_on(cast.slots[0])) == (422, "validation", 0)
    assert answer.json()["errors"]


def test_repeated_with_its_key_it_books_once_and_answers_alike(devi: Caller, cast: Cast) -> None:
    key = {"Idempotency-Key": "desk-17"}
    first, second = (devi.send("POST", ADDRESS, json=asked(cast), headers=key) for _ in range(2))
    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert second.headers["Idempotency-Replayed"] == "true"
    with read() as tx:
        assert tx.exec(select(func.count(col(Appointment.id)))).one() == 1
        assert tx.exec(select(func.count(col(Person.id))).where(Person.phone == "+919845012301")).one() == 1


def test_only_the_desk_books_for_others(anybody: Caller, asha: Caller, cast: Cast) -> None:
    for who, status in ((anybody, 401), (asha, 403)):
        assert who.post(ADDRESS, asked(cast)).status_code == status
    assert live_on(cast.slots[0]) == 0
