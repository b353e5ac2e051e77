"""Razorpay's best-practice scenarios (BP-), each under its id; docs/booking-payments.md says where the others are."""

# ruff: noqa: N802  # the names begin with Razorpay's ids

from __future__ import annotations

import json
from typing import Any

from booking_ui.services.payments import downtimes, orders
from tests.support.cast import FEE
from tests.support.sandbox_control import ask, control
from tests.unit.scenarios.receiver import Receiver
from tests.unit.scenarios.steps import Booked, Event, Scene, one_letter_changed, signed

CONFIRMED = ("confirmed", "captured", FEE, 0)
WAITING = ("pending_payment", "pending", 0, 0)


def test_BP_01_the_browsers_result_is_lost_and_the_webhooks_alone_confirm(
    scene: Scene, receiver: Receiver
) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked, method="netbanking", bank="HDFC")
    scene.pass_time(seconds=5)
    assert receiver.answers == [200, 200, 200]
    assert scene.ending(booked) == WAITING
    scene.work()
    assert scene.ending(booked) == CONFIRMED
    assert scene.mails(booked) == ["confirmed"]
    assert [name for name, _, _ in scene.stored()] == ["payment.authorized", "payment.captured", "order.paid"]
    assert scene.payments(booked) == [("captured", True, 0)]
    assert scene.seen(booked).gateway_payment_id == paid["payment"]["id"]


def test_BP_02_a_genuine_checkout_result_is_accepted_and_one_changed_letter_is_not(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    handed = scene.pay(booked)["checkout"]
    for name in ("razorpay_signature", "razorpay_payment_id"):
        answer = scene.come_back({**handed, name: one_letter_changed(handed[name])})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    assert (scene.ending(booked), scene.attempts(booked)) == (WAITING, [])
    answer = scene.come_back(handed)
    assert (answer.status_code, answer.json()["data"]["reference"]) == (200, booked.reference)
    scene.work()
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])


def test_BP_03_a_processed_webhook_is_replayed_without_effect(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked)["payment"]["id"]
    scene.deliver_all(paid)
    scene.work()
    for event in scene.events(paid):
        answer = scene.deliver(event)
        assert (answer.status_code, answer.json()["data"]) == (200, {"new": False})
        answer = scene.deliver(event, event_id="ReplayedUnder1")  # an id of the replayer's choice
        assert (answer.status_code, answer.json()["data"]) == (200, {"new": True})
    scene.work()
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])
    assert [outcome for _, _, outcome in scene.stored()][3:] == ["ignored: nothing new"] * 3


def test_BP_04_an_endpoint_that_answers_500_for_a_while_is_tried_again_until_it_confirms_once(
    scene: Scene, receiver: Receiver
) -> None:
    booked = scene.book(scene.cast.asha)
    receiver.down = True
    paid = scene.pay(booked)["payment"]["id"]
    for seconds in (5, 7, 14, 22):  # Razorpay's ladder: +0.2, 6, 19, 40 s
        scene.pass_time(seconds=seconds)
    assert receiver.answers == [500] * len(receiver.answers)
    assert len(receiver.answers) >= 3 * 4
    assert scene.stored() == []
    receiver.down = False
    scene.pass_time(minutes=2)
    assert {state for e in _fates(scene, paid) for state in e} == {"acknowledged"}
    assert len(set(receiver.bodies)) == len(set(receiver.ids)) == 3
    scene.work()
    assert len(scene.stored()) == 3
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])


def _fates(scene: Scene, payment_id: str) -> list[list[str]]:
    """The states of the deliveries of each message about a payment."""
    told = control(scene.sandbox, f"events?subject={payment_id}", method="GET")
    return [[d["state"] for d in e["deliveries"]] for e in told]


def test_BP_05_webhook_never_arrives_and_the_question_confirms_once(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    scene.pay(booked)
    assert scene.question() == 0
    scene.pass_time(minutes=1)
    assert [scene.question(), scene.question()] == [1, 0]
    scene.work()
    assert scene.stored() == []
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])
    assert [a.source for a in scene.attempts(booked)] == ["question"]
    assert scene.bill(booked).next_check_at is None


def test_BP_06_a_failed_payment_that_succeeds_late_confirms_once_at_the_end(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked, "late_authorized", after=600)["payment"]["id"]
    scene.deliver_all(paid)
    scene.work()
    assert scene.ending(booked) == ("failed", "failed", 0, 0)
    assert scene.order(booked)["status"] == "attempted"
    scene.pass_time(minutes=10)
    names = [e.name for e in scene.events(paid)]
    assert names == ["payment.failed", "payment.authorized", "payment.captured", "order.paid"]
    scene.deliver_all(paid)
    scene.work()
    assert (scene.ending(booked), scene.order(booked)["status"]) == (CONFIRMED, "paid")
    assert [(a.gateway_payment_id, a.status.value) for a in scene.attempts(booked)] == [(paid, "captured")]
    assert scene.mails(booked) == ["confirmed", "payment_failed"]


