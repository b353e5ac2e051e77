"""Signing in and out with the pages' forms."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response
from sqlmodel import select

from booking_ui.api.http.forms import own_page
from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Person, Role, SignIn
from booking_ui.db.session import read, write
from booking_ui.services.accounts import authentication
from booking_ui.services.booking import claim as booking
from tests.support.api import ORIGIN, Caller
from tests.support.cast import NOW, Cast

FORM = {
    "name": "Farah Ali",
    "email": "farah@example.com",
    "phone": "9876543210",
    "password": "farah's password",
}
LOGIN = {"email": "farah@example.com", "password": "farah's password"}


@pytest.fixture
def farah(cast: Cast) -> int:
    return authentication.open_account(**FORM, now=NOW).person_id


def sessions() -> list[SignIn]:
    with read() as tx:
        return list(tx.exec(select(SignIn).where(SignIn.kind == "session")).all())


def bookings() -> list[Appointment]:
    with read() as tx:
        return list(tx.exec(select(Appointment)).all())


def sent_to(answer: Response) -> str:
    assert answer.status_code == 303
    return answer.headers["location"]


def query_of(answer: Response) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(sent_to(answer)).query).items()}


@pytest.mark.parametrize(
    ("role", "home"), [(Role.PATIENT, "/"), (Role.ADMIN, "/admin/"), (Role.DOCTOR, "/day/")]
)
def test_everybody_comes_home_to_her_own_page_unless_she_was_on_her_way(
    anybody: Caller, farah: int, role: Role, home: str
) -> None:
    with write() as tx:
        person = tx.get(Person, farah)
        assert person is not None
        person.role = role
        tx.add(person)
    assert sent_to(anybody.form("/api/session/sign-in", LOGIN)) == home
    assert sent_to(anybody.form("/api/session/sign-in", {**LOGIN, "next": "/account/"})) == "/account/"


def test_signing_in_sets_one_cookie_that_no_script_can_read(anybody: Caller, farah: int) -> None:
    answer = anybody.form("/api/session/sign-in", LOGIN)
    assert sent_to(answer) == "/"
    cookie = answer.headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "sid"
    assert rest.split("; ")[1:] == ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=lax"]
    assert anybody.get("/api/appointments").status_code == 200


def test_over_https_the_cookie_is_bound_to_this_host(
    anybody: Caller, farah: int, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("PUBLIC_URL", "https://clinic.example.com")
    settings.cache_clear()
    answer = anybody.form("/api/session/sign-in", LOGIN, Origin="https://clinic.example.com")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-sid=")
    assert cookie.endswith("; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax; Secure")
    assert "Domain" not in cookie


def test_registering_signs_in(anybody: Caller) -> None:
    assert sent_to(anybody.form("/api/session/register", {**FORM, "next": "/account/"})) == "/account/"
    assert anybody.get("/api/appointments").status_code == 200


def test_the_desk_lands_on_its_own_page(anybody: Caller, cast: Cast) -> None:
    who = authentication.open_account(**FORM, now=NOW)
    with write() as tx:
        tx.get_one(Person, who.person_id).role = Role.ADMIN
    answer = anybody.form("/api/session/sign-in", {**LOGIN, "slot_id": str(cast.slots[0])})
    assert sent_to(answer) == "/admin/"
    assert bookings() == []


def test_signing_out_ends_the_session_at_once(anybody: Caller, farah: int) -> None:
    anybody.form("/api/session/sign-in", LOGIN)
    stolen = anybody.cookies["sid"]
    answer = anybody.form("/api/session/sign-out", {})
    assert sent_to(answer) == "/"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    anybody.cookies.clear()
    anybody.cookies.set("sid", stolen)
    assert anybody.get("/api/appointments").status_code == 401


def test_signing_out_without_a_session_is_harmless(anybody: Caller) -> None:
    assert sent_to(anybody.form("/api/session/sign-out", {})) == "/"


def test_a_wrong_password_goes_back_to_the_form_without_it(anybody: Caller, farah: int) -> None:
    sent = {**LOGIN, "password": "not hers", "next": "/appointments/", "slot_id": "7"}
    answer = anybody.form("/api/session/sign-in", sent)
    assert sent_to(answer).startswith("/sign-in/?")
    assert query_of(answer) == {
        "problem": "wrong_credentials",
        "next": "/appointments/",
        "slot_id": "7",
    }
    assert "set-cookie" not in answer.headers
    assert sessions() == []


def test_a_bad_registration_goes_back_with_the_names_of_the_wrong_fields(anybody: Caller) -> None:
    answer = anybody.form("/api/session/register", {"email": "farah@example.com", "phone": "1"})
    assert sent_to(answer).startswith("/register/?")
    assert query_of(answer) == {
        "problem": "validation",
        "fields": "name,phone,password",
    }


def test_a_taken_mail_goes_back_to_the_form(anybody: Caller, farah: int) -> None:
    assert query_of(anybody.form("/api/session/register", FORM))["problem"] == "email_taken"
    assert sessions() == []


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "evil.example",
        "/api/session/sign-out",
        "/%0d%0aX-Bad: 1\r\nX-Worse: 1",
        "/" + "a" * 600,
        "///evil.example",
        "http://[broken",
    ],
)
def test_an_address_that_could_be_another_sites_is_no_page_of_ours(onward: str) -> None:
    assert own_page(onward) == ""


def test_next_never_leads_to_another_site(anybody: Caller, farah: int) -> None:
    answer = anybody.form("/api/session/sign-in", {**LOGIN, "next": "//evil.example"})
    assert sent_to(answer) == "/"
    out = anybody.form("/api/session/sign-out", {"next": "//evil.example"})
    assert sent_to(out) == "/"
    refused = anybody.form(
        "/api/session/sign-in", {**LOGIN, "password": "wrong", "next": "https://evil.example/"}
    )
    assert "next" not in query_of(refused)


@pytest.mark.parametrize(
    "onward", ["/doctor/dr-chandra-rao/?day=2026-11-24", "/appointments", "/?q=heart#top"]
)
def test_the_address_of_a_page_of_ours_is_kept_as_it_is(onward: str) -> None:
    assert own_page(onward) == onward


def test_a_chosen_time_is_claimed_and_the_way_goes_on_to_pay(anybody: Caller, farah: int, cast: Cast) -> None:
    answer = anybody.form(
        "/api/session/sign-in", {**LOGIN, "slot_id": str(cast.slots[0]), "next": "/doctor/dr-chandra-rao/"}
    )
    (held,) = bookings()
    assert (held.patient_id, held.slot_id, held.status) == (farah, cast.slots[0], "pending_payment")
    assert sent_to(answer) == f"/checkout/{held.reference}/"


def test_a_chosen_time_survives_registering(anybody: Caller, cast: Cast) -> None:
    answer = anybody.form("/api/session/register", {**FORM, "slot_id": str(cast.slots[0])})
    assert sent_to(answer) == f"/checkout/{bookings()[0].reference}/"


def test_when_the_time_was_taken_the_way_goes_back_to_its_doctor(
    anybody: Caller, farah: int, cast: Cast
) -> None:
    booking.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW)
    answer = anybody.form("/api/session/sign-in", {**LOGIN, "slot_id": str(cast.slots[0])})
    assert sent_to(answer) == f"/doctor/dr-chandra-rao/?taken={cast.slots[0]}"
    assert [one.patient_id for one in bookings()] == [cast.bilal]
    assert anybody.get("/api/appointments").json()["data"] == []


def test_somebody_with_too_many_holds_sees_them(anybody: Caller, farah: int, cast: Cast) -> None:
    for slot in cast.slots[:3]:
        booking.claim(patient_id=farah, slot_id=slot, now=NOW)
    answer = anybody.form("/api/session/sign-in", {**LOGIN, "slot_id": str(cast.slots[3])})
    assert sent_to(answer) == "/appointments/?problem=too_many_holds"


def test_a_time_that_does_not_exist_is_forgotten(anybody: Caller, farah: int) -> None:
    for slot_id in ("999999", "0", "-1", "99999999999", "1e3", "٣", "x", "1 OR 1"):
        assert sent_to(anybody.form("/api/session/sign-in", {**LOGIN, "slot_id": slot_id})) == "/"
    assert bookings() == []


@pytest.mark.parametrize("which", ["sign-in", "register", "sign-out"])
def test_a_form_of_another_site_is_refused(anybody: Caller, farah: int, which: str) -> None:
    for origin in ("https://evil.example", "null", "http://localhost:3001", ""):
        answer = anybody.form(f"/api/session/{which}", LOGIN, Origin=origin)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    nameless = anybody.send("POST", f"/api/session/{which}", data=LOGIN)
    assert (nameless.status_code, nameless.json()["code"]) == (403, "forbidden")
    assert sessions() == []


@pytest.mark.parametrize("which", ["sign-in", "register", "sign-out"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:3000", "192.168.1.5:3000", "localhost"])
def test_an_origin_that_only_matches_the_host_it_came_with_is_refused(
    anybody: Caller, farah: int, which: str, host: str
) -> None:
    answer = anybody.form(f"/api/session/{which}", LOGIN, Origin=f"http://{host}", Host=host)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert sessions() == []


def test_a_demo_may_be_reached_under_either_name_of_this_machine(anybody: Caller, farah: int) -> None:
    answer = anybody.form(
        "/api/session/sign-in", LOGIN, Origin="http://127.0.0.1:3000", Host="127.0.0.1:3000"
    )
    assert sent_to(answer) == "/"


def test_a_cookie_may_read_but_only_our_own_pages_may_write(anybody: Caller, farah: int, cast: Cast) -> None:
    anybody.form("/api/session/sign-in", LOGIN)
    claim = {"availabilityId": cast.slots[0]}
    assert anybody.get("/api/appointments").status_code == 200
    for origin in ({}, {"Origin": "https://evil.example"}):
        assert anybody.post("/api/appointments", claim, **origin).status_code == 403
    assert bookings() == []
    assert anybody.post("/api/appointments", claim, Origin=ORIGIN).status_code == 201


BROKEN: list[tuple[bytes, str]] = [
    (b"", "application/x-www-form-urlencoded"),
    (b"%ff%00=%00&email=%00&password=%ff", "application/x-www-form-urlencoded"),
    (b"\xff\xfe", "multipart/form-data"),
    (b"garbage", "multipart/form-data; boundary=x"),
    (b"&".join(b"a%d=1" % n for n in range(2000)), "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
    (
        b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n+2AA-\r\n--x--\r\n',
        "multipart/form-data; boundary=x; charset=utf-7",
    ),
    (
        b'--x\r\nContent-Disposition: form-data; name="email"; filename="a"\r\n\r\nx\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
]


@pytest.mark.parametrize("which", ["sign-in", "register", "sign-out"])
def test_a_broken_form_is_refused_or_sent_back_never_a_500(anybody: Caller, which: str) -> None:
    for content, kind in BROKEN:
        headers = {"Origin": ORIGIN, "Content-Type": kind}
        answer = anybody.send("POST", f"/api/session/{which}", content=content, headers=headers)
        assert answer.status_code in (303, 400), (content, kind)
    assert sessions() == []
