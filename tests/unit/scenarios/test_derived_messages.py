"""D-: messages that come late, twice, out of order or not at all, and browsers that never come back."""

# ruff: noqa: N802  # the names begin with the scenarios' ids

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest

from booking_ui.services.payments import orders, webhook_inbox
from tests.support.cast import FEE
from tests.support.races import at_once
from tests.support.sandbox_control import pay
from tests.unit.scenarios.steps import Booked, Event, Scene, signed

CONFIRMED = ("confirmed", "captured", FEE, 0)
WAITING = ("pending_payment", "pending", 0, 0)


def is_confirmed_once(scene: Scene, booked: Booked, *earlier: str) -> None:
    """Asserts that the visit is confirmed, paid once here and at Razorpay, and confirmed by one mail besides the `earlier` ones."""
    scene.work()
    assert scene.ending(booked) == CONFIRMED
    assert scene.mails(booked) == sorted(["confirmed", *earlier])
    assert [p for p in scene.payments(booked) if p[1]] == [("captured", True, 0)]
    assert scene.refunds(booked) == []


def test_D_01_the_tab_is_closed_before_the_handler_and_one_message_confirms(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked, method="upi")["payment"]["id"]
    scene.deliver_all(paid, "payment.captured")
    is_confirmed_once(scene, booked)


