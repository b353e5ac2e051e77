"""Razorpay's order and refund scenarios (ORD-, RFND-) and the must-haves of its cards page, each under its id."""

# ruff: noqa: N802  # the names begin with Razorpay's ids

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from booking_ui.config.settings import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET
from booking_ui.domain.errors import GatewayRejected
from booking_ui.gateways import razorpay
from booking_ui.gateways.razorpay import Razorpay, gateway
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.payments import orders, settlements
from tests.support.cast import FEE
from tests.support.sandbox_control import ask, control
from tests.unit.scenarios import checkout
from tests.unit.scenarios.steps import CALLBACK, FROM_RAZORPAY, Scene, one_letter_changed

CONFIRMED = ("confirmed", "captured", FEE, 0)
WAITING = ("pending_payment", "pending", 0, 0)
SHAPE = ["code", "description", "source", "step", "reason", "metadata"]


def money(order: dict[str, Any]) -> tuple[str, int, int, int, int]:
    return order["status"], order["amount"], order["amount_paid"], order["amount_due"], order["attempts"]


def test_ORD_01_a_new_order_has_everything_due_and_no_attempts(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    assert money(scene.order(booked)) == ("created", FEE, 0, FEE, 0)
    assert scene.bill(booked).gateway_order_id == booked.order


def test_ORD_02_an_order_goes_from_created_to_attempted_to_paid(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked, "unanswered")["payment"]["id"]
    assert money(scene.order(booked)) == ("attempted", FEE, 0, FEE, 1)
    control(scene.sandbox, f"payments/{paid}/authorize")
    assert money(scene.order(booked)) == ("paid", FEE, FEE, 0, 1)
    scene.deliver_all(paid)
    scene.work()
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])


def test_ORD_03_after_a_failed_attempt_a_second_one_pays_the_same_order(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    for outcome, ending in (("card_declined", ("failed", "failed", 0, 0)), ("success", CONFIRMED)):
        paid = scene.pay(booked, outcome)["payment"]["id"]
        scene.deliver_all(paid)
        scene.work()
        assert scene.ending(booked) == ending
        if ending[0] == "failed":
            scene.try_again(booked)
    assert money(scene.order(booked)) == ("paid", FEE, FEE, 0, 2)
    assert [a.status.value for a in scene.attempts(booked)] == ["failed", "captured"]
    assert scene.mails(booked) == ["confirmed", "payment_failed"]


def test_ORD_04_the_signature_of_a_checkout_result_is_right_or_the_result_is_refused(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    handed = scene.pay(booked)["checkout"]
    result = {name.removeprefix("razorpay_"): value for name, value in handed.items()}
    assert gateway().signed_return(**result)
    for name, value in result.items():
        assert not gateway().signed_return(**{**result, name: one_letter_changed(value)})
    assert scene.come_back({**handed, "razorpay_signature": "0" * 64}).status_code == 400
    assert scene.ending(booked) == WAITING
    assert scene.come_back(handed).status_code == 200
    scene.work()
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])


def test_ORD_05_the_same_receipt_gives_the_same_order(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    again = gateway().create_order(amount_paise=FEE, currency="INR", receipt=booked.reference, notes={})
    assert again == booked.order
    assert [o["id"] for o in ask(scene.sandbox, f"orders?receipt={booked.reference}")["items"]] == [again]


def test_ORD_06_a_fetched_order_has_the_fields_it_was_made_with(scene: Scene) -> None:
    body = {"amount": FEE, "currency": "INR", "receipt": "visit-6", "notes": {"booking": "visit-6"}}
    answer = posted(scene, body)
    assert answer.status_code == 200
    assert ask(scene.sandbox, f"orders/{answer.json()['id']}") == answer.json()
    assert {name: answer.json()[name] for name in body} == body
    booked = scene.book(scene.cast.asha)
    order = scene.order(booked)
    found = {
        "receipt": booked.reference,
        "amount": FEE,
        "currency": "INR",
        "notes": {"booking": booked.reference},
    }
    assert {name: order[name] for name in found} == found


def test_ORD_07_an_order_that_is_paid_takes_no_further_payment(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked)["payment"]["id"]
    scene.deliver_all(paid)
    scene.work()
    body = {"key": SANDBOX_KEY_ID, "order_id": booked.order, **checkout.CARD}
    refused = requests.post(f"{scene.sandbox}/v1/checkout/payments", json=body, timeout=10)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "BAD_REQUEST_ERROR")
    again = scene.caller(booked.patient).post("/api/payments/intent", {"appointmentId": booked.id})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert scene.payments(booked) == [("captured", True, 0)]
    assert (scene.ending(booked), scene.mails(booked)) == (CONFIRMED, ["confirmed"])


