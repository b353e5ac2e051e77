"""The description of the API: complete, and useful without any other page."""

from __future__ import annotations

import re
from typing import Any

from booking_ui.api.app import api
from booking_ui.commands import api_docs
from booking_ui.domain import errors
from booking_ui.domain.errors import BookingError
from tests.support.api import Caller

ROUTES = {
    "POST /api/auth/register", "POST /api/auth/login", "POST /api/auth/refresh", "POST /api/auth/logout",
    "POST /api/auth/verify", "POST /api/auth/reset/request", "POST /api/auth/reset", "POST /api/auth/code/request",
    "POST /api/auth/code", "POST /api/auth/verify/send", "POST /api/auth/password",
    "POST /api/auth/logout/everywhere", "PATCH /api/auth/me", "POST /api/auth/me/erase",
    "POST /api/auth/phone", "POST /api/auth/phone/verify", "POST /api/auth/me/phone", "POST /api/auth/me/phone/verify",
    "POST /api/auth/me/email", "POST /api/auth/me/email/verify", "POST /api/auth/me/erase/code",
    "POST /api/appointments/{appointment_id}/end-links", "GET /api/appointments/{appointment_id}/receipts",
    "GET /api/doctors", "GET /api/doctors/suggestions", "GET /api/doctors/{doctor_id}", "GET /api/availability",
    "POST /api/appointments", "GET /api/appointments", "GET /api/appointments/{appointment_id}",
    "GET /api/appointments/{appointment_id}/status", "POST /api/appointments/{appointment_id}/cancel",
    "POST /api/appointments/{appointment_id}/reschedule", "POST /api/appointments/{appointment_id}/try-again",
    "POST /api/appointments/{appointment_id}/let-go", "GET /api/dependents", "POST /api/dependents",
    "PATCH /api/dependents/{dependent_id}", "DELETE /api/dependents/{dependent_id}",
    "POST /api/admin/appointments/{appointment_id}/cancel", "POST /api/appointments/book", "POST /api/payments/intent", "POST /api/appointments/payment-callback",
    "POST /api/appointments/razorpay-webhook", "GET /api/admin/appointments", "POST /api/admin/appointments",
    "POST /api/admin/appointments/{appointment_id}/refund", "POST /api/admin/appointments/{appointment_id}/ask",
    "POST /api/admin/payments/{payment_id}/mark", "GET /api/admin/webhook-events",
    "POST /api/admin/webhook-events/{webhook_event_id}/replay", "GET /api/health", "GET /api/ready",
    "GET /api/admin/messages", "POST /api/admin/messages/{message_id}/send", "GET /api/admin/payouts/summary", "GET /api/admin/audit", "POST /api/admin/appointments/{appointment_id}/conclude",
}  # fmt: skip
OPEN = {
    "POST /api/auth/register", "POST /api/auth/login", "POST /api/auth/refresh", "POST /api/auth/logout",
    "POST /api/auth/verify", "POST /api/auth/reset/request", "POST /api/auth/reset", "POST /api/auth/code/request",
    "POST /api/auth/code", "POST /api/auth/phone", "POST /api/auth/phone/verify",
    "GET /api/doctors", "GET /api/doctors/suggestions", "GET /api/doctors/{doctor_id}",
    "GET /api/availability", "GET /api/health", "GET /api/ready",
    "POST /api/appointments/payment-callback", "POST /api/appointments/razorpay-webhook",
}  # fmt: skip


def operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in api.openapi()["paths"].items()
        for method, operation in methods.items()
    }


def test_every_route_is_described_and_none_more() -> None:
    assert set(operations()) == ROUTES


def test_every_route_but_the_open_ones_wants_a_token() -> None:
    wanting = {
        name for name, operation in operations().items() if operation.get("security") == [{"bearerAuth": []}]
    }
    assert wanting == ROUTES - OPEN


def test_every_route_says_what_it_answers_and_how_it_refuses() -> None:
    for name, operation in operations().items():
        statuses = operation["responses"]
        success = next(answer for status, answer in statuses.items() if status.startswith("2"))
        assert success["content"]["application/json"]["schema"]["$ref"].startswith(
            "#/components/schemas/Envelope"
        ), name
        assert "422" not in statuses, name  # FastAPI's own error shape is not ours


def test_every_route_has_an_example_of_its_body_and_its_answer() -> None:
    for name, operation in operations().items():
        bodies = operation.get("requestBody", {}).get("content", {}).values()
        success = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        answer = success["content"]["application/json"]["example"]
        assert all(content["example"] for content in bodies), name
        assert answer["success"] is True, name
        assert set(answer) >= {"success", "message", "data"}, name


def test_what_changes_something_takes_a_key_and_what_gives_tokens_does_not() -> None:
    takes = {
        name
        for name, operation in operations().items()
        if "Idempotency-Key" in [one["name"] for one in operation.get("parameters", [])]
    }
    without = {f"POST /api/auth/{name}" for name in ("login", "refresh", "code", "phone/verify")}
    without.add("POST /api/appointments/razorpay-webhook")
    assert takes == {name for name in ROUTES if not name.startswith("GET")} - without


def test_every_error_that_can_be_raised_stands_in_the_table_with_its_meaning() -> None:
    listed = {row["code"]: (row["status"], row["meaning"]) for row in api.openapi()["x-error-codes"]}
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, BookingError)]
    sent = {one.code: one.status for one in kinds} | {
        "bad_request": 400, "method_not_allowed": 405, "internal": 500, "not_stored": 503, "not_ready": 503,
    }  # fmt: skip
    del sent["refused"], sent["gateway_error"]
    del sent["changed_meanwhile"], sent["last_admin"]  # the desk's pages and the terminal have no route
    assert {code: status for code, (status, _) in listed.items()} == sent
    assert all(re.fullmatch(r"[A-Z`][^\n]+\.", meaning) for _, meaning in listed.values()), listed


def test_the_page_in_docs_is_the_one_that_make_api_docs_writes() -> None:
    page = api_docs.PAGE.read_text()
    assert page == api_docs.written(page), "run `make api-docs`"


def test_every_name_that_travels_is_camel_case_but_razorpays_own() -> None:
    schemas = api.openapi()["components"]["schemas"]
    names = {field for schema in schemas.values() for field in schema.get("properties", {})}
    assert {name for name in names if not re.fullmatch(r"[a-z][A-Za-z]*", name)} == set()


def test_the_page_for_people_names_every_route_and_loads_nothing(anybody: Caller) -> None:
    answer = anybody.get("/api/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for name in ROUTES:
        assert f"<code>{name}</code>" in answer.text
    assert "<script" not in answer.text
    assert "src=" not in answer.text
    assert set(re.findall(r'href="([^"]+)"', answer.text)) == {"/api/openapi.json"}


def test_the_description_for_machines_is_where_it_is_said_to_be(anybody: Caller) -> None:
    assert anybody.get("/api/openapi.json").json() == api.openapi()