def test_BP_07_an_order_whose_answer_was_lost_is_asked_for_again_and_exists_once(scene: Scene) -> None:
    control(scene.sandbox, "faults/http", {"kind": "drop", "method": "POST", "path": "/v1/orders"})
    asha = scene.caller(scene.cast.asha)
    answer = asha.post("/api/appointments/book", {"availabilityId": scene.cast.slots[0]})
    assert (answer.status_code, answer.json()["code"]) == (503, "gateway_unavailable")
    held = answer.json()["data"]["appointment"]
    assert (held["status"], held["gatewayOrderId"]) == ("pending_payment", None)
    again = asha.post("/api/payments/intent", {"appointmentId": held["appointmentId"]})
    assert again.status_code == 200
    made = ask(scene.sandbox, f"orders?receipt={held['reference']}")["items"]
    assert [o["id"] for o in made] == [again.json()["data"]["gatewayOrderId"]]


def test_BP_08_before_a_second_try_the_first_payment_is_asked_about_so_nothing_is_charged_twice(
    scene: Scene,
) -> None:
    booked = scene.book(scene.cast.asha)
    scene.pay(booked)  # the answer never reaches the page
    asha = scene.caller(booked.patient)
    shown = asha.get(f"/api/appointments/{booked.id}/status").json()["data"]
    assert (shown["status"], shown["paymentStatus"]) == ("confirmed", "captured")
    again = asha.post("/api/payments/intent", {"appointmentId": booked.id})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    scene.work()
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])
    assert scene.payments(booked) == [("captured", True, 0)]


def test_BP_10_events_that_come_late_and_out_of_order_lead_to_the_same_state(scene: Scene) -> None:
    first, second = scene.book(scene.cast.asha, 0), scene.book(scene.cast.bilal, 1)
    told = {b: scene.events(scene.pay(b, "late_authorized")["payment"]["id"]) for b in (first, second)}
    for event in told[first]:
        _arrives(scene, event)
    scene.pass_time(minutes=5)
    for event in reversed(told[second]):
        _arrives(scene, event)
    assert scene.ending(first) == scene.ending(second) == CONFIRMED
    assert [m for b in (first, second) for m in scene.mails(b) if m == "confirmed"] == ["confirmed"] * 2
    scene.pass_time(hours=20)
    for event in (*told[first], *reversed(told[second])):
        _arrives(scene, Event(f"L{event.id[1:]}", event.name, event.body))
    assert [_state(scene, b) for b in (first, second)] == [(CONFIRMED, ["captured"], "confirmed")] * 2


def _arrives(scene: Scene, event: Event) -> None:
    """Deliver one message and apply it."""
    assert scene.deliver(event).status_code == 200
    scene.work()


def _state(scene: Scene, booked: Booked) -> tuple[object, list[str], str]:
    return scene.ending(booked), [a.status.value for a in scene.attempts(booked)], scene.seen(booked).phase


def test_BP_11_the_answer_does_not_wait_for_the_work_and_a_resent_message_counts_once(
    scene: Scene, receiver: Receiver
) -> None:
    booked = scene.book(scene.cast.asha)
    receiver.moods += ["lost"]  # stored by us, but Razorpay gets no answer
    control(
        scene.sandbox, "faults/http", {"kind": "hang", "times": 0}
    )  # work done before the answer would hang on Razorpay's API
    control(scene.sandbox, "faults/webhooks", {"event": "payment.*", "drop": True, "times": 2})
    paid = scene.pay(booked)["payment"]["id"]
    scene.pass_time(seconds=5)
    scene.pass_time(seconds=10)
    (told,) = control(scene.sandbox, f"events?subject={paid}&event=order.paid", method="GET")
    tries = told["deliveries"][0]["attempts"]
    assert [t["outcome"] for t in tries][-1] == "200"
    assert len(tries) == len(receiver.bodies) == 2
    assert len(set(receiver.bodies)) == len(set(receiver.ids)) == 1
    assert max(t["ms"] for t in tries) < 5000
    assert scene.stored() == [("order.paid", "waiting", "")]
    assert scene.ending(booked) == WAITING
    scene.work()
    control(scene.sandbox, "faults", method="DELETE")
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])


