"""The OpenAPI document: FastAPI's own, completed by keys, limits, examples and the table of error codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from booking_ui.api.http import conditional, idempotency
from booking_ui.domain.errors import BookingError

Schema = dict[str, Any]

# Refusals that no service raises: routes and middleware make them.
MADE_HERE: dict[str, tuple[int, str]] = {
    "bad_request": (400, "The body can't be read."),
    "method_not_allowed": (405, "The `Allow` header says which methods are taken."),
    "internal": (500, "Our mistake, and in our log."),
    "not_stored": (503, "The webhook could not be stored: Razorpay sends it again."),
    "not_ready": (503, "`data` says what is missing."),
}
_NEVER_SENT = {"refused", "gateway_error"}  # bases of the others
_ELSEWHERE = {
    "changed_meanwhile",
    "last_admin",
}  # raised to the desk's pages and the terminal, never over the API

_KEY: Schema = {
    "name": idempotency.HEADER,
    "in": "header",
    "required": False,
    "description": "A new one for each request you mean, such as a UUID. Sent again within 24 hours with the same body, it "
    f"gives the same answer with `{idempotency.REPLAYED}: true` and does nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]{1,200}$"},
    "example": "5f0c1a52-7d5e-4c0e-9c1c-3a4b7f1f6d20",
}
_TAG: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the answer you have: 304 when nothing changed.",
    "schema": {"type": "string"},
}
_TOO_OFTEN: Schema = {
    "description": "`rate_limited`: wait for `Retry-After` seconds.",
    "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}},
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe(api: FastAPI) -> Schema:
    if api.openapi_schema is None:
        made = get_openapi(
            title=api.title, version=api.version, description=api.description, routes=api.routes
        )
        made["x-error-codes"] = [
            {"status": status, "code": code, "meaning": meaning} for status, code, meaning in codes()
        ]
        for path, method, operation in operations(made):
            _complete(operation, method, path, made)
        api.openapi_schema = made
    return api.openapi_schema


def operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def codes() -> list[tuple[int, str, str]]:
    """(status, code, meaning) of every refusal, by status: from the docstrings of domain/errors.py, and those made here."""
    found = {code: (status, code, meaning) for code, (status, meaning) in MADE_HERE.items()}
    for kind in _kinds(BookingError):
        found.setdefault(kind.code, (kind.status, kind.code, kind.__doc__ or kind.message))
    return sorted(found[code] for code in found if code not in _NEVER_SENT | _ELSEWHERE)


def _kinds(parent: type[BookingError]) -> Iterator[type[BookingError]]:
    for child in parent.__subclasses__():
        if child.__module__ == BookingError.__module__:
            yield child
            yield from _kinds(child)


def _complete(operation: Schema, method: str, path: str, document: Schema) -> None:
    answers = operation["responses"]
    if idempotency.applies(method, path):
        operation.setdefault("parameters", []).append(_KEY)
    if conditional.applies(path, method):
        operation.setdefault("parameters", []).append(_TAG)
        answers["304"] = {"description": "Nothing changed since the answer with that `ETag`."}
    answers["429"] = _TOO_OFTEN
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content.setdefault("example", example(content["schema"], document))
    for status, answer in answers.items():
        for content in answer.get("content", {}).values() if status.startswith("2") else ():
            content.setdefault("example", example(content["schema"], document))


def example(schema: Schema, document: Schema, name: str = "") -> Any:
    """An example value: the schema's own, else one made of its parts."""
    if "$ref" in schema:
        key = schema["$ref"].rpartition("/")[2]
        return example(document["components"]["schemas"][key], document, name)
    for written in ("example", "const", "default"):
        if schema.get(written) is not None:
            return schema[written]
    if schema.get("examples"):
        return schema["examples"][0]
    return _made(schema, document, name)


def _made(schema: Schema, document: Schema, name: str) -> Any:
    if choices := schema.get("anyOf") or schema.get("allOf"):
        return example(choices[0], document, name)
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {}).items()
        return {field: example(one, document, field) for field, one in properties}
    if kind == "array":
        return [example(schema["items"], document, name)]
    return {"integer": 1, "number": 1.0, "boolean": True, "null": None}.get(str(kind), WORDS.get(name, "…"))


# The example of a field, by its name, when its schema gives none.
WORDS = {
    "message": "Done.",
    "name": "Dr Chandra Rao",
    "doctorName": "Dr Chandra Rao",
    "patientName": "Asha Rao",
    "patientEmail": "asha@example.com",
    "patientPhone": "+919876543210",
    "email": "asha@example.com",
    "phone": "9876543210",
    "speciality": "Cardiologist",
    "slug": "dr-chandra-rao",
    "reference": "7KQ2MXRV",
    "reason": "Palpitations",
    "qualifications": "MBBS, MD",
    "languages": "Hindi",
    "city": "Bengaluru",
    "area": "Indiranagar",
    "address": "12, 100 Feet Road",
    "about": "Sees adults with heart trouble.",
    "accessToken": "eyJhbGciOiJIUzI1NiJ9.…",
    "refreshToken": "kR3v…",
    "keyId": "rzp_test_…",
    "scriptUrl": "https://checkout.razorpay.com/v1/checkout.js",
    "statusUrl": "https://clinic.example/appointment/7KQ2MXRV/",
    "status": "confirmed",
    "paymentStatus": "captured",
    "date": "2026-11-24",
    "time": "10:30 am",
    "startsAt": "2026-11-24T05:00:00Z",
    "holdExpiresAt": "2026-11-24T05:00:00Z",
    "gatewayOrderId": "order_QXYZabc1234567",
    "gatewayPaymentId": "pay_QXYZabc1234567",
    "razorpay_order_id": "order_QXYZabc1234567",
    "razorpay_payment_id": "pay_QXYZabc1234567",
    "razorpay_signature": "9f2c…64 hexadecimal digits",
}
