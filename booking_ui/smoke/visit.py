"""A visitor with an HTTP client: requests, what they brought, and the ways in which a line of the checklist ends."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import requests

T = TypeVar("T")

PATIENCE = 20.0  # seconds a webhook may take from the gateway to the booking
PASSWORD = secrets.token_urlsafe(18)


class Failed(Exception):
    """A line does not hold; the text says what was seen."""


class NeedsPerson(Exception):
    """A program can't judge this line here; the text says why, or what to do."""


@dataclass(frozen=True)
class Answer:
    """A response; `body` is empty when it was no JSON object."""

    status: int
    body: dict[str, Any]
    headers: requests.structures.CaseInsensitiveDict[str]
    text: str

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))

    def expect(self, status: int, code: str = "") -> Answer:
        """Itself. Raises Failed when it is another answer."""
        if (self.status, self.code) != (status, code):
            seen = f"{self.status} {self.code}".strip()
            raise Failed(f"expected {f'{status} {code}'.strip()}, got {seen}: {self.body.get('message', '')}")
        return self


def must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


@dataclass
class Account:
    """An account that this walk opened."""

    email: str
    token: str
    refresh: str


@dataclass
class Visit:
    """One walk through a clinic; later lines use what earlier ones found."""

    base_url: str
    admin: tuple[str, str] | None = (
        None  # mail and password of a desk account; None: the demo's, when it signs in
    )
    mail: str = "smoke-{}@example.com"
    http: requests.Session = field(default_factory=requests.Session)
    mode: str = ""  # sandbox, test or live
    first_account: Account | None = None
    second_account: Account | None = None
    slot: dict[str, Any] | None = None
    booking: dict[str, Any] | None = None
    order: dict[str, Any] | None = None
    paid: bool = False

    def ask(
        self, method: str, path: str, who: Account | None = None, body: object = None, **options: Any
    ) -> Answer:
        headers = dict(options.pop("headers", {}))
        if who:
            headers["Authorization"] = f"Bearer {who.token}"
        answer = self.http.request(
            method, f"{self.base_url}{path}", json=body, headers=headers, timeout=30, **options
        )
        found = answer.json() if answer.headers.get("Content-Type", "").startswith("application/json") else {}
        return Answer(
            answer.status_code, found if isinstance(found, dict) else {}, answer.headers, answer.text
        )

    def open_account(self, name: str) -> Account:
        """A new patient's account. Raises Failed."""
        email = self.mail.format(secrets.token_hex(5))
        body = {"name": name, "email": email, "phone": "9876543210", "password": PASSWORD}
        pair = self.ask("POST", "/api/auth/register", body=body).expect(201).data
        return Account(email, pair["accessToken"], pair["refreshToken"])

    def shown(self) -> dict[str, Any]:
        """The booking as its patient reads it, without a question to Razorpay."""
        found: dict[str, Any] = (
            self.ask("GET", f"/api/appointments/{self.held['appointmentId']}", self.patient).expect(200).data
        )
        return found

    def slot_status(self) -> str:
        """The public status of this walk's slot: free, held, booked or gone."""
        slot = self.time
        path = f"/api/availability?doctorId={slot['doctorId']}&date={slot['date']}"
        offered = self.ask("GET", path).expect(200).data
        return next(
            (one["status"] for one in offered if one["availabilityId"] == slot["availabilityId"]), "gone"
        )

    @property
    def patient(self) -> Account:
        return _given(self.first_account, "S-08 (accounts)")

    @property
    def other(self) -> Account:
        return _given(self.second_account, "S-08 (accounts)")

    @property
    def time(self) -> dict[str, Any]:
        return _given(self.slot, "S-14 (slot)")

    @property
    def held(self) -> dict[str, Any]:
        return _given(self.booking, "S-15 (hold)")

    @property
    def ordered(self) -> dict[str, Any]:
        return _given(self.order, "S-16 (order)")

    def may_book(self) -> None:
        """Raises NeedsPerson with live keys: a walk must not take a slot from a real patient."""
        must(bool(self.mode), "skipped: S-02 (readiness) failed")
        if self.mode == "live":
            raise NeedsPerson("live keys: no slot is held here; book one visit by hand")

    def may_pay(self) -> None:
        """Raises NeedsPerson unless the sandbox can be told to pay."""
        self.may_book()
        if self.mode != "sandbox":
            raise NeedsPerson("real test keys: pay in a browser with a test card")

    def sandbox_pays(self, order: dict[str, Any], outcome: str) -> None:
        """Have the sandbox end a payment as a customer would. Raises NeedsPerson where it can't be reached."""
        url = f"{order['scriptUrl'].partition('/v1/')[0]}/_sandbox/orders/{order['gatewayOrderId']}/pay"
        try:
            answer = self.http.post(url, json={"outcome": outcome}, timeout=30)
        except requests.ConnectionError as exc:
            raise NeedsPerson("the sandbox listens only on its own machine: run this there") from exc
        must(answer.ok, f"the sandbox answered {answer.status_code}")


def _given(found: T | None, line: str) -> T:
    if found is None:
        raise Failed(f"skipped: {line} failed")
    return found


def soon(answer: Callable[[], bool], otherwise: str) -> float:
    """Seconds until the answer was yes. Raises Failed after PATIENCE."""
    begun = time.monotonic()
    while not answer():
        must(time.monotonic() - begun < PATIENCE, f"{otherwise} within {PATIENCE:g} s")
        time.sleep(0.25)
    return time.monotonic() - begun
