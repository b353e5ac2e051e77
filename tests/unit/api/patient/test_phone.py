"""Signing in by telephone through the API, and an account's own number and address."""

from __future__ import annotations

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Person
from booking_ui.db.session import read, write
from tests.support.api import Caller, refusal
from tests.support.cast import NOW, Cast
from tests.support.mails import Post
from tests.support.texts import Texts, other_than

NUMBER = "98450 12301"


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> Texts:
    return Texts(monkeypatch)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    return Post(monkeypatch)


def asked(anybody: Caller, texts: Texts, phone: str = NUMBER) -> tuple[str, str]:
    """(requestId, code)."""
    answer = anybody.post("/api/auth/phone", {"phone": phone})
    assert answer.status_code == 202, answer.text
    return answer.json()["data"]["requestId"], texts.code(NOW)


def people() -> list[Person]:
    with read() as tx:
        return list(tx.exec(select(Person)).all())


def test_a_number_registers_once_with_a_name_and_signs_in_from_then_on(anybody: Caller, texts: Texts) -> None:
    _request, code = asked(anybody, texts)
    body = {"phone": NUMBER, "code": code}
    answer = anybody.post("/api/auth/phone/verify", body)
    assert refusal(answer) == (422, "name_needed")
    assert [one["field"] for one in answer.json()["errors"]] == ["name"]
    made = anybody.post("/api/auth/phone/verify", {**body, "name": "Asha Rao"})
    assert (made.status_code, made.json()["message"]) == (201, "Welcome, Asha Rao.")
    assert set(made.json()["data"]) == {"accessToken", "refreshToken", "expiresIn"}
    assert refusal(anybody.post("/api/auth/phone/verify", body)) == (401, "wrong_code")
    _request, code = asked(anybody, texts, "+91 98450-12301")
    again = anybody.post("/api/auth/phone/verify", {"phone": NUMBER, "code": code})
    assert again.status_code == 200
    token = again.json()["data"]["accessToken"]
    mine = anybody.send("GET", "/api/appointments", headers={"Authorization": f"Bearer {token}"})
    assert mine.status_code == 200


def test_the_answer_is_the_same_for_a_number_that_nobody_has(anybody: Caller, texts: Texts) -> None:
    _request, code = asked(anybody, texts)
    anybody.post("/api/auth/phone/verify", {"phone": NUMBER, "code": code, "name": "Asha"})
    answers = [anybody.post("/api/auth/phone", {"phone": one}) for one in (NUMBER, "98450 12399")]
    for one in answers:
        data = one.json()
        data["data"].pop("requestId")
        assert (one.status_code, data) == (
            202,
            {"success": True, "message": "A code is on its way.", "data": {"expiresIn": 600}},
        )


def test_the_request_id_tells_two_codes_of_a_number_apart(anybody: Caller, texts: Texts) -> None:
    (first, code), (_second, _other) = asked(anybody, texts), asked(anybody, texts)
    body = {"phone": NUMBER, "code": code, "name": "Asha"}
    assert refusal(anybody.post("/api/auth/phone/verify", {**body, "requestId": "made-up"}))[0] == 401
    assert anybody.post("/api/auth/phone/verify", {**body, "requestId": first}).status_code == 201


def test_a_code_of_a_browser_is_no_programs(anybody: Caller, texts: Texts) -> None:
    anybody.form("/api/session/phone/request", {"phone": NUMBER})
    body = {"phone": NUMBER, "code": texts.code(NOW), "name": "Asha"}
    assert refusal(anybody.post("/api/auth/phone/verify", body)) == (401, "wrong_code")


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        ("080 4718 2200", "This is not a mobile number. Write one that gets text messages."),
        ("12", "Write a phone number of 10 digits, or one that starts with + and the country code."),
    ],
)
def test_a_number_that_gets_no_texts_is_named(anybody: Caller, phone: str, said: str) -> None:
    answer = anybody.post("/api/auth/phone", {"phone": phone})
    assert refusal(answer) == (422, "validation")
    assert answer.json()["errors"] == [{"field": "phone", "message": said}]


