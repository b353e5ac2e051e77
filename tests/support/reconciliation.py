"""Comparing with a Razorpay whose answers a test spoils."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from booking_ui.services.cases import reconciliation_cases
from tests.support.sandbox_control import control


def afterwards(url: str) -> datetime:
    """An instant by which the sandbox's lists have caught up."""
    now = control(url, "clock", method="GET")["now"]
    return datetime.fromtimestamp(now, UTC) + timedelta(minutes=11)


def kinds() -> list[str]:
    """The titles of the open cases."""
    return [case.title for case in reconciliation_cases.open_cases()]


def spoil(url: str, kind: str, path: str) -> None:
    """Spoil every answer to a question under this path."""
    control(url, "faults/http", {"kind": kind, "method": "GET", "path": path, "times": 0})
