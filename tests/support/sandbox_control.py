"""Talk to the sandbox's control API as a test's hand."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from booking_ui.config.settings import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET, settings
from booking_ui.gateways.razorpay import use as use_gateway

_direct = requests.Session()
_direct.trust_env = False  # a test that sets a proxy must still reach the sandbox


def control(url: str, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
    answer = _direct.request(method, f"{url}/_sandbox/{path}", json=body or {}, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def pay(url: str, order_id: str, outcome: str = "success", **more: Any) -> dict[str, Any]:
    """Pay an order as a customer would; `checkout` is what the page's handler is given."""
    answer: dict[str, Any] = control(url, f"orders/{order_id}/pay", {"outcome": outcome, **more})
    return answer


def capture_now(url: str) -> None:
    """Let the seconds between authorization and capture pass."""
    control(url, "clock/advance", {"seconds": 5})


def ask(url: str, path: str) -> Any:
    return _direct.get(f"{url}/v1/{path}", auth=(SANDBOX_KEY_ID, SANDBOX_KEY_SECRET), timeout=10).json()


def point_gateway_at(url: str, environment: pytest.MonkeyPatch) -> None:
    """From now on the clinic asks this address for Razorpay."""
    environment.setenv("RAZORPAY_API_URL", url)
    settings.cache_clear()
    use_gateway(None)


def checkout_result(url: str, order_id: str, **script: object) -> dict[str, str]:
    """Pay an order as a customer would; the fields that Razorpay's page hands to ours."""
    found: dict[str, str] = control(url, f"orders/{order_id}/pay", dict(script))["checkout"]
    return found


@contextmanager
def a_silent_gateway(environment: pytest.MonkeyPatch) -> Iterator[Callable[[], bool]]:
    """From now on Razorpay takes every call and never answers; yields whether anybody has called it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)

        def called() -> bool:
            try:
                server.accept()[0].close()
            except BlockingIOError:
                return False
            return True

        point_gateway_at(f"http://127.0.0.1:{server.getsockname()[1]}", environment)
        yield called
