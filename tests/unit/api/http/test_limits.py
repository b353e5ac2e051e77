"""Whoever comes too often is told how long to wait, in the envelope or on the page he came from."""

from __future__ import annotations

from typing import Literal

import pytest
from argon2 import PasswordHasher
from httpx import Response

from booking_ui.config.settings import settings
from booking_ui.gateways import limiter
from booking_ui.services.accounts import authentication, passwords
from tests.support.api import Caller
from tests.support.cast import NOW, Cast
from tests.support.webhooks import BODY, post, signed, stored

RIGHT, WRONG = "a long password, 42", "a wrong password, 42"


@pytest.fixture
def strict(configured: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The caller's address is a stranger's; what is not set here keeps its default."""
    configured.setenv("RATE_LIMIT_TRUSTED_IPS", "")
    settings.cache_clear()
    limiter.reset()
    return configured


def set_limit(strict: pytest.MonkeyPatch, name: str, rule: str) -> None:
    strict.setenv(f"RATE_LIMIT_{name}", rule)
    settings.cache_clear()


def refused(answer: Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert answer.json()["message"] == "Too many tries. Please wait a moment."
    assert 1 <= int(answer.headers["retry-after"]) <= 3600
    assert answer.headers["cache-control"] == "no-store"


def meera() -> None:
    authentication.open_account(
        name="Meera Nair", email="meera@example.com", phone="9876543210", password=RIGHT, now=NOW
    )


def login(who: Caller, email: str, password: str) -> Response:
    return who.post("/api/auth/login", {"email": email, "password": password})


def test_an_address_may_call_the_api_so_often_and_no_more(
    anybody: Caller, strict: pytest.MonkeyPatch
) -> None:
    set_limit(strict, "ADDRESS", "3/minute")
    assert [anybody.get("/api/doctors").status_code for _ in range(3)] == [200, 200, 200]
    refused(anybody.get("/api/doctors"))
    refused(anybody.get("/api/nothing"))
    assert anybody.get("/api/health").status_code == 200


def test_a_genuine_webhook_is_never_refused_for_coming_often(
    anybody: Caller, strict: pytest.MonkeyPatch
) -> None:
    set_limit(strict, "ADDRESS", "1/minute")
    set_limit(strict, "BAD_SIGNATURES", "2/minute")
    bad = [post(anybody, BODY, "0" * 64).status_code for _ in range(4)]
    assert bad == [400, 400, 429, 429]
    for n in range(5):
        assert post(anybody, BODY, signed(BODY), f"evt_{n}").status_code == 200
    assert len(stored()) == 5


def test_a_person_may_call_so_often_from_a_trusted_address_too(
    asha: Caller, bilal: Caller, configured: pytest.MonkeyPatch
) -> None:
    set_limit(configured, "PERSON", "2/minute")
    assert [asha.get("/api/appointments").status_code for _ in range(2)] == [200, 200]
    refused(asha.get("/api/appointments"))
    assert bilal.get("/api/appointments").status_code == 200


def test_a_patient_may_claim_so_often_at_both_doors(
    asha: Caller, cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    set_limit(configured, "CLAIM", "2/minute")
    for slot in cast.slots[:2]:
        assert asha.post("/api/appointments", {"availabilityId": slot}).status_code == 201
    refused(asha.post("/api/appointments", {"availabilityId": cast.slots[2]}))
    refused(asha.post("/api/appointments/book", {"availabilityId": cast.slots[2]}))


def test_guessing_is_slowed_for_the_account_and_the_right_password_waits_as_well(
    anybody: Caller, configured: pytest.MonkeyPatch
) -> None:
    meera()
    set_limit(configured, "SIGN_IN", "3/minute")
    answers = [login(anybody, "meera@example.com", WRONG).status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    refused(login(anybody, "meera@example.com", RIGHT))


def test_a_mail_without_an_account_is_answered_the_same(
    anybody: Caller, configured: pytest.MonkeyPatch
) -> None:
    meera()
    set_limit(configured, "SIGN_IN", "2/minute")
    told = [
        [(a.status_code, a.json()) for a in (login(anybody, email, WRONG) for _ in range(3))]
        for email in ("meera@example.com", "nobody@example.com")
    ]
    assert told[0] == told[1]
    assert [status for status, _ in told[0]] == [401, 401, 429]


def test_who_types_it_right_in_the_end_starts_anew(anybody: Caller, configured: pytest.MonkeyPatch) -> None:
    meera()
    set_limit(configured, "SIGN_IN", "2/minute")
    for _ in range(3):
        assert login(anybody, "meera@example.com", WRONG).status_code == 401
        assert login(anybody, "meera@example.com", RIGHT).status_code == 200


def test_honest_sign_ins_are_not_counted(anybody: Caller, strict: pytest.MonkeyPatch) -> None:
    meera()
    set_limit(strict, "SIGN_IN", "1/minute")
    set_limit(strict, "SIGN_IN_ADDRESS", "1/minute")
    assert [login(anybody, "meera@example.com", RIGHT).status_code for _ in range(5)] == [200] * 5


class Counted(PasswordHasher):
    """The product's own hasher, and how many passwords it looked at."""

    looked_at = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's name
        self.looked_at += 1
        return super().verify(hash, password)


def test_a_refused_guess_costs_no_hash(anybody: Caller, configured: pytest.MonkeyPatch) -> None:
    set_limit(configured, "SIGN_IN", "1/hour")
    hasher = Counted()
    configured.setattr(passwords, "_hasher", hasher)
    login(anybody, "meera@example.com", WRONG)
    assert hasher.looked_at == 1
    for _ in range(20):
        refused(login(anybody, "meera@example.com", WRONG))
    assert hasher.looked_at == 1


def test_a_crowd_of_registrations_from_one_address_ends_after_twenty_a_minute(
    anybody: Caller, strict: pytest.MonkeyPatch
) -> None:
    body = {"name": "", "email": "no", "phone": "1", "password": "4@8({[<369!|10$5+7%2" * 3}
    answers = [anybody.post("/api/auth/register", body) for _ in range(21)]
    assert [one.status_code for one in answers[:20]] == [422] * 20
    refused(answers[20])


def test_registering_is_limited_per_address(anybody: Caller, strict: pytest.MonkeyPatch) -> None:
    set_limit(strict, "REGISTER", "1/hour")
    body = {"name": "Meera", "email": "meera@example.com", "phone": "9876543210", "password": RIGHT}
    assert anybody.post("/api/auth/register", body).status_code == 201
    refused(anybody.post("/api/auth/register", body | {"email": "other@example.com"}))


def test_a_form_is_sent_back_with_a_kind_sentence(anybody: Caller, strict: pytest.MonkeyPatch) -> None:
    set_limit(strict, "SIGN_IN", "1/hour")
    set_limit(strict, "REGISTER", "1/hour")
    form = {"email": "meera@example.com", "password": WRONG, "name": "", "phone": ""}
    for page in ("sign-in", "register"):
        anybody.form(f"/api/session/{page}", form)
        again = anybody.form(f"/api/session/{page}", form)
        assert again.status_code == 303
        assert again.headers["location"] == f"/{page}/?problem=rate_limited"
        assert "set-cookie" not in again.headers


def test_a_time_chosen_before_signing_in_is_not_claimed_too_often_either(
    anybody: Caller, cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    meera()
    set_limit(configured, "CLAIM", "1/hour")
    form = {"email": "meera@example.com", "password": RIGHT, "slot_id": str(cast.slots[0])}
    assert anybody.form("/api/session/sign-in", form).headers["location"].startswith("/checkout/")
    form["slot_id"] = str(cast.slots[1])
    went = anybody.form("/api/session/sign-in", form).headers["location"]
    assert went == "/appointments/?problem=rate_limited"


def test_learning_by_registering_which_mails_have_accounts_costs_guesses(
    anybody: Caller, strict: pytest.MonkeyPatch
) -> None:
    set_limit(strict, "SIGN_IN_ADDRESS", "3/minute")
    meera()
    taken = {"name": "Mallory", "email": "meera@example.com", "phone": "9876543210", "password": RIGHT}
    assert [anybody.post("/api/auth/register", taken).status_code for _ in range(3)] == [409, 409, 409]
    refused(anybody.post("/api/auth/register", taken))
    refused(anybody.post("/api/auth/register", {**taken, "email": "free@example.com"}))
    refused(login(anybody, "meera@example.com", RIGHT))