def posted(scene: Scene, body: dict[str, object], secret: str = SANDBOX_KEY_SECRET) -> requests.Response:
    """Request an order with exactly this body, past our gateway's own checks."""
    auth = (SANDBOX_KEY_ID, secret)
    return requests.post(f"{scene.sandbox}/v1/orders", json=body, auth=auth, timeout=10)


def is_refused(scene: Scene, reason: str, field: str | None = None, /, **wrong: object) -> None:
    """Asserts that an order with these values (None: left out) is refused in Razorpay's shape, by the SDK too, and not made."""
    good = {"amount": FEE, "currency": "INR", "receipt": "visit-8"}
    body = {name: value for name, value in {**good, **wrong}.items() if value is not None}
    newest = ask(scene.sandbox, "orders?count=1")
    answer = posted(scene, body)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert list(error) == SHAPE + (["field"] if field else [])
    assert (error["code"], error["reason"], error.get("field")) == ("BAD_REQUEST_ERROR", reason, field)
    with pytest.raises(GatewayRejected) as refused:
        gateway()._client.order.create(body)
    assert (refused.value.http_status, refused.value.reason) == (400, reason)
    assert ask(scene.sandbox, "orders?count=1") == newest


def test_ORD_08_an_order_without_an_amount_is_refused(scene: Scene) -> None:
    is_refused(scene, "input_validation_failed", "amount", amount=None)


def test_ORD_09_an_order_below_one_rupee_is_refused(scene: Scene) -> None:
    is_refused(scene, "amount_less_than_minimum_amount", "amount", amount=99)


def test_ORD_10_an_order_with_a_fraction_of_a_paisa_is_refused(scene: Scene) -> None:
    is_refused(scene, "input_validation_failed", "amount", amount=500.5)


def test_ORD_11_an_order_in_a_wrong_currency_is_refused(scene: Scene) -> None:
    for currency in ("XXX", 1):
        is_refused(scene, "input_validation_failed", "currency", currency=currency)


def test_ORD_12_an_order_with_a_receipt_of_41_characters_is_refused(scene: Scene) -> None:
    is_refused(scene, "input_validation_failed", "receipt", receipt="r" * 41)


def test_ORD_13_an_order_with_a_field_too_many_is_refused(scene: Scene) -> None:
    is_refused(scene, "extra_field_sent", surprise=1)


def test_ORD_14_an_order_with_a_wrong_key_is_refused_and_the_hold_survives(scene: Scene) -> None:
    razorpay.use(Razorpay(key_id=SANDBOX_KEY_ID, key_secret="mistyped", api_url=scene.sandbox))
    asha = scene.caller(scene.cast.asha)
    answer = asha.post("/api/appointments/book", {"availabilityId": scene.cast.slots[0]})
    assert (answer.status_code, answer.json()["code"]) == (502, "gateway_rejected")
    held = answer.json()["data"]["appointment"]
    assert (held["status"], held["gatewayOrderId"]) == ("pending_payment", None)
    error = posted(scene, {"amount": FEE, "currency": "INR"}, secret="mistyped")
    assert (error.status_code, error.json()["error"]["code"]) == (401, "BAD_REQUEST_ERROR")
    assert ask(scene.sandbox, f"orders?receipt={held['reference']}")["items"] == []
    razorpay.use(None)  # the key was mended
    again = asha.post("/api/payments/intent", {"appointmentId": held["appointmentId"]})
    assert again.status_code == 200


