"""One id leads from a request through the log to the worker's lines and to the mail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Refund, WebhookEvent
from booking_ui.db.session import read, write
from booking_ui.edge import logs
from booking_ui.services.journal import request_ids
from booking_ui.services.mail import outbox
from booking_ui.services.payments import webhook_inbox
from booking_ui.services.refunds import send
from booking_ui.services.upkeep import delivery
from tests.support.api import Caller, Clock, opened, signed_in
from tests.support.cast import NOW, Cast
from tests.support.sandbox_control import checkout_result
from tests.support.webhooks import HOOK, body, signed

LATER = NOW + timedelta(minutes=1)
Line = dict[str, Any]


class Log:
    """The lines of JSON so far."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd
        self._said: list[Line] = []

    def lines(self) -> list[Line]:
        new = self._capfd.readouterr().err.splitlines()
        self._said += [json.loads(one) for one in new if one.startswith("{")]
        return self._said

    def of(self, request_id: str) -> list[tuple[str, str]]:
        """(event, job) of each line with this id; the job is empty outside the worker."""
        return [
            (one["event"], one.get("job", "")) for one in self.lines() if one.get("request_id") == request_id
        ]


@pytest.fixture
def log(capfd: pytest.CaptureFixture[str]) -> Iterator[Log]:
    logs.configure("json")
    yield Log(capfd)
    logs.configure("console")


@pytest.fixture
def anybody(portal: BlockingPortal, cast: Cast, clock: Clock) -> Iterator[Caller]:
    del cast, clock
    with opened(portal, perimeter=True) as door:
        yield Caller(door)


@pytest.fixture
def asha(anybody: Caller, cast: Cast) -> Caller:
    return signed_in(anybody.door, cast.asha)


@pytest.fixture(autouse=True)
def folder(configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The mails of a clinic without a mail server."""
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path / "mail"


def work() -> None:
    """One round of the worker."""
    for name, job in (
        ("webhooks", webhook_inbox.process_due),
        ("refunds", send.send_due),
        ("mails", delivery.deliver_due),
    ):
        with request_ids.known_by(f"job-of-{name}", job=name):
            job(now=LATER)


def mailed(folder: Path) -> dict[str, str]:
    """The subjects of the mails that left, each with its X-Request-ID."""
    found = [message_from_bytes(file.read_bytes()) for file in folder.glob("*.eml")]
    return {str(one["Subject"]).partition(":")[0]: str(one["X-Request-ID"]) for one in found}


def booked(asha: Caller, slot_id: int) -> Line:
    answer = asha.post("/api/appointments/book", {"availabilityId": slot_id})
    found: Line = answer.json()["data"]
    return found


def paid(asha: Caller, slot_id: int, sandbox: str, request_id: str) -> Line:
    booking = booked(asha, slot_id)
    sent = checkout_result(sandbox, booking["gatewayOrderId"])
    headers = {"X-Request-ID": request_id}
    assert asha.post("/api/appointments/payment-callback", sent, **headers).status_code == 200
    return booking


def test_a_payment_over_the_api_leads_to_the_lines_of_its_mail_and_to_the_mail(
    asha: Caller, cast: Cast, sandbox: str, log: Log, folder: Path
) -> None:
    paid(asha, cast.slots[0], sandbox, "proxy-0001")
    work()
    found = log.of("proxy-0001")
    assert found[-2:] == [("request", ""), ("message.sent", "mails")]
    assert ("message.due", "") in found
    assert list(mailed(folder).values()).count("proxy-0001") == 1


def test_a_webhook_leads_to_the_lines_of_the_worker_and_to_the_mail(
    anybody: Caller, asha: Caller, cast: Cast, sandbox: str, log: Log, folder: Path
) -> None:
    message = body("payment.captured", order_id=booked(asha, cast.slots[0])["gatewayOrderId"])
    headers = {"X-Razorpay-Signature": signed(message), "X-Request-ID": "hook-0001"}
    assert anybody.send("POST", HOOK, content=message, headers=headers).status_code == 200
    work()
    found = log.of("hook-0001")
    assert found[:2] == [("webhook.stored", ""), ("request", "")]
    assert found[2:4] == [("fact.applied", "webhooks"), ("message.due", "webhooks")]
    assert found[4:] == [("webhook.handled", "webhooks"), ("message.sent", "mails")]
    assert "hook-0001" in mailed(folder).values()
    with read() as tx:
        assert tx.exec(select(WebhookEvent.request_id)).all() == ["hook-0001"]
    assert sandbox


def test_a_cancellation_leads_to_the_lines_of_its_refund_and_to_the_mail_about_it(
    asha: Caller, cast: Cast, sandbox: str, log: Log, folder: Path
) -> None:
    booking = paid(asha, cast.slots[0], sandbox, "proxy-0002")
    path = f"/api/appointments/{booking['appointmentId']}/cancel"
    assert asha.post(path, **{"X-Request-ID": "proxy-0003"}).status_code == 200
    work()
    found = log.of("proxy-0003")
    assert ("refund.answered", "refunds") in found
    assert found[-1] == ("message.sent", "mails")
    assert "proxy-0003" in mailed(folder).values()
    with read() as tx:
        assert tx.exec(select(Refund.request_id)).all() == ["proxy-0003"]


def test_a_mail_of_no_request_has_the_id_of_the_run_that_sends_it_in_the_log_and_none_in_its_head(
    cast: Cast, log: Log, folder: Path
) -> None:
    with write() as tx:
        outbox.add_account_mail(
            tx, person_id=cast.asha, code_id=None, kind="password_changed", key="0", now=NOW
        )
    work()
    assert log.of("job-of-mails") == [("message.sent", "mails")]
    assert list(mailed(folder).values()) == ["None"]


def test_an_id_holds_inside_its_block_and_none_changes_nothing() -> None:
    assert request_ids.current() is None
    with request_ids.known_by("outer-id"):
        with request_ids.known_by(None, job="mails"):
            assert request_ids.current() == "outer-id"
        with request_ids.known_by("inner-id"):
            assert request_ids.current() == "inner-id"
        assert request_ids.current() == "outer-id"
    assert request_ids.current() is None


def test_no_line_of_a_day_names_the_patient_or_opens_anything(
    anybody: Caller, cast: Cast, sandbox: str, log: Log
) -> None:
    person = {
        "name": "Zubeida Q",
        "email": "zubeida@example.com",
        "phone": "9811122233",
        "password": "zub-Secret-77",
    }
    joined = anybody.post("/api/auth/register", person).json()["data"]
    zubeida = Caller(anybody.door, {"Authorization": f"Bearer {joined['accessToken']}"})
    booking = paid(zubeida, cast.slots[0], sandbox, "proxy-0004")
    zubeida.get("/api/appointments", q=person["email"], token=joined["refreshToken"])
    anybody.post("/api/auth/login", {"email": person["email"], "password": "wrong-77"})
    anybody.post("/api/auth/reset/request", {"email": person["email"]})
    zubeida.post(f"/api/appointments/{booking['appointmentId']}/cancel")
    work()
    found = log.lines()
    assert {"request", "message.due", "message.sent", "refund.answered"} <= {one["event"] for one in found}
    secrets = [
        *person.values(),
        "Zubeida",
        "zubeida",
        "98111",
        "wrong-77",
        joined["accessToken"],
        joined["refreshToken"],
    ]
    for one in found:
        assert [secret for secret in secrets if secret in json.dumps(one)] == [], one
    requests = [one for one in found if one["event"] == "request"]
    assert len({one["request_id"] for one in requests}) == len(requests)
