"""Registering, signing in and tokens through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.db.models import Person
from booking_ui.db.session import read
from tests.support.api import Caller, Clock, Json
from tests.support.cast import Cast

ACCOUNT = {
    "name": "Farah Ali",
    "email": "farah@example.com",
    "phone": "9876543210",
    "password": "farah's password",
}
LOGIN = {"email": "farah@example.com", "password": "farah's password"}
NO_VISITS = {"page": 1, "pageSize": 100, "pages": 1, "total": 0}
TOKENS = {"accessToken", "refreshToken", "expiresIn"}


def people() -> int:
    with read() as tx:
        return len(tx.exec(select(Person)).all())


def test_registering_answers_201_with_a_pair_of_tokens(anybody: Caller) -> None:
    answer = anybody.post("/api/auth/register", ACCOUNT)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"success", "message", "data"}
    assert body["success"] is True
    assert set(body["data"]) == TOKENS
    assert body["data"]["expiresIn"] == 900


def test_the_new_tokens_open_the_api(anybody: Caller) -> None:
    token = anybody.post("/api/auth/register", ACCOUNT).json()["data"]["accessToken"]
    mine = anybody.send("GET", "/api/appointments", headers={"Authorization": f"Bearer {token}"})
    assert mine.json() == {"success": True, "message": "0 appointments.", "data": [], "paging": NO_VISITS}


def test_a_taken_mail_is_409_and_makes_no_account(anybody: Caller, cast: Cast) -> None:
    before = people()
    answer = anybody.post("/api/auth/register", {**ACCOUNT, "email": "ASHA@example.com"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "email_taken"
    assert people() == before


@pytest.mark.parametrize(
    ("phone", "status"),
    [("\u202a+91 98765\u00a043210\u202c", 201), ("९८७६५४३२१०", 201), ("1234567890", 422), ("+91 12345", 422)],
)
def test_a_number_is_taken_however_it_was_pasted_if_it_can_exist(
    anybody: Caller, phone: str, status: int
) -> None:
    assert anybody.post("/api/auth/register", {**ACCOUNT, "phone": phone}).status_code == status


def test_wrong_fields_are_named_with_a_sentence_each(anybody: Caller) -> None:
    before = people()
    answer = anybody.post("/api/auth/register", {"name": "", "email": "x", "phone": "1", "password": "short"})
    assert answer.status_code == 422
    assert answer.json() == {
        "success": False,
        "message": "Please check the marked fields.",
        "data": None,
        "code": "validation",
        "errors": [
            {"field": "name", "message": "Write your name in 1 to 80 letters."},
            {"field": "email", "message": "Write an email address such as asha@example.com."},
            {
                "field": "phone",
                "message": "Write a phone number of 10 digits, or one that starts with + and the country code.",
            },
            {"field": "password", "message": "Choose a password of 8 to 128 characters."},
        ],
    }
    assert people() == before


@pytest.mark.parametrize("key", ["role", "isAdmin", "email_verified_at"])
def test_a_key_that_the_body_does_not_know_is_refused_by_its_name(anybody: Caller, key: str) -> None:
    before = people()
    refused = anybody.post("/api/auth/register", {**ACCOUNT, key: "admin"})
    assert (refused.status_code, refused.json()["code"]) == (422, "validation")
    assert refused.json()["errors"] == [
        {"field": key, "message": "This is not known here. Leave it out, or correct its name."}
    ]
    assert people() == before


def test_signing_in_gives_the_same_shape(anybody: Caller) -> None:
    anybody.post("/api/auth/register", ACCOUNT)
    answer = anybody.post("/api/auth/login", LOGIN)
    assert answer.status_code == 200
    assert set(answer.json()["data"]) == TOKENS


@pytest.mark.parametrize("change", [{"password": "wrong password"}, {"email": "nobody@example.com"}])
def test_a_wrong_mail_or_password_is_one_and_the_same_401(anybody: Caller, change: dict[str, str]) -> None:
    anybody.post("/api/auth/register", ACCOUNT)
    answer = anybody.post("/api/auth/login", {**LOGIN, **change})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == {
        "success": False,
        "message": "That email and password don't match. Check both and try again.",
        "data": None,
        "code": "wrong_credentials",
    }


def test_a_refresh_token_works_once_and_its_replay_ends_the_others(anybody: Caller) -> None:
    first = anybody.post("/api/auth/register", ACCOUNT).json()["data"]["refreshToken"]
    traded = anybody.post("/api/auth/refresh", {"refreshToken": first})
    assert traded.status_code == 200
    assert set(traded.json()["data"]) == TOKENS
    second = traded.json()["data"]["refreshToken"]
    for stolen in (first, second):
        refused = anybody.post("/api/auth/refresh", {"refreshToken": stolen})
        assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")


def test_signing_out_ends_the_refresh_token_and_may_be_repeated(anybody: Caller) -> None:
    token = anybody.post("/api/auth/register", ACCOUNT).json()["data"]["refreshToken"]
    for _ in range(2):
        out = anybody.post("/api/auth/logout", {"refreshToken": token})
        assert out.json() == {"success": True, "message": "Signed out.", "data": None}
    assert anybody.post("/api/auth/refresh", {"refreshToken": token}).status_code == 401


@pytest.mark.parametrize("body", [None, {}, {"refreshToken": None}])
def test_signing_out_without_a_refresh_token_ends_all_of_the_callers(
    anybody: Caller, body: Json | None
) -> None:
    made = anybody.post("/api/auth/register", ACCOUNT).json()["data"]
    other = anybody.post("/api/auth/login", LOGIN).json()["data"]["refreshToken"]
    caller = Caller(anybody.door, {"Authorization": f"Bearer {made['accessToken']}"})
    assert caller.post("/api/auth/logout", body).json()["message"] == "Signed out."
    for token in (made["refreshToken"], other):
        assert anybody.post("/api/auth/refresh", {"refreshToken": token}).status_code == 401
    assert anybody.post("/api/auth/logout", body).json()["code"] == "not_signed_in"


def test_an_access_token_ends_after_its_quarter_of_an_hour(asha: Caller, clock: Clock) -> None:
    clock.now += timedelta(minutes=15)
    assert asha.get("/api/appointments").status_code == 401


BAD_AUTHORIZATIONS: list[str] = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer x.y.z",
    "Basic YTpi",
    "Bearer a b",
    "bearer é",
]


def test_a_bad_authorization_is_401_even_beside_a_good_cookie(anybody: Caller, cast: Cast) -> None:
    anybody.form("/api/session/register", ACCOUNT)
    assert anybody.get("/api/appointments").status_code == 200
    for authorization in BAD_AUTHORIZATIONS:
        answer = anybody.send(
            "GET", "/api/appointments", headers={"Authorization": authorization.encode("latin-1")}
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_without_token_or_cookie_nothing_personal_is_answered(anybody: Caller, cast: Cast) -> None:
    assert anybody.get("/api/appointments").status_code == 401
    assert anybody.post("/api/appointments", {"availabilityId": cast.slots[0]}).status_code == 401
    assert anybody.get("/api/admin/appointments").status_code == 401
