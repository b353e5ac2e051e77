from __future__ import annotations

import re

import pytest

from tests.support.sandbox import Sandbox

PAYMENT_KEYS = [
    "id", "entity", "amount", "currency", "status", "order_id", "invoice_id", "international", "method",
    "amount_refunded", "refund_status", "captured", "description", "card_id", "bank", "wallet", "vpa", "email",
    "contact", "notes", "fee", "tax", "error_code", "error_description", "error_source", "error_step",
    "error_reason", "acquirer_data", "created_at",
]  # fmt: skip


def test_a_captured_payment_has_the_documented_keys_fee_and_tax(sandbox: Sandbox) -> None:
    order = sandbox.order()
    payment = sandbox.payment(sandbox.pay(order, method="netbanking", bank="BARB_R")["id"])
    assert list(payment) == PAYMENT_KEYS
    assert re.fullmatch(r"pay_[A-Za-z0-9]{14}", payment["id"])
    assert (payment["status"], payment["captured"], payment["fee"], payment["tax"]) == (
        "captured",
        True,
        1180,
        180,
    )
    assert (payment["order_id"], payment["bank"], payment["notes"]) == (order["id"], "BARB_R", [])
    assert (payment["email"], payment["contact"]) == ("void@razorpay.com", "+919000000000")
    assert list(payment["acquirer_data"]) == ["bank_transaction_id"]


def test_fee_and_tax_are_unknown_until_capture(sandbox: Sandbox) -> None:
    payment = sandbox.pay(sandbox.order(), outcome="authorized")
    assert (payment["status"], payment["captured"], payment["fee"], payment["tax"]) == (
        "authorized", False, None, None,
    )  # fmt: skip


def test_capture_wants_exactly_the_authorized_amount_and_only_once(sandbox: Sandbox) -> None:
    payment = sandbox.pay(sandbox.order(payment={"capture": "manual"}))
    path = f"/v1/payments/{payment['id']}/capture"
    assert sandbox.refusal("POST", path, {"amount": 49999, "currency": "INR"})[1]["description"] == (
        "Capture amount must be equal to the amount authorized"
    )
    assert sandbox.refusal("POST", path, {"amount": 500.0, "currency": "INR"})[1]["field"] == "amount"
    assert sandbox.payment(payment["id"])["status"] == "authorized"
    assert sandbox.ask("POST", path, {"amount": 50000, "currency": "INR"})["status"] == "captured"
    assert sandbox.refusal("POST", path, {"amount": 50000, "currency": "INR"})[1]["description"] == (
        "This payment has already been captured"
    )


def test_a_failed_payment_cannot_be_captured(sandbox: Sandbox) -> None:
    payment = sandbox.pay(sandbox.order(), outcome="payment_failed")
    sandbox.refusal("POST", f"/v1/payments/{payment['id']}/capture", {"amount": 50000, "currency": "INR"})
    assert sandbox.payment(payment["id"])["status"] == "failed"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            {"method": "upi", "outcome": "payment_failed"},
            ("BAD_REQUEST_ERROR", "gateway", "payment_response", "payment_failed"),
        ),
        (
            {"method": "netbanking", "outcome": "payment_failed"},
            ("BAD_REQUEST_ERROR", "bank", "payment_authorization", "payment_failed"),
        ),
        (
            {"outcome": "payment_cancelled"},
            ("BAD_REQUEST_ERROR", "customer", "payment_authentication", "payment_cancelled"),
        ),
        (
            {"outcome": "gateway_technical_error"},
            ("GATEWAY_ERROR", "gateway", "payment_authorization", "gateway_technical_error"),
        ),
        ({"outcome": "server_error"}, ("SERVER_ERROR", "internal", "payment_authorization", "server_error")),
    ],
)
def test_a_failure_says_why(sandbox: Sandbox, script: dict[str, str], expected: tuple[str, ...]) -> None:
    payment = sandbox.pay(sandbox.order(), **script)
    assert payment["status"] == "failed"
    assert tuple(payment[f"error_{name}"] for name in ("code", "source", "step", "reason")) == expected
    assert set(payment["acquirer_data"].values()) == {None}


def test_the_card_is_shown_when_asked_for(sandbox: Sandbox) -> None:
    payment = sandbox.pay(sandbox.order())
    card = sandbox.ask("GET", f"/v1/payments/{payment['id']}/card")
    assert (card["id"], card["last4"], card["network"]) == (payment["card_id"], "1007", "Visa")
    assert sandbox.ask("GET", f"/v1/payments/{payment['id']}?expand[]=card")["card"] == card
    by_upi = sandbox.pay(sandbox.order(), method="upi")
    assert sandbox.refusal("GET", f"/v1/payments/{by_upi['id']}/card")[1]["description"] == (
        "Payment was not done using card"
    )


