"""The same Idempotency-Key and body get the same answer, and the work is done once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from httpx import Response
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, IdempotencyKey, Person
from booking_ui.db.session import read
from booking_ui.domain.errors import IdempotencyConflict
from booking_ui.services.limits import idempotency
from tests.support.api import Caller
from tests.support.cast import NOW, Cast

KEY = {"Idempotency-Key": "5f0c1a52-7d5e-4c0e-9c1c-3a4b7f1f6d20"}


def bookings() -> list[int | None]:
    with read() as tx:
        return list(tx.exec(select(Appointment.id)).all())


def kept() -> list[IdempotencyKey]:
    with read() as tx:
        return list(tx.exec(select(IdempotencyKey)).all())


def replayed(answer: Response) -> bool:
    return bool(answer.headers.get("idempotency-replayed") == "true")


def test_the_second_request_gets_the_first_ones_answer_and_does_nothing(asha: Caller, cast: Cast) -> None:
    body = {"availabilityId": cast.slots[0], "reason": "cough"}
    first = asha.post("/api/appointments", body, **KEY)
    again = asha.post("/api/appointments", body, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (replayed(first), replayed(again)) == (False, True)
    assert len(bookings()) == 1


def test_a_refusal_is_an_answer_too(asha: Caller, bilal: Caller, cast: Cast) -> None:
    body = {"availabilityId": cast.slots[0]}
    asha.post("/api/appointments", body)
    first = bilal.post("/api/appointments", body, **KEY)
    again = bilal.post("/api/appointments", body, **KEY)
    assert (first.status_code, again.status_code, again.content) == (409, 409, first.content)
    assert replayed(again)


def test_another_body_under_the_same_key_is_a_conflict(asha: Caller, cast: Cast) -> None:
    asha.post("/api/appointments", {"availabilityId": cast.slots[0]}, **KEY)
    other = asha.post("/api/appointments", {"availabilityId": cast.slots[1]}, **KEY)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(bookings()) == 1


def test_a_key_belongs_to_its_person_and_its_route(asha: Caller, bilal: Caller, cast: Cast) -> None:
    held = asha.post("/api/appointments", {"availabilityId": cast.slots[0]}, **KEY)
    number = held.json()["data"]["appointmentId"]
    others = bilal.post("/api/appointments", {"availabilityId": cast.slots[1]}, **KEY)
    elsewhere = asha.post(f"/api/appointments/{number}/cancel", None, **KEY)
    assert (others.status_code, replayed(others)) == (201, False)
    assert (elsewhere.status_code, replayed(elsewhere)) == (409, False)
    assert elsewhere.json()["code"] == "wrong_state"


def test_without_a_key_nothing_is_remembered(asha: Caller, cast: Cast) -> None:
    asha.post("/api/appointments", {"availabilityId": cast.slots[0]})
    asha.get("/api/appointments")
    asha.send("GET", "/api/appointments", headers=KEY)
    assert kept() == []


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "two words"])
def test_a_key_that_is_none_is_refused(asha: Caller, cast: Cast, key: str) -> None:
    answer = asha.post("/api/appointments", {"availabilityId": cast.slots[0]}, **{"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert bookings() == []


def test_a_stranger_is_not_remembered_as_refused(anybody: Caller, asha: Caller, cast: Cast) -> None:
    body = {"availabilityId": cast.slots[0]}
    assert anybody.post("/api/appointments", body, **KEY).status_code == 401
    assert kept() == []
    assert asha.post("/api/appointments", body, **KEY).status_code == 201


def test_trouble_on_our_or_razorpays_side_may_be_tried_again_at_once(
    asha: Caller, cast: Cast, dead_gateway: str
) -> None:
    body = {"availabilityId": cast.slots[0]}
    first = asha.post("/api/appointments/book", body, **KEY)
    assert (first.status_code, kept()) == (503, [])
    again = asha.post("/api/appointments/book", body, **KEY)
    assert (again.status_code, replayed(again), len(bookings())) == (503, False, 1)


NEW = {
    "name": "Meera Nair",
    "email": "meera@example.com",
    "phone": "9876543210",
    "password": "a long one, 42",
}


def test_who_registers_twice_with_one_key_gets_tokens_twice_and_one_account(anybody: Caller) -> None:
    first = anybody.post("/api/auth/register", NEW, **KEY)
    again = anybody.post("/api/auth/register", NEW, **KEY)
    assert (first.status_code, again.status_code, replayed(again)) == (201, 201, True)
    assert again.json()["message"] == first.json()["message"] == "Welcome, Meera Nair."
    for answer in (first, again):
        token = answer.json()["data"]["refreshToken"]
        assert anybody.post("/api/auth/refresh", {"refreshToken": token}).status_code == 200
    with read() as tx:
        assert len(tx.exec(select(Person).where(Person.email == "meera@example.com")).all()) == 1


def test_neither_tokens_nor_passwords_are_stored(anybody: Caller) -> None:
    told = anybody.post("/api/auth/register", NEW, **KEY).json()["data"]
    anybody.post("/api/auth/login", {"email": NEW["email"], "password": NEW["password"]}, **KEY)
    anybody.post("/api/auth/refresh", {"refreshToken": told["refreshToken"]}, **KEY)
    (row,) = kept()
    assert row.answer == b'{"success": true, "message": "Welcome, Meera Nair.", "data": null}'
    for secret in (told["accessToken"], told["refreshToken"], NEW["password"]):
        assert secret not in repr(row)


def test_a_strangers_address_is_kept_as_a_hash_that_only_our_key_makes(
    anybody: Caller, configured: pytest.MonkeyPatch
) -> None:
    anybody.post("/api/auth/register", NEW, **KEY)
    configured.setenv("SECRET_KEY", "another secret key, long enough to sign with")
    settings.cache_clear()
    anybody.post("/api/auth/register", NEW | {"email": "other@example.com"}, **KEY)
    first, second = (row.scope for row in kept())
    assert first.startswith("address:")
    assert first != second


def test_a_day_later_the_key_is_new_again(asha: Caller, cast: Cast) -> None:
    asha.post("/api/appointments", {"availabilityId": cast.slots[0]}, **KEY)
    request = idempotency.Request(
        f"person:{cast.asha}", "POST /api/appointments", KEY["Idempotency-Key"], b""
    )
    with pytest.raises(IdempotencyConflict):
        idempotency.claim(request=request, now=NOW + timedelta(hours=23, minutes=59))
    assert isinstance(idempotency.claim(request=request, now=NOW + timedelta(hours=24)), idempotency.Claim)


def test_while_the_first_is_answered_the_second_is_told_to_wait(asha: Caller, cast: Cast) -> None:
    body = b'{"availabilityId": %d}' % cast.slots[0]
    asked = idempotency.Request(
        f"person:{cast.asha}", "POST /api/appointments", KEY["Idempotency-Key"], b"\0" + body, cast.asha
    )
    idempotency.claim(request=asked, now=NOW)
    headers = {**KEY, "Content-Type": "application/json"}
    answer = asha.send("POST", "/api/appointments", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_in_flight")
    assert answer.headers["retry-after"] == "1"
    assert bookings() == []


def test_an_account_is_changed_once_for_one_key(anybody: Caller) -> None:
    """Only the three doors whose answer is a pair of tokens take no key."""
    asked = {"email": NEW["email"]}
    first = anybody.post("/api/auth/reset/request", asked, **KEY)
    again = anybody.post("/api/auth/reset/request", asked, **KEY)
    assert (first.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = anybody.post("/api/auth/reset/request", {"email": "another@example.com"}, **KEY)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