def test_BP_12_a_refund_whose_answer_was_lost_is_sent_again_with_the_same_key_and_paid_once(
    scene: Scene,
) -> None:
    booked, paid = _confirmed(scene)
    control(scene.sandbox, "faults/http", {"kind": "drop", "method": "POST", "path": "/v1/payments/*/refund"})
    answer = scene.cancel(booked)
    assert (answer.status_code, answer.json()["data"]["paymentStatus"]) == (200, "refund_pending")
    scene.work()
    assert scene.refunds_at_razorpay(paid) == [
        ("processed", FEE)
    ]  # the refund was made; only its answer was lost
    scene.pass_time(minutes=2)
    scene.work()
    assert scene.ending(booked) == ("cancelled", "refunded", FEE, FEE)
    assert scene.refunds(booked) == [("processed", FEE, "cancelled")]
    assert scene.refunds_at_razorpay(paid) == [("processed", FEE)]
    assert scene.mails(booked) == ["cancelled", "confirmed", "refunded"]


def _confirmed(scene: Scene) -> tuple[Booked, str]:
    """A confirmed visit and its payment's id."""
    booked = scene.book(scene.cast.asha)
    paid: str = scene.pay(booked)["payment"]["id"]
    scene.deliver_all(paid)
    scene.work()
    assert scene.ending(booked) == CONFIRMED
    return booked, paid


SLOW = "UPI is slow at some banks right now. If a payment doesn't go through, try another way to pay."


def in_trouble(scene: Scene) -> dict[str, Any]:
    """Begin a downtime of UPI at one bank, at the time of both clocks."""
    scene.catch_up()
    started: dict[str, Any] = control(
        scene.sandbox, "downtimes", {"method": "upi", "instrument": {"vpa_handle": "okicici"}}
    )
    scene.pass_time(seconds=1)
    return started


def test_BP_17_a_message_about_a_downtime_is_told_at_checkout_until_it_is_resolved(scene: Scene) -> None:
    started = in_trouble(scene)
    scene.deliver_all(started["id"])
    scene.work()
    assert downtimes.notice(now=scene.now) == SLOW
    control(scene.sandbox, "downtimes", {"id": started["id"]})
    scene.deliver_all(started["id"])
    scene.work()
    assert downtimes.notice(now=scene.now) == ""
    assert [(name, outcome) for name, _, outcome in scene.stored()] == [
        ("payment.downtime.started", "applied: upi is in trouble"),
        ("payment.downtime.resolved", "applied: upi works again"),
    ]


def test_BP_36_downtimes_are_asked_for_and_a_failed_question_stops_no_payment(scene: Scene) -> None:
    started = in_trouble(scene)
    try:
        downtimes.refresh(now=scene.now)
        assert downtimes.notice(now=scene.now) == SLOW
        control(scene.sandbox, "faults/http", {"kind": "502", "path": "/v1/payments/downtimes"})
        scene.pass_time(minutes=5)
        downtimes.refresh(now=scene.now)
        assert downtimes.notice(now=scene.now) == SLOW
        booked = scene.book_slot(scene.cast.asha, scene.another_slot_in(days=1))
        scene.deliver_all(scene.pay(booked)["payment"]["id"])
        scene.work()
        assert scene.ending(booked) == CONFIRMED
    finally:
        control(scene.sandbox, "downtimes", {"id": started["id"]})
    scene.pass_time(minutes=5)
    downtimes.refresh(now=scene.now)
    assert downtimes.notice(now=scene.now) == ""


def test_BP_20_asking_again_and_again_changes_nothing_more(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked)["payment"]["id"]
    for _ in range(3):
        assert orders.ask(order_id=booked.order, now=scene.now)
        scene.work()
        assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])
    scene.cancel(booked)
    for _ in range(3):
        assert orders.ask(order_id=booked.order, now=scene.now)
        scene.work()
        assert scene.ending(booked) == ("cancelled", "refunded", FEE, FEE)
        assert scene.broken_promises() == []
    assert scene.mails(booked) == ["cancelled", "confirmed", "refunded"]
    assert scene.refunds_at_razorpay(paid) == [("processed", FEE)]


def test_BP_37_a_genuine_webhook_is_accepted_and_one_changed_byte_is_not(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked)["payment"]["id"]
    (captured,) = scene.events(paid, "payment.captured")
    tampered = Event(captured.id, captured.name, captured.body.replace(b'"fee":', b'"fee" :'))
    assert json.loads(tampered.body) == json.loads(captured.body)
    answer = scene.deliver(tampered, signature=signed(captured.body))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    assert (scene.stored(), scene.ending(booked)) == ([], WAITING)
    assert scene.deliver(captured).status_code == 200
    scene.work()
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])