def test_too_many_codes_to_one_number_wait_and_other_numbers_do_not(
    anybody: Caller, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RATE_LIMIT_CODES", "2/hour")
    settings.cache_clear()
    for _ in range(2):
        assert anybody.post("/api/auth/phone", {"phone": NUMBER}).status_code == 202
    refused = anybody.post("/api/auth/phone", {"phone": f"+91 {NUMBER}"})
    assert refusal(refused) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 0
    assert anybody.post("/api/auth/phone", {"phone": "9845012302"}).status_code == 202


@pytest.mark.parametrize("limit", ["RATE_LIMIT_CODES_ADDRESS", "RATE_LIMIT_CODES_IN_ALL"])
def test_codes_are_limited_for_each_address_and_for_the_day(
    anybody: Caller, configured: pytest.MonkeyPatch, limit: str
) -> None:
    configured.setenv(limit, "2/day")
    configured.setenv("RATE_LIMIT_TRUSTED_IPS", "")
    settings.cache_clear()
    answers = [anybody.post("/api/auth/phone", {"phone": f"984501230{n}"}) for n in range(3)]
    assert [one.status_code for one in answers] == [202, 202, 429]


def test_wrong_codes_count_for_the_address_that_tries_them(
    anybody: Caller, texts: Texts, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RATE_LIMIT_SIGN_IN_ADDRESS", "3/minute")
    configured.setenv("RATE_LIMIT_TRUSTED_IPS", "")
    settings.cache_clear()
    _request, code = asked(anybody, texts)
    wrong = {"phone": NUMBER, "code": other_than(code), "name": "Asha"}
    tries = [anybody.post("/api/auth/phone/verify", wrong).status_code for _ in range(4)]
    assert tries == [401, 401, 401, 429]


def test_tokens_are_not_kept_for_an_idempotency_key(anybody: Caller, texts: Texts) -> None:
    _request, code = asked(anybody, texts)
    body = {"phone": NUMBER, "code": code, "name": "Asha"}
    answers = [anybody.post("/api/auth/phone/verify", body, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 401]


def test_a_patient_proves_another_number_and_another_address(
    asha: Caller, cast: Cast, texts: Texts, post: Post
) -> None:
    with write() as tx:
        tx.get_one(Person, cast.asha).email_verified_at = NOW
    assert asha.post("/api/auth/me/phone", {"phone": NUMBER}).status_code == 202
    body = {"phone": NUMBER, "code": texts.code(NOW)}
    assert asha.post("/api/auth/me/phone/verify", body).json()["message"] == (
        "Your number is saved. You can sign in with it."
    )
    assert refusal(asha.send("PATCH", "/api/auth/me", json={"phone": "9845012399"})) == (409, "proof_needed")
    assert asha.post("/api/auth/me/email", {"email": "rao@example.com"}).status_code == 202
    body = {"email": "rao@example.com", "code": post.newest(NOW)}
    assert asha.post("/api/auth/me/email/verify", body).status_code == 200
    with read() as tx:
        found = tx.get_one(Person, cast.asha)
    assert (found.phone, found.email) == ("+919845012301", "rao@example.com")


def test_an_account_without_a_password_is_erased_by_a_code(anybody: Caller, texts: Texts) -> None:
    _request, code = asked(anybody, texts)
    made = anybody.post("/api/auth/phone/verify", {"phone": NUMBER, "code": code, "name": "Asha"})
    asha = Caller(anybody.door, {"Authorization": f"Bearer {made.json()['data']['accessToken']}"})
    assert refusal(asha.post("/api/auth/me/erase", {"password": "violet otter"})) == (403, "wrong_password")
    assert refusal(asha.post("/api/auth/me/erase", {"code": "123456"})) == (401, "wrong_code")
    assert asha.post("/api/auth/me/erase/code").status_code == 202
    assert asha.post("/api/auth/me/erase", {"code": texts.code(NOW)}).status_code == 200
    assert people()[-1].name == "Former patient"