def test_late_success_keeps_the_payment_id(sandbox: Sandbox) -> None:
    order = sandbox.order()
    payment = sandbox.pay(order, outcome="late_authorized", after=3600)
    assert payment["status"] == "failed"
    assert sandbox.ask("GET", f"/v1/orders/{order['id']}")["status"] == "attempted"
    sandbox.command("clock/advance", seconds=3600)
    late = sandbox.payment(payment["id"])
    assert (late["status"], late["error_reason"], late["fee"]) == ("captured", None, 1180)
    assert sandbox.ask("GET", f"/v1/orders/{order['id']}")["status"] == "paid"


def test_a_late_success_beside_a_paid_order_is_given_back(sandbox: Sandbox) -> None:
    order = sandbox.order()
    sandbox.pay(order)
    second = sandbox.payment(sandbox.pay(order, outcome="second_late")["id"])
    assert (second["status"], second["captured"], second["refund_status"]) == ("refunded", False, "full")
    assert second["fee"] is None
    assert sandbox.ask("GET", f"/v1/payments/{second['id']}/refunds")["items"][0]["amount"] == 50000


def test_what_nobody_captures_lapses_and_is_given_back(sandbox: Sandbox) -> None:
    options = {"automatic_expiry_period": 12, "manual_expiry_period": 12}
    order = sandbox.order(payment={"capture": "manual", "capture_options": options})
    payment = sandbox.pay(order)
    assert sandbox.payment(payment["id"])["status"] == "authorized"
    sandbox.command("clock/advance", seconds=12 * 60)
    lapsed = sandbox.payment(payment["id"])
    assert (lapsed["status"], lapsed["captured"], lapsed["amount_refunded"]) == ("refunded", False, 50000)
    assert sandbox.ask("GET", f"/v1/orders/{order['id']}")["status"] == "attempted"


def test_an_authorization_after_the_automatic_window_waits_for_the_merchant(sandbox: Sandbox) -> None:
    options = {"automatic_expiry_period": 12, "manual_expiry_period": 7200}
    order = sandbox.order(payment={"capture": "automatic", "capture_options": options})
    payment = sandbox.pay(order, outcome="late_authorized", after=13 * 60)
    sandbox.command("clock/advance", seconds=13 * 60)
    assert sandbox.payment(payment["id"])["status"] == "authorized"


def test_a_bank_page_that_nobody_answers_times_out(sandbox: Sandbox) -> None:
    payment = sandbox.pay(sandbox.order(), outcome="unanswered")
    assert payment["status"] == "created"
    sandbox.command("clock/advance", seconds=600)
    assert sandbox.payment(payment["id"])["error_reason"] == "payment_timed_out"


def test_lists_may_lag_but_a_single_fetch_never_does(sandbox: Sandbox) -> None:
    sandbox.command("switches", list_lag_seconds=120)
    order = sandbox.order()
    payment = sandbox.pay(order)
    assert payment["id"] not in {p["id"] for p in sandbox.ask("GET", "/v1/payments?count=100")["items"]}
    assert order["id"] not in {o["id"] for o in sandbox.ask("GET", "/v1/orders?count=100")["items"]}
    assert sandbox.payment(payment["id"])["status"] == "captured"
    assert sandbox.ask("GET", f"/v1/orders/{order['id']}/payments")["count"] == 1


def test_downtimes_come_and_go(sandbox: Sandbox) -> None:
    assert sandbox.ask("GET", "/v1/payments/downtimes") == {"entity": "collection", "count": 0, "items": []}
    started = sandbox.command("downtimes", method="upi", severity="high")
    assert sandbox.ask("GET", "/v1/payments/downtimes")["items"] == [started]
    assert sandbox.ask("GET", f"/v1/payments/downtimes/{started['id']}") == started
    sandbox.command("downtimes", id=started["id"], status="resolved")
    assert sandbox.ask("GET", "/v1/payments/downtimes")["count"] == 0
    names = [event["event"] for event in sandbox.events(subject=started["id"])]
    assert names == ["payment.downtime.started", "payment.downtime.resolved"]


def test_an_amount_mismatch_is_captured_as_it_came(sandbox: Sandbox) -> None:
    order = sandbox.order()
    assert sandbox.pay(order, outcome="amount_mismatch", amount=100)["amount"] == 100
    assert sandbox.ask("GET", f"/v1/orders/{order['id']}")["amount_paid"] == 100
