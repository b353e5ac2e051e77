"""Mailed links and codes, and the account itself, through the API and the pages' forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import current_thread
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response
from sqlmodel import select

from booking_ui.db.models import OneTimeCode, Person, Role, SignIn
from booking_ui.db.session import read, write
from booking_ui.domain.people import password
from booking_ui.services.accounts import authentication, passwords
from tests.support.api import ORIGIN, Caller, Clock, Door, refusal, sent_to
from tests.support.cast import NOW, Cast
from tests.support.mails import Post

FARAH = {
    "name": "Farah Ali",
    "email": "farah@example.com",
    "phone": "9876543210",
    "password": "farah's password",
}
MAIL, PASSWORD, OTHER = FARAH["email"], FARAH["password"], "another good one"
UNIFORM = {
    "success": True,
    "message": "If there is an account with this address, a mail is on its way.",
    "data": None,
}


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    return Post(monkeypatch)


@pytest.fixture
def farah(cast: Cast, door: Door) -> Caller:
    who = authentication.open_account(**FARAH, now=NOW)
    pair = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    return Caller(door, {"Authorization": f"Bearer {pair.access_token}"})


def open_sessions() -> int:
    with read() as tx:
        return sum(one.revoked_at is None for one in tx.exec(select(SignIn)).all())


def sign_in(anybody: Caller, password: str = PASSWORD) -> Response:
    return anybody.form("/api/session/sign-in", {"email": MAIL, "password": password})


@pytest.mark.parametrize("path", ["/api/auth/reset/request", "/api/auth/code/request"])
def test_asking_for_a_mail_is_answered_alike_for_everybody(anybody: Caller, farah: Caller, path: str) -> None:
    answers = [anybody.post(path, {"email": email}) for email in (MAIL, "nobody@example.com")]
    assert [one.json() for one in answers] == [UNIFORM, UNIFORM]
    assert {one.status_code for one in answers} == {200}
    assert list(answers[0].headers) == list(answers[1].headers)
    with read() as tx:
        assert len(tx.exec(select(OneTimeCode)).all()) == 3  # with the one that asks about the new account
    assert refusal(anybody.post(path, {"email": "no mail"})) == (422, "validation")


def test_the_sixth_mail_within_the_hour_is_429_for_everybody(anybody: Caller, farah: Caller) -> None:
    for email in (MAIL, "nobody@example.com"):
        for _ in range(5):
            assert anybody.post("/api/auth/code/request", {"email": email}).status_code == 200
        refused = anybody.post("/api/auth/code/request", {"email": email})
        assert (*refusal(refused), refused.headers["retry-after"]) == (429, "rate_limited", "3600")


def test_a_code_gives_a_pair_of_tokens_once(anybody: Caller, farah: Caller, post: Post) -> None:
    anybody.post("/api/auth/code/request", {"email": MAIL})
    given = {"email": MAIL, "code": post.newest(NOW)}
    answer = anybody.post("/api/auth/code", given)
    assert answer.status_code == 200
    assert set(answer.json()["data"]) == {"accessToken", "refreshToken", "expiresIn"}
    assert refusal(anybody.post("/api/auth/code", given)) == (401, "wrong_code")
    nobody = anybody.post("/api/auth/code", {**given, "email": "nobody@example.com"})
    assert nobody.json() == anybody.post("/api/auth/code", given).json()


def test_whatever_costs_a_core_for_a_password_leaves_the_pages_threads_alone(
    anybody: Caller, cast: Cast, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: set[tuple[str, str]] = set()

    def noting(work: Callable[..., object]) -> Callable[..., object]:
        def noted(*args: object) -> object:
            used.add((work.__name__, current_thread().name.rpartition("_")[0]))
            return work(*args)

        return noted

    for module, name in ((passwords, "matches"), (passwords, "hashed"), (password, "guessable")):
        monkeypatch.setattr(module, name, noting(getattr(module, name)))
    token = anybody.post("/api/auth/register", FARAH).json()["data"]["accessToken"]
    farah = Caller(anybody.door, {"Authorization": f"Bearer {token}"})
    assert sign_in(anybody).status_code == 303
    change = {"oldPassword": PASSWORD, "newPassword": OTHER}
    assert farah.post("/api/auth/password", change).status_code == 200
    for path in ("/api/auth/reset", "/api/session/reset"):
        anybody.post("/api/auth/reset/request", {"email": MAIL})
        body = {"token": post.newest(NOW), "password": f"{OTHER} {path}"}
        (anybody.form if "session" in path else anybody.post)(path, body)
    assert anybody.post("/api/auth/login", {"email": MAIL, "password": f"{OTHER} {path}"}).status_code == 200
    assert used == {(name, "password") for name in ("matches", "hashed", "guessable")}


def test_a_reset_ends_tokens_sessions_and_the_old_password_at_once(
    anybody: Caller, farah: Caller, post: Post
) -> None:
    sign_in(anybody)
    anybody.post("/api/auth/reset/request", {"email": MAIL})
    body = {"token": post.newest(NOW), "password": OTHER}
    assert anybody.post("/api/auth/reset", body).status_code == 200
    assert farah.get("/api/appointments").status_code == 401
    assert anybody.get("/api/appointments").status_code == 401
    assert refusal(anybody.post("/api/auth/reset", body)) == (410, "link_over")
    login = {"email": MAIL, "password": PASSWORD}
    assert refusal(anybody.post("/api/auth/login", login)) == (401, "wrong_credentials")
    assert anybody.post("/api/auth/login", {**login, "password": OTHER}).status_code == 200


def test_an_address_is_confirmed_by_its_mail(anybody: Caller, farah: Caller, post: Post) -> None:
    token = post.newest(NOW)
    assert (
        anybody.post("/api/auth/verify", {"token": token}).json()["message"] == "Your address is confirmed."
    )
    assert farah.post("/api/auth/verify/send").json()["message"] == "Your address is confirmed already."
    assert refusal(anybody.post("/api/auth/verify", {"token": token})) == (410, "link_over")
    assert refusal(anybody.post("/api/auth/verify/send")) == (401, "not_signed_in")


def test_an_unconfirmed_address_may_book(farah: Caller, cast: Cast) -> None:
    assert farah.post("/api/appointments", {"availabilityId": cast.slots[0]}).status_code == 201


def test_another_password_needs_the_present_one(anybody: Caller, farah: Caller) -> None:
    wrong = farah.post("/api/auth/password", {"oldPassword": "not it at all", "newPassword": OTHER})
    assert refusal(wrong) == (403, "wrong_password")
    weak = farah.post("/api/auth/password", {"oldPassword": PASSWORD, "newPassword": "password1"})
    assert weak.json()["errors"][0]["field"] == "password"
    assert farah.get("/api/appointments").status_code == 200
    assert (
        farah.post("/api/auth/password", {"oldPassword": PASSWORD, "newPassword": OTHER}).status_code == 200
    )
    assert farah.get("/api/appointments").status_code == 401
    assert anybody.post("/api/auth/login", {"email": MAIL, "password": OTHER}).status_code == 200


def test_signing_out_everywhere_ends_the_access_token_too(anybody: Caller, farah: Caller) -> None:
    sign_in(anybody)
    assert farah.post("/api/auth/logout/everywhere").status_code == 200
    assert [one.get("/api/appointments").status_code for one in (farah, anybody)] == [401, 401]
    assert open_sessions() == 0


def test_a_patient_can_be_forgotten(anybody: Caller, farah: Caller) -> None:
    assert refusal(farah.post("/api/auth/me/erase", {"password": "not it"})) == (403, "wrong_password")
    assert farah.post("/api/auth/me/erase", {"password": PASSWORD}).status_code == 200
    assert farah.get("/api/appointments").status_code == 401
    with read() as tx:
        assert MAIL not in [one.email for one in tx.exec(select(Person)).all()]
    assert anybody.post("/api/auth/register", FARAH).status_code == 201


def test_nobody_is_forgotten_while_a_visit_lies_ahead_nor_from_the_staff(
    farah: Caller, devi: Caller, cast: Cast
) -> None:
    farah.post("/api/appointments", {"availabilityId": cast.slots[0]})
    assert refusal(farah.post("/api/auth/me/erase", {"password": PASSWORD})) == (409, "still_needed")
    assert refusal(devi.post("/api/auth/me/erase", {"password": PASSWORD})) == (403, "forbidden")
    assert farah.get("/api/appointments").status_code == 200


# --- the pages' forms ---


def test_the_forms_for_a_mail_lead_on_alike_for_everybody(anybody: Caller, farah: Caller) -> None:
    for which, page in (("reset/request", "/reset/?sent=1"), ("code/request", "/code/?sent=1")):
        for email in (MAIL, "nobody@example.com"):
            assert sent_to(anybody.form(f"/api/session/{which}", {"email": email})) == page
        assert "problem=validation&fields=email" in sent_to(
            anybody.form(f"/api/session/{which}", {"email": "x"})
        )


def test_a_code_signs_in_and_keeps_the_chosen_time(
    anybody: Caller, farah: Caller, post: Post, cast: Cast
) -> None:
    chosen = {"email": MAIL, "slot_id": str(cast.slots[0])}
    asked = anybody.form("/api/session/code/request", chosen)
    assert sent_to(asked) == f"/code/?sent=1&slot_id={cast.slots[0]}"
    wrong = anybody.form("/api/session/code", {**chosen, "code": "12"})
    assert parse_qs(urlsplit(sent_to(wrong)).query) == {
        "problem": ["wrong_code"],
        "sent": ["1"],
        "slot_id": [str(cast.slots[0])],
    }
    right = anybody.form("/api/session/code", {**chosen, "code": post.newest(NOW)})
    assert sent_to(right).startswith("/checkout/")


def test_a_forgotten_password_is_replaced_by_the_form(anybody: Caller, farah: Caller, post: Post) -> None:
    anybody.form("/api/session/reset/request", {"email": MAIL})
    token = post.newest(NOW)
    weak = anybody.form("/api/session/reset", {"token": token, "password": "12345678"})
    assert sent_to(weak) == "/reset/new/?problem=validation&fields=password.guessable"
    done = anybody.form("/api/session/reset", {"token": token, "password": OTHER})
    assert sent_to(done) == "/sign-in/?done=password"
    assert sent_to(sign_in(anybody, OTHER)) == "/"


def test_no_address_and_no_token_ever_stands_in_a_location(
    anybody: Caller, farah: Caller, post: Post
) -> None:
    token = post.newest(NOW)
    for which, form in (
        ("sign-in", {"email": MAIL, "password": "wrong"}),
        ("register", FARAH),
        ("code", {"email": MAIL, "code": "123456"}),
        ("verify", {"token": token + "x"}),
        ("reset", {"token": token, "password": OTHER}),
    ):
        location = sent_to(anybody.form(f"/api/session/{which}", form))
        assert not [one for one in (MAIL, "farah", token, "123456", PASSWORD) if one in location], which
    assert sent_to(anybody.form("/api/session/verify", {"token": token})) == "/verify/?done=verified"


def test_changing_the_password_keeps_this_browser_and_no_other(
    anybody: Caller, farah: Caller, clock: Clock
) -> None:
    sign_in(anybody)
    elsewhere = authentication.open_session(person_id=_id(MAIL), now=NOW)
    form = {"old_password": PASSWORD, "password": OTHER}
    wrong = anybody.form("/api/session/password", {**form, "old_password": "nope nope"})
    assert sent_to(wrong) == "/account/?problem=wrong_password"
    assert sent_to(anybody.form("/api/session/password", form)) == "/account/?done=password"
    assert anybody.get("/api/appointments").status_code == 200
    assert authentication.session_principal(token=elsewhere, now=clock.now) is None
    assert farah.get("/api/appointments").status_code == 401


def _id(email: str) -> int:
    with read() as tx:
        return tx.exec(select(Person.id).where(Person.email == email)).one() or 0


def test_the_forms_of_the_account_are_for_who_is_signed_in(anybody: Caller, farah: Caller) -> None:
    for which in ("password", "sign-out-everywhere", "erase"):
        assert sent_to(anybody.form(f"/api/session/{which}", {})) == "/sign-in/?next=%2Faccount%2F"
    sign_in(anybody)
    assert sent_to(anybody.form("/api/session/erase", {"password": PASSWORD})) == (
        "/account/?problem=validation&fields=sure"
    )
    out = anybody.form("/api/session/sign-out-everywhere", {})
    assert sent_to(out) == "/sign-in/?done=everywhere"
    assert "Max-Age=0" in out.headers["set-cookie"]
    sign_in(anybody)
    gone = anybody.form("/api/session/erase", {"password": PASSWORD, "sure": "yes"})
    assert sent_to(gone) == "/sign-in/?done=erased"
    assert anybody.get("/api/appointments").status_code == 401


@pytest.mark.parametrize(
    "which",
    ["code/request", "code", "reset/request", "reset", "verify", "password", "sign-out-everywhere", "erase"],
)
def test_another_sites_page_can_send_none_of_these_forms(anybody: Caller, farah: Caller, which: str) -> None:
    sign_in(anybody)
    before = open_sessions()
    fields = {"email": MAIL, "old_password": PASSWORD, "password": OTHER, "sure": "yes"}
    for origin in ("https://evil.example", "null", ""):
        answer = anybody.form(f"/api/session/{which}", fields, Origin=origin)
        assert refusal(answer) == (403, "forbidden")
    nameless = anybody.send("POST", f"/api/session/{which}", data=fields)
    assert refusal(nameless) == (403, "forbidden")
    assert open_sessions() == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("password", {"oldPassword": PASSWORD, "newPassword": OTHER}),
        ("logout/everywhere", None),
        ("me/erase", {"password": PASSWORD}),
        ("verify/send", None),
    ],
)
def test_a_cookie_alone_cannot_be_used_by_another_sites_script(
    anybody: Caller, farah: Caller, path: str, body: dict[str, str] | None
) -> None:
    sign_in(anybody)
    for origin in ({}, {"Origin": "https://evil.example"}):
        assert refusal(anybody.post(f"/api/auth/{path}", body, **origin)) == (403, "forbidden")
    assert anybody.post(f"/api/auth/{path}", body, Origin=ORIGIN).status_code == 200


def test_signing_in_again_ends_the_session_that_was_planted(
    anybody: Caller, farah: Caller, cast: Cast
) -> None:
    planted = authentication.open_session(person_id=cast.bilal, now=NOW)
    anybody.cookies.set("sid", planted)
    answer = sign_in(anybody)
    assert planted not in answer.headers["set-cookie"]
    assert authentication.session_principal(token=planted, now=NOW) is None


def test_the_desks_cookie_lives_for_a_shift(anybody: Caller, farah: Caller, clock: Clock) -> None:
    with write() as tx:
        tx.exec(select(Person).where(Person.email == MAIL)).one().role = Role.ADMIN
    answer = sign_in(anybody)
    assert "Max-Age=43200" in answer.headers["set-cookie"]
    clock.now += timedelta(hours=2)
    assert anybody.get("/api/admin/appointments").status_code == 401