def test_ORD_15_an_unknown_order_id_is_refused_and_changes_nothing(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    unknown = "order_00000000000000"
    error = ask(scene.sandbox, f"orders/{unknown}")["error"]
    assert (list(error), error["code"]) == (SHAPE, "BAD_REQUEST_ERROR")
    with pytest.raises(GatewayRejected) as refused:
        gateway().payments_of(unknown)
    assert refused.value.http_status == 400
    assert orders.ask(order_id=unknown, now=scene.now) is False
    assert (scene.ending(booked), scene.attempts(booked)) == (WAITING, [])


def test_ORD_16_a_visit_is_paid_whole_and_a_part_of_its_price_goes_back(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    assert not scene.order(booked).get("partial_payment")
    is_refused(scene, "input_validation_failed", "partial_payment", partial_payment=True)
    part = scene.pay(booked, "amount_mismatch", amount=FEE // 2)["payment"]["id"]
    scene.deliver_all(part)
    scene.work()
    scene.deliver_all(part)
    scene.work()
    assert scene.refunds(booked) == [("processed", FEE // 2, "amount or currency differs")]
    assert scene.refunds_at_razorpay(part) == [("processed", FEE // 2)]
    assert (scene.seen(booked).phase, scene.bill(booked).gateway_payment_id) == ("holding", None)


def test_Cards_success_decline_cancel_reconcile_and_the_way_back_from_the_bank(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    for number, outcome in (("4100280000060003", "failure"), (checkout.GOOD_CARD, "cancel")):
        failed = checkout.begin(scene, booked, number=number)
        failed.answer(outcome)
        assert orders.ask(order_id=booked.order, now=scene.now)
        scene.work()
        assert scene.ending(booked) == ("failed", "failed", 0, 0)
        scene.try_again(booked)
    paid = checkout.begin(scene, booked)
    handed = paid.answer("success", otp="123456")
    action, fields = paid.way_back(f"https://clinic.example{CALLBACK}?ref={booked.reference}")
    assert (action.endswith(f"?ref={booked.reference}"), fields) == (True, handed)
    answer = scene.anybody.form(f"{CALLBACK}?ref={booked.reference}", fields, **FROM_RAZORPAY)
    assert answer.status_code == 303
    scene.work()
    assert (scene.ending(booked), scene.seen(booked).method_label) == (CONFIRMED, "Card")
    assert [a.error_reason for a in scene.attempts(booked)] == ["card_declined", "payment_cancelled", ""]
    assert money(scene.order(booked)) == ("paid", FEE, FEE, 0, 3)
    assert scene.mails(booked) == ["confirmed", "payment_failed", "payment_failed"]


def test_RFND_01_a_captured_payment_is_refunded_in_full(scene: Scene) -> None:
    booked = scene.book(scene.cast.asha)
    paid = scene.pay(booked)["payment"]["id"]
    scene.deliver_all(paid)
    scene.work()
    answer = scene.cancel(booked)
    assert (answer.status_code, answer.json()["data"]["refundPaise"]) == (200, FEE)
    scene.deliver_all(paid)
    scene.work()
    assert scene.payments(booked) == [("refunded", True, FEE)]
    assert scene.refunds_at_razorpay(paid) == [("processed", FEE)]
    assert scene.ending(booked) == ("cancelled", "refunded", FEE, FEE)
    assert scene.order(booked)["status"] == "paid"
    assert scene.mails(booked) == ["cancelled", "confirmed", "refunded"]


def test_SETL_01_what_razorpay_pays_out_is_compared_with_what_was_captured(scene: Scene) -> None:
    scene.catch_up()
    booked = scene.book_slot(scene.cast.asha, scene.another_slot_in(days=6))
    paid = scene.pay(booked)["payment"]["id"]
    scene.deliver_all(paid)
    scene.work()
    settlements.reconcile(now=scene.now)
    assert scene.attempts(booked)[0].settlement_id == ""
    scene.pass_time(days=2, minutes=1)
    settlements.reconcile(now=scene.now)
    (attempt,) = scene.attempts(booked)
    assert attempt.settlement_id.startswith("setl_")
    assert attempt.settled_at is not None
    assert attempt.settled_at - attempt.created_at == timedelta(days=2)
    assert [case for case in reconciliation_cases.open_cases() if case.subject == paid] == []
    assert scene.ending(booked) == CONFIRMED
