"""D-: requests that are let in or refused, and a database or a Razorpay that cannot be reached."""

# ruff: noqa: N802  # the names begin with the scenarios' ids

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from booking_ui.config.settings import SANDBOX_KEY_SECRET, SettingsError, load, settings
from booking_ui.db.session import Database, use
from booking_ui.gateways import razorpay
from tests.support.cast import FEE
from tests.support.sandbox_control import ask, control
from tests.support.servers import ROOT
from tests.unit.scenarios import checkout
from tests.unit.scenarios.receiver import Receiver
from tests.unit.scenarios.steps import CALLBACK, FROM_RAZORPAY, HOOK, Scene, signed

CONFIRMED = ("confirmed", "captured", FEE, 0)
WAITING = ("pending_payment", "pending", 0, 0)
ROTATED = "the secret after the rotation"


def test_D_12_every_wrong_signature_is_a_400_and_leaves_nothing(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    (captured,) = scene.events(scene.pay(booked)["payment"]["id"], "payment.captured")
    genuine = signed(captured.body)
    forged = (
        "", genuine.upper(), genuine[:-1], genuine + "0", signed(captured.body, SANDBOX_KEY_SECRET),
        signed(captured.body, ""), "sha256=" + genuine,
    )  # fmt: skip
    for signature in (None, *forged):
        answer = scene.deliver(captured, signature)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature"), signature
    for raw in ("é".encode() * 32, b"\xff" * 64):
        headers: dict[str, bytes | str] = {"X-Razorpay-Signature": raw, "X-Razorpay-Event-Id": captured.id}
        assert scene.anybody.send("POST", HOOK, content=captured.body, headers=headers).status_code == 400
    scene.work()
    assert (scene.stored(), scene.ending(booked)) == ([], WAITING)
    assert scene.deliver(captured).status_code == 200  # the forgeries did not use up the event's id
    scene.work()
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])


def test_D_13_after_a_rotation_old_retries_are_taken_in_the_grace_and_refused_after_it(
    scene: Scene, receiver: Receiver, configured: pytest.MonkeyPatch
) -> None:
    first, second = scene.book(scene.cast.asha, 0), scene.book(scene.cast.bilal, 1)
    receiver.down = True
    scene.pay(first)
    scene.pass_time(seconds=5)
    control(scene.sandbox, "webhooks/secret", {"secret": ROTATED})
    configured.setenv("RAZORPAY_WEBHOOK_SECRET", ROTATED)
    configured.setenv("RAZORPAY_WEBHOOK_SECRET_PREVIOUS", settings().webhook_secrets[0])
    settings.cache_clear()
    receiver.down = False
    scene.pass_time(seconds=30)  # retries carry the old secret's signature
    assert receiver.answers.count(200) == len(scene.stored()) == 3
    control(scene.sandbox, "faults/webhooks", {"signature": "old", "times": 3})
    configured.delenv("RAZORPAY_WEBHOOK_SECRET_PREVIOUS")
    settings.cache_clear()
    scene.pay(second)
    scene.pass_time(seconds=5)
    assert receiver.answers[-3:] == [400] * 3
    scene.work()
    assert [scene.ending(b) for b in (first, second)] == [CONFIRMED, WAITING]
    scene.pass_time(minutes=1)  # with a new signature, as by the dashboard's replay
    scene.work()
    assert receiver.answers[-3:] == [200] * 3
    assert [scene.ending(b) for b in (first, second)] == [CONFIRMED] * 2
    assert [scene.mails(b) for b in (first, second)] == [["confirmed"]] * 2


def test_D_14_a_database_that_is_down_makes_razorpay_send_it_again(
    scene: Scene, receiver: Receiver, db: Database
) -> None:
    booked = scene.book(scene.cast.asha)
    use(Database("sqlite:////nowhere/at/all.db"))
    scene.pay(booked)
    scene.pass_time(seconds=5)
    use(db)
    assert set(receiver.answers) == {503}
    assert (scene.stored(), scene.ending(booked)) == ([], WAITING)
    scene.pass_time(minutes=1)
    assert receiver.answers[-3:] == [200] * 3
    assert len(set(receiver.bodies)) == 3
    scene.work()
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])


FAILURES = {  # kind of fault → (status, code) of our answer
    "401": (502, "gateway_rejected"),
    "429": (503, "gateway_unavailable"),
    "500": (503, "gateway_unavailable"),
    "502": (503, "gateway_unavailable"),
    "reset": (503, "gateway_unavailable"),
    "drop": (503, "gateway_unavailable"),
    "hang": (503, "gateway_unavailable"),
}


