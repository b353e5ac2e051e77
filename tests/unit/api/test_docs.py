"""The description of the API: complete, and useful without any other page."""

from __future__ import annotations

import re
from typing import Any

from booking_ui.api.app import api
from tests.unit.api.conftest import Caller

ROUTES = {
    "POST /api/auth/register", "POST /api/auth/login", "POST /api/auth/refresh", "POST /api/auth/logout",
    "GET /api/doctors", "GET /api/doctors/{doctor_id}", "GET /api/availability",
    "POST /api/appointments", "GET /api/appointments", "GET /api/appointments/{appointment_id}",
    "GET /api/appointments/{appointment_id}/status", "POST /api/appointments/{appointment_id}/cancel",
    "POST /api/appointments/{appointment_id}/reschedule", "GET /api/dependents", "POST /api/dependents",
    "PATCH /api/dependents/{dependent_id}", "DELETE /api/dependents/{dependent_id}",
    "POST /api/admin/appointments/{appointment_id}/cancel", "POST /api/appointments/book", "POST /api/payments/intent", "POST /api/appointments/payment-callback",
    "POST /api/appointments/razorpay-webhook", "GET /api/admin/appointments",
    "POST /api/admin/payments/{payment_id}/mark", "GET /api/admin/webhook-events",
    "POST /api/admin/webhook-events/{webhook_event_id}/replay", "GET /api/health", "GET /api/ready",
}  # fmt: skip
OPEN = {
    "POST /api/auth/register", "POST /api/auth/login", "POST /api/auth/refresh", "POST /api/auth/logout",
    "GET /api/doctors", "GET /api/doctors/{doctor_id}", "GET /api/availability", "GET /api/health", "GET /api/ready",
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