def test_D_02_after_the_handler_the_page_says_checking_until_the_money_is_captured(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    done = scene.pay(booked, "authorized")
    assert scene.come_back(done["checkout"]).status_code == 200
    scene.work()
    assert (scene.seen(booked).phase, scene.seen(booked).headline) == ("checking", "Checking with your bank")
    assert scene.ending(booked) == ("pending_payment", "authorized", 0, 0)
    scene.capture(done["payment"]["id"])
    scene.deliver_all(done["payment"]["id"])
    is_confirmed_once(scene, booked)


def test_D_03_a_dismissed_checkout_leaves_hold_and_order_as_they_were(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    asha = scene.caller(booked.patient)
    before = scene.seen(booked)
    # The page asks this when Checkout is dismissed.
    asked = asha.get(f"/api/appointments/{booked.id}/status").json()["data"]
    assert (asked["status"], asked["paymentStatus"]) == ("pending_payment", "pending")
    assert scene.seen(booked) == before
    again = asha.post("/api/payments/intent", {"appointmentId": booked.id}).json()["data"]
    assert (again["gatewayOrderId"], before.can_pay) == (booked.order, True)
    scene.deliver_all(scene.pay(booked)["payment"]["id"])
    is_confirmed_once(scene, booked)


def test_D_04_a_upi_payment_that_failed_and_then_went_through_confirms_once(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked, "upi_retry")["payment"]["id"]
    scene.deliver_all(paid, "payment.failed")
    scene.work()
    assert scene.ending(booked) == ("failed", "failed", 0, 0)
    scene.deliver_all(paid)
    is_confirmed_once(scene, booked, "payment_failed")
    assert [(a.gateway_payment_id, a.status.value) for a in scene.attempts(booked)] == [(paid, "captured")]


def test_D_06_order_paid_before_captured_before_authorized_confirms_once(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked)["payment"]["id"]
    for event in reversed(scene.events(paid)):
        assert scene.deliver(event).status_code == 200
        scene.work()
        assert scene.ending(booked) == CONFIRMED
    assert [name for name, _, _ in scene.stored()] == ["order.paid", "payment.captured", "payment.authorized"]
    assert [a.status.value for a in scene.attempts(booked)] == ["captured"]
    is_confirmed_once(scene, booked)


def test_D_07_stale_messages_after_the_capture_take_nothing_back(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked, "late_authorized")["payment"]["id"]
    for name in ("payment.captured", "payment.failed", "payment.authorized"):
        scene.deliver_all(paid, name)
        scene.work()
        assert scene.ending(booked) == CONFIRMED
    assert [(a.status.value, a.error_reason) for a in scene.attempts(booked)] == [("captured", "")]
    assert scene.bill(booked).failure == ""
    is_confirmed_once(scene, booked)


def test_D_08_webhook_handler_and_question_at_the_same_instant_confirm_once(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    done = scene.pay(booked)
    (captured,) = scene.events(done["payment"]["id"], "payment.captured")
    together: list[Callable[[], object]] = [
        partial(scene.come_back, done["checkout"]),
        partial(webhook_inbox.handle, body=captured.body, now=scene.now),
        partial(orders.ask, order_id=booked.order, now=scene.now),
    ]
    results = at_once(together * 4)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert [r.status_code for r in results if hasattr(r, "status_code")] == [200] * 4
    is_confirmed_once(scene, booked)


def test_D_09_the_same_event_25_times_in_parallel_has_one_effect(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked)["payment"]["id"]
    (captured,) = scene.events(paid, "payment.captured")
    answers = at_once([partial(scene.deliver, captured)] * 25)
    assert [getattr(a, "status_code", a) for a in answers] == [200] * 25
    new = [a.json()["data"]["new"] for a in answers]  # type: ignore[attr-defined]  # each is an answer, see above
    assert (new.count(True), len(scene.stored())) == (1, 1)
    is_confirmed_once(scene, booked)


def test_D_10_an_unknown_order_an_unknown_event_and_missing_keys_are_all_taken(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    strangers = scene.order_of_another_shop(FEE)
    scene.deliver_all(pay(scene.sandbox, strangers)["payment"]["id"], "payment.captured")
    charged = json.dumps({"event": "subscription.charged", "payload": {}}).encode()
    assert scene.deliver(Event("evt_of_a_subscription", "subscription.charged", charged)).status_code == 200
    scene.work()
    assert (scene.ending(booked), scene.attempts(booked)) == (WAITING, [])
    (captured,) = scene.events(scene.pay(booked)["payment"]["id"], "payment.captured")
    body = json.loads(captured.body)
    needed = ("id", "order_id", "status", "amount", "currency")
    entity = {name: body["payload"]["payment"]["entity"][name] for name in needed}
    bare = json.dumps({"event": "payment.captured", "payload": {"payment": {"entity": entity}}}).encode()
    assert scene.deliver(Event(captured.id, captured.name, bare)).status_code == 200
    is_confirmed_once(scene, booked)
    assert [outcome for _, _, outcome in scene.stored()] == [
        "ignored: an order we do not know",
        "ignored: no use for subscription.charged",
        "applied: confirm",
    ]


@pytest.mark.parametrize("spelling", ["as the sandbox sends it", "with escaped letters"])
def test_D_11_a_body_that_would_not_survive_reserialising_is_accepted(scene: Scene, spelling: str) -> None:
    booked = scene.book(scene.cast.asha)
    (event,) = scene.events(scene.pay(booked)["payment"]["id"], "order.paid")
    assert b"\\/" in event.body
    assert "नमस्ते é".encode() in event.body
    if spelling == "with escaped letters":
        escaped = event.body.decode().encode("ascii", "backslashreplace").replace(b"\\xe9", b"\\u00e9")
        event = Event(event.id, event.name, escaped)
        assert b"\\u00e9" in event.body
    again = json.dumps(json.loads(event.body), separators=(",", ":"), ensure_ascii=False).encode()
    assert again != event.body
    assert scene.deliver(event, signature=signed(again)).status_code == 400
    assert scene.deliver(event).status_code == 200
    is_confirmed_once(scene, booked)


def test_D_16_another_bookings_genuine_payment_is_refused_for_this_one(scene: Scene) -> None:
    ashas, bilals = scene.book(scene.cast.asha, 0), scene.book(scene.cast.bilal, 1)
    done = scene.pay(bilals)
    for swapped in (
        {**done["checkout"], "razorpay_order_id": ashas.order},
        {**done["checkout"], "razorpay_order_id": "order_00000000000000"},
    ):
        assert scene.come_back(swapped).status_code == 400
    assert scene.come_back_to(ashas, done["checkout"]).headers["location"].endswith(f"/{ashas.reference}/")
    scene.work()
    assert [scene.ending(b) for b in (ashas, bilals)] == [WAITING] * 2
    assert [scene.attempts(b) for b in (ashas, bilals)] == [[], []]
    assert scene.come_back_to(bilals, done["checkout"]).status_code == 303
    is_confirmed_once(scene, bilals)
    assert (scene.ending(ashas), scene.mails(ashas)) == (WAITING, [])
