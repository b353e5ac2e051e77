"""A customer in Razorpay's payment sheet and on the bank's page, as the sandbox serves them to a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import requests

from booking_ui.config.settings import SANDBOX_KEY_ID
from tests.unit.scenarios.steps import Booked, Scene

GOOD_CARD = "4100 2800 0000 1007"
CARD = {"method": "card", "number": GOOD_CARD, "expiry": "12/34", "cvv": "123", "name": "Asha Rao"}

_browser = requests.Session()
_browser.trust_env = False


@dataclass(frozen=True)
class Attempt:
    """A payment that the customer has begun and will end on the bank's page."""

    url: str
    payment_id: str
    token: str

    def answer(self, outcome: str, **more: str) -> dict[str, Any]:
        """End the payment on the bank's page (success, failure or cancel); returns what Checkout then tells our page."""
        path = f"checkout/payments/{self.payment_id}/answer"
        return _post(self.url, path, {"token": self.token, "outcome": outcome, **more})

    def way_back(self, callback: str) -> tuple[str, dict[str, str]]:
        """Address and fields of the form that brings the browser back to the shop."""
        query = {"callback_url": callback, "payment_id": self.payment_id, "token": self.token}
        page = _browser.get(f"{self.url}/v1/checkout/return", params=query, timeout=10).text
        action = re.search(r'<form[^>]*action="([^"]*)"', page)
        assert action, page
        fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
        return unescape(action[1]), {unescape(name): unescape(value) for name, value in fields}


def begin(scene: Scene, booked: Booked, **typed: str) -> Attempt:
    """Fill in the sheet, with a good card unless something else is typed, and press Pay."""
    given = {**CARD, **typed} if typed.get("method", "card") == "card" else typed
    body = {"key": SANDBOX_KEY_ID, "order_id": booked.order, **given}
    begun = _post(scene.sandbox, "checkout/payments", body)
    return Attempt(scene.sandbox, begun["payment_id"], begun["token"])


def _post(url: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = _browser.post(f"{url}/v1/{path}", json=body, timeout=10)
    assert answer.ok, answer.text
    found: dict[str, Any] = answer.json()
    return found