def test_D_24_every_failure_of_the_api_is_named_is_short_and_leaves_the_hold(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(razorpay, "READ_SECONDS", 0.3)
    asha = scene.caller(scene.cast.asha)
    held = asha.post("/api/appointments", {"availabilityId": scene.cast.slots[0]}).json()["data"]
    for kind, expected in FAILURES.items():
        fault = {"kind": kind, "times": 0, "seconds": 60.0}
        control(scene.sandbox, "faults/http", fault)
        began = time.monotonic()
        answer = asha.post("/api/payments/intent", {"appointmentId": held["appointmentId"]})
        assert time.monotonic() - began < 30
        assert (answer.status_code, answer.json()["code"]) == expected, kind
        shown = asha.get(f"/api/appointments/{held['appointmentId']}").json()["data"]
        assert (shown["status"], shown["holdExpiresAt"]) == ("pending_payment", held["holdExpiresAt"])
        control(scene.sandbox, "faults", method="DELETE")
    again = asha.post("/api/payments/intent", {"appointmentId": held["appointmentId"]})
    assert again.status_code == 200
    made = ask(scene.sandbox, f"orders?receipt={held['reference']}")["items"]
    assert [o["id"] for o in made] == [again.json()["data"]["gatewayOrderId"]]


def test_D_25_the_banks_way_back_needs_no_cookie_and_counts_once(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    page = f"{settings().base_url}/appointment/{booked.reference}/"
    callback = f"{settings().base_url}{CALLBACK}?ref={booked.reference}"
    failed = checkout.begin(scene, booked)
    failed.answer("failure")
    _, fields = failed.way_back(callback)
    assert set(fields) >= {"error[code]", "error[reason]", "error[metadata]"}
    answer = scene.come_back_to(booked, fields)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert (scene.ending(booked), scene.attempts(booked)) == (
        WAITING,
        [],
    )  # an unsigned failure is not believed
    paid = checkout.begin(scene, booked)
    paid.answer("success")
    _, fields = paid.way_back(callback)
    for _ in range(3):  # the bank's page is refreshed
        assert not scene.anybody.cookies
        answer = scene.come_back_to(booked, fields)
        assert (answer.status_code, answer.headers["location"]) == (303, page)
        assert "set-cookie" not in answer.headers
        scene.work()
        assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])
    with_cookie = scene.anybody
    with_cookie.cookies.set("sid", "of-another-time")
    assert with_cookie.form(f"{CALLBACK}?ref={booked.reference}", fields, **FROM_RAZORPAY).status_code == 303
    assert scene.ending(booked) == CONFIRMED
    assert [a.status.value for a in scene.attempts(booked)] == ["captured"]


LIVE = {
    "razorpay_key_id": "rzp_live_1234567890abcd",
    "razorpay_key_secret": "the secret of the key",
    "razorpay_webhook_secret": "the secret of the webhook",
    "public_url": "https://clinic.example",
    "secret_key": "k" * 32,
    "support_phone": "+91 80 1234 5678",
    "support_hours": "",
}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({**LIVE, "demo": True}, "DEMO"),
        ({**LIVE, "razorpay_api_url": "http://127.0.0.1:3100"}, "RAZORPAY_API_URL"),
        ({**LIVE, "public_url": "http://clinic.example"}, "PUBLIC_URL"),
        ({**LIVE, "razorpay_webhook_secret": ""}, "RAZORPAY_WEBHOOK_SECRET"),
        (
            {**LIVE, "razorpay_key_id": "rzp_test_1234567890abcd", "secret_key": "", "demo": False},
            "SECRET_KEY",
        ),
    ],
)
def test_D_26_test_and_live_are_never_mixed_at_the_start(given: dict[str, object], named: str) -> None:
    assert (load(**LIVE).live, load(**LIVE).demo_mode) == (True, False)
    with pytest.raises(SettingsError, match=rf"^{named}\b.*\.$"):
        load(**given)


def test_D_26_the_sandbox_refuses_a_live_key() -> None:
    command = [
        sys.executable,
        "-m",
        "booking_ui",
        "sandbox",
        "--key-id",
        LIVE["razorpay_key_id"],
        "--port",
        "0",
    ]
    ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, timeout=30, check=False)
    assert ended.returncode == 2
