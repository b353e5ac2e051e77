"""Refusals in Razorpay's one error shape."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass
class Refusal(Exception):
    """An answer other than 200. `field` is only sent for validation."""

    description: str
    status: int = 400
    code: str = "BAD_REQUEST_ERROR"
    source: str | None = "business"
    step: str | None = "payment_initiation"
    reason: str | None = "input_validation_failed"
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)
    field: str | None = None

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "code": self.code,
            "description": self.description,
            "source": self.source,
            "step": self.step,
            "reason": self.reason,
            "metadata": self.metadata,
        }
        if self.field is not None:
            error["field"] = self.field
        return {"error": error}


class Unauthorized(Refusal):
    """The real API answers a wrong key with two fields only."""

    def __init__(self) -> None:
        super().__init__("Authentication failed", status=401)

    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "description": self.description}}


def invalid(description: str, name: str) -> Refusal:
    return Refusal(description, field=name)


def extra_fields(names: list[str]) -> Refusal:
    text = f"{', '.join(names)} is/are not required and should not be sent"
    return Refusal(text, reason="extra_field_sent")


def unknown_id() -> Refusal:
    return Refusal("The id provided does not exist")


def malformed_id(value: str) -> Refusal:
    return Refusal(f"{value} is not a valid id")


def unknown_url() -> Refusal:
    return Refusal("The requested URL was not found on the server.", source="NA", step="NA", reason="NA")


def conflict(description: str) -> Refusal:
    return Refusal(description, status=409, source="NA", step="NA", reason="NA")


def not_applicable(description: str) -> Refusal:
    """A rule of the payment's life was broken, not of the input."""
    return Refusal(description, source="NA", step="NA", reason="NA")
