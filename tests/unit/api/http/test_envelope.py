"""Every answer of /api has one shape, whatever is asked and however badly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import APIRouter
from httpx import Response
from hypothesis import HealthCheck, given
from hypothesis import settings as pace
from hypothesis import strategies as st
from sqlmodel import select

from booking_ui.api.app import api
from booking_ui.api.http.envelope import Wire
from booking_ui.db.models import Appointment, Person
from booking_ui.db.session import read
from tests.support.api import Caller
from tests.support.cast import Cast


def code(answer: Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"success", "message", "data", "code"}
    assert (body["success"], body["data"]) == (False, None)
    assert body["message"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, body["code"]


@dataclass(frozen=True)
class _View:
    reference: str
    order: str
    count: int
    inner: str = "never shown"


class _Shape(Wire):
    reference: str
    order: str | None
    count: int | None
    amount_paise: int | None


@pytest.mark.parametrize(
    ("view", "paise", "wire"),
    [
        (_View("7KQ2MXRV", "order_1", 3), 500, {"reference": "7KQ2MXRV", "order": "order_1", "count": 3, "amountPaise": 500}),
        (_View("", "", 0), 0, {"reference": "", "order": None, "count": None, "amountPaise": 0}),
    ],
)  # fmt: skip
def test_a_view_travels_by_its_fields_names_and_empty_is_null_where_it_may_be(
    view: _View, paise: int, wire: dict[str, object]
) -> None:
    assert _Shape.of(view, amount_paise=paise).model_dump(by_alias=True) == wire


def test_a_field_that_the_view_does_not_have_is_our_mistake() -> None:
    with pytest.raises(AttributeError, match="amount_paise"):
        _Shape.of(_View("7KQ2MXRV", "order_1", 3))


UNKNOWN: list[str] = ["/api", "/api/", "/api/nothing", "/api/auth", "/api/doctors/1/", "/api/a/b/c", "/api//"]


def test_an_unknown_address_is_404(anybody: Caller) -> None:
    for path in UNKNOWN:
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            assert code(anybody.send(method, path)) == (404, "not_found")


NOT_TAKEN: list[tuple[str, str, str]] = [
    ("GET", "/api/auth/login", "POST, OPTIONS"),
    ("DELETE", "/api/doctors", "GET, HEAD, OPTIONS"),
    ("PUT", "/api/appointments", "GET, POST, HEAD, OPTIONS"),
    ("PATCH", "/api/appointments/1", "GET, HEAD, OPTIONS"),
    ("GET", "/api/appointments/1/cancel", "POST, OPTIONS"),
    ("POST", "/api/health", "GET, HEAD, OPTIONS"),
    ("TRACE", "/api/appointments/book", "POST, OPTIONS"),
    ("PROPFIND", "/api/doctors", "GET, HEAD, OPTIONS"),
    ("HEAD", "/api/appointments/book", "POST, OPTIONS"),
]


def test_a_method_that_is_not_taken_is_405_and_says_which_are(anybody: Caller) -> None:
    for method, path, allow in NOT_TAKEN:
        answer = anybody.send(method, path)
        assert answer.status_code == 405
        assert answer.headers["allow"] == allow
        assert method == "HEAD" or code(answer) == (405, "method_not_allowed")


def test_head_is_get_without_the_body(anybody: Caller) -> None:
    for path in ("/api/health", "/api/doctors", "/api/appointments", "/api/nothing", "/api/openapi.json"):
        whole, head = anybody.send("GET", path), anybody.send("HEAD", path)
        assert (head.status_code, head.content) == (whole.status_code, b""), path
        assert dict(head.headers) == dict(whole.headers), path


def test_options_says_what_may_be_asked(anybody: Caller) -> None:
    answer = anybody.send("OPTIONS", "/api/appointments")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, POST, HEAD, OPTIONS"


UNREADABLE: list[bytes] = [
    b"",
    b"{",
    b"\xff\xfe",
    b"{'a': 1}",
    b"[" * 200_000,
    b"1" * 5000,
    b"NaN",
    b'"\\ud800"',
]


def test_a_body_that_cannot_be_read_is_refused(anybody: Caller) -> None:
    for content in UNREADABLE:
        answer = anybody.send(
            "POST", "/api/auth/login", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.json()["success"] is False
        assert (answer.status_code, answer.json()["code"]) in {(400, "bad_request"), (422, "validation")}, (
            content
        )


def test_json_under_another_name_is_not_read(anybody: Caller) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        headers = {"Content-Type": kind}
        content = b'{"email": "asha@example.com", "password": "12345678"}'
        assert anybody.send("POST", "/api/auth/login", content=content, headers=headers).status_code == 422


def test_a_body_that_is_too_large_is_413_at_every_door(anybody: Caller) -> None:
    for path in ("/api/auth/login", "/api/appointments", "/api/session/sign-in", "/api/nothing"):
        answer = anybody.send("POST", path, content=b"x" * (256 * 1024 + 1))
        assert code(answer) == (413, "too_large")
        assert answer.headers["Connection"] == "close"


def test_a_body_that_grows_too_large_is_413(anybody: Caller) -> None:
    async def growing() -> Any:
        for _ in range(10):
            yield b" " * 2**16

    for kind in ("application/json", "application/x-www-form-urlencoded"):
        headers = {"Content-Type": kind}
        answer = anybody.send("POST", "/api/auth/login", content=growing(), headers=headers)
        assert code(answer) == (413, "too_large")
        assert answer.headers["Connection"] == "close"


@pytest.fixture
def breaking() -> Iterator[None]:
    """A route with a mistake of ours in it."""
    router = APIRouter()

    @router.get("/api/broken")
    async def broken() -> None:
        raise RuntimeError("the password of the database is hunter2")

    routes = list(api.router.routes)
    api.include_router(router)
    api.router.routes.insert(0, api.router.routes.pop())
    yield
    api.router.routes[:] = routes


def test_a_mistake_of_ours_says_nothing_about_itself(anybody: Caller, breaking: None) -> None:
    answer = anybody.get("/api/broken")
    assert code(answer) == (500, "internal")
    assert answer.json()["message"] == "Something went wrong on our side. Please try again in a moment."
    assert "hunter2" not in answer.text


def test_no_answer_may_be_kept_by_a_cache(asha: Caller, anybody: Caller, cast: Cast) -> None:
    for answer in (
        anybody.get("/api/health"),
        anybody.get("/api/docs"),
        anybody.get("/api/openapi.json"),
        asha.get("/api/appointments"),
        asha.post("/api/appointments", {"availabilityId": cast.slots[0]}),
        anybody.form("/api/session/sign-out", {}),
    ):
        assert answer.headers["cache-control"] == "no-store"


def test_another_sites_page_may_not_read_the_answers(anybody: Caller) -> None:
    answer = anybody.send("GET", "/api/doctors", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def people_and_bookings() -> tuple[int, int]:
    with read() as tx:
        return len(tx.exec(select(Person)).all()), len(tx.exec(select(Appointment)).all())


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "availabilityId", "appointmentId", "reason", "email", "password", "name", "phone", "refreshToken", "status",
    "reference", "razorpay_order_id", "razorpay_payment_id", "razorpay_signature",
)  # fmt: skip
DOORS = (
    "/api/auth/register",
    "/api/auth/login",
    "/api/auth/refresh",
    "/api/auth/logout",
    "/api/appointments",
    "/api/appointments/book",
    "/api/payments/intent",
    "/api/appointments/payment-callback",
    "/api/appointments/1/cancel",
    "/api/admin/payments/1/mark",
)


@pace(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(door=st.sampled_from(DOORS), body=JSON | st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=13))
def test_no_body_makes_a_500(asha: Caller, devi: Caller, dead_gateway: str, door: str, body: object) -> None:
    who = devi if "/admin/" in door else asha
    answer = who.post(door, body)
    assert answer.status_code in (200, 400, 401, 404, 409, 422), (door, body, answer.text)
    assert set(answer.json()) >= {"success", "message", "data"}


ADDRESSES = (
    "/api/doctors",
    "/api/availability",
    "/api/appointments",
    "/api/admin/appointments",
)
QUERIES = (
    "q", "speciality", "city", "language", "maxFee", "sort", "doctorId", "date", "from", "days", "when", "status",
    "dateFrom", "dateTo", "page", "pageSize",
)  # fmt: skip
ODD = st.text(st.characters(codec="utf-8"), max_size=20) | st.integers().map(str) | st.dates().map(str)


@pace(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(address=st.sampled_from(ADDRESSES), query=st.dictionaries(st.sampled_from(QUERIES), ODD, max_size=6))
def test_no_question_makes_a_500(asha: Caller, devi: Caller, address: str, query: dict[str, str]) -> None:
    who = devi if "/admin/" in address else asha
    answer = who.get(address, **query)
    assert answer.status_code in (200, 404, 422), (address, query, answer.text)


def test_after_all_that_nobody_was_added(anybody: Caller, cast: Cast) -> None:
    before = people_and_bookings()
    for door in DOORS:
        assert anybody.post(door, {}).status_code in (400, 401, 422)
    assert people_and_bookings() == before
