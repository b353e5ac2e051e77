"""Callers of the API over real HTTP semantics: the application itself, without a socket in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal
from httpx import Response
from sqlmodel import select

from booking_ui.api.app import api
from booking_ui.api.http.identity import now
from booking_ui.db.models import Appointment
from booking_ui.db.session import read
from booking_ui.edge.perimeter import Perimeter
from booking_ui.services.accounts import authentication
from tests.support.cast import NOW
from tests.support.sandbox_control import checkout_result

ORIGIN = "http://localhost:3000"
Json = dict[str, object]

# The fields of a booking.
APPOINTMENT = {
    "appointmentId", "reference", "status", "paymentStatus", "amount", "amountPaise", "doctorId", "doctorName",
    "speciality", "reason", "appointmentDate", "appointmentTime", "startsAt", "holdExpiresAt", "gatewayOrderId",
    "gatewayPaymentId", "paidAmount", "paidPaise", "refundedAmount", "refundedPaise",
    "dependentId", "patientName", "cancelRefundPaise", "cancelRefundUntil", "canReschedule",
}  # fmt: skip

BAD_IDS: tuple[object, ...] = (None, "1", 1.5, True, [], {}, 0, -1, 2**31, 2**63, 10**400, "", "\x00")


@dataclass
class Clock:
    """The API's clock; it stands still unless a test moves it."""

    now: datetime = NOW


@dataclass(frozen=True)
class Door:
    """The application behind a client with a cookie jar. Redirects are not followed; an unexpected error is an answer."""

    portal: BlockingPortal
    client: httpx.AsyncClient

    def request(self, method: str, path: str, **options: Any) -> Response:
        return self.portal.call(partial(self.client.request, method, path, **options))


@dataclass(frozen=True)
class Caller:
    """A client at the door, with a person's token or with none."""

    door: Door
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def cookies(self) -> httpx.Cookies:
        return self.door.client.cookies

    def send(self, method: str, path: str, **options: Any) -> Response:
        headers = {**self.headers, **options.pop("headers", {})}
        return self.door.request(method, path, headers=headers, **options)

    def get(self, path: str, **query: Any) -> Response:
        return self.send("GET", path, params=query)

    def post(self, path: str, body: object = None, **headers: str) -> Response:
        return self.send("POST", path, json=body, headers=headers)

    def form(self, path: str, fields: dict[str, str], **headers: str) -> Response:
        return self.send("POST", path, data=fields, headers={"Origin": ORIGIN, **headers})


@contextmanager
def standing_clock() -> Iterator[Clock]:
    """Let the API read its time from the clock that is yielded."""
    found = Clock()

    async def read_clock() -> datetime:
        return found.now

    api.dependency_overrides[now] = read_clock
    yield found
    api.dependency_overrides.clear()


@contextmanager
def opened(portal: BlockingPortal, *, perimeter: bool = False) -> Iterator[Door]:
    """A door with an empty cookie jar; behind the `perimeter`, as for people, or without it."""
    app = Perimeter(api, None) if perimeter else api
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
    yield Door(portal, client)
    portal.call(client.aclose)


def signed_in(door: Door, person_id: int, at: datetime = NOW) -> Caller:
    pair = authentication.issue_tokens(person_id=person_id, now=at)
    return Caller(door, {"Authorization": f"Bearer {pair.access_token}"})


def refusal(answer: Response) -> tuple[int, str]:
    """Status and code of an answer that refuses."""
    body = answer.json()
    assert body["success"] is False
    return answer.status_code, body["code"]


def claimed(who: Caller, slot_id: int, **more: object) -> Json:
    """Claim a slot; the booking that was answered."""
    answer = who.post("/api/appointments", {"availabilityId": slot_id, **more})
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()["data"]
    return found


def confirmed(who: Caller, slot_id: int, sandbox: str) -> Json:
    """Book a slot and pay it at the sandbox; the booking as its patient reads it."""
    booked = who.post("/api/appointments/book", {"availabilityId": slot_id}).json()["data"]
    sent = checkout_result(sandbox, booked["gatewayOrderId"])
    assert who.post("/api/appointments/payment-callback", sent).status_code == 200
    found: Json = who.get(f"/api/appointments/{booked['appointmentId']}").json()["data"]
    assert found["status"] == "confirmed"
    return found


def bookings() -> list[Appointment]:
    """Every booking there is."""
    with read() as tx:
        return list(tx.exec(select(Appointment)).all())


def sent_to(answer: Response) -> str:
    """Where a form was sent on to."""
    assert answer.status_code == 303
    return answer.headers["location"]
