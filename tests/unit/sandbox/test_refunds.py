from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.sandbox import Doc, Sandbox

REFUND_KEYS = [
    "id", "entity", "amount", "currency", "payment_id", "notes", "receipt", "acquirer_data", "created_at", "batch_id",
    "status", "speed_processed", "speed_requested",
]  # fmt: skip


@pytest.fixture
def paid(sandbox: Sandbox) -> Doc:
    return sandbox.pay(sandbox.order(), method="netbanking")


def _refund_path(payment: Doc) -> str:
    return f"/v1/payments/{payment['id']}/refund"


def test_a_full_refund(sandbox: Sandbox, paid: Doc) -> None:
    refund = sandbox.ask("POST", _refund_path(paid))
    assert list(refund) == REFUND_KEYS
    assert re.fullmatch(r"rfnd_[A-Za-z0-9]{14}", refund["id"])
    assert (refund["amount"], refund["status"], refund["payment_id"]) == (50000, "processed", paid["id"])
    payment = sandbox.payment(paid["id"])
    assert (payment["status"], payment["refund_status"], payment["amount_refunded"]) == (
        "refunded",
        "full",
        50000,
    )
    assert sandbox.ask("GET", f"/v1/orders/{paid['order_id']}")["status"] == "paid"
    assert sandbox.ask("GET", f"/v1/refunds/{refund['id']}") == refund
    assert sandbox.ask("GET", f"/v1/payments/{paid['id']}/refunds/{refund['id']}") == refund
    assert sandbox.ask("GET", "/v1/refunds?count=1")["items"] == [refund]


def test_partial_refunds_add_up_and_never_exceed_what_was_captured(sandbox: Sandbox, paid: Doc) -> None:
    sandbox.ask("POST", _refund_path(paid), {"amount": 20000})
    partly = sandbox.payment(paid["id"])
    assert (partly["status"], partly["refund_status"], partly["amount_refunded"]) == (
        "captured",
        "partial",
        20000,
    )
    assert sandbox.refusal("POST", _refund_path(paid), {"amount": 30001})[1]["description"] == (
        "The refund amount provided is greater than amount captured"
    )
    assert sandbox.ask("POST", _refund_path(paid))["amount"] == 30000
    assert sandbox.refusal("POST", _refund_path(paid))[1]["description"] == (
        "The payment has been fully refunded already"
    )
    refunds = sandbox.ask("GET", f"/v1/payments/{paid['id']}/refunds")
    assert [item["amount"] for item in refunds["items"]] == [30000, 20000]


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({"amount": 99}, "The amount must be at least INR 1.00"),
        ({"amount": 100.0}, "The amount must be an integer."),
        ({"colour": "red"}, "colour is/are not required and should not be sent"),
        ({"speed": "warp"}, "The speed should be either normal or optimum."),
    ],
)
def test_a_bad_refund_is_refused(sandbox: Sandbox, paid: Doc, body: Doc, description: str) -> None:
    assert sandbox.refusal("POST", _refund_path(paid), body)[1]["description"] == description
    assert sandbox.payment(paid["id"])["amount_refunded"] == 0


def test_only_a_captured_payment_can_be_refunded(sandbox: Sandbox) -> None:
    payment = sandbox.pay(sandbox.order(), outcome="authorized")
    assert sandbox.refusal("POST", _refund_path(payment))[1]["description"] == (
        "The payment status should be captured for action to be taken"
    )


def test_the_same_key_and_body_give_the_same_refund(sandbox: Sandbox, paid: Doc) -> None:
    header = {"X-Refund-Idempotency": f"rf-{paid['id']}"}
    first = sandbox.ask("POST", _refund_path(paid), {"amount": 10000}, **header)
    assert sandbox.ask("POST", _refund_path(paid), {"amount": 10000}, **header) == first
    assert sandbox.payment(paid["id"])["amount_refunded"] == 10000


def test_the_same_key_with_another_body_is_409(sandbox: Sandbox, paid: Doc) -> None:
    header = {"X-Refund-Idempotency": f"rf-{paid['id']}"}
    sandbox.ask("POST", _refund_path(paid), {"amount": 10000}, **header)
    status, error = sandbox.refusal("POST", _refund_path(paid), {"amount": 10001}, **header)
    assert (status, error["description"]) == (
        409, "Different request with the same idempotency key has already been processed.",
    )  # fmt: skip
    assert sandbox.payment(paid["id"])["amount_refunded"] == 10000


def test_the_same_key_while_the_first_is_running_is_409(sandbox: Sandbox, paid: Doc) -> None:
    header = {"X-Refund-Idempotency": f"rf-{paid['id']}"}
    sandbox.command("switches", refund_seconds=4)

    def post(_: int) -> Any:
        return sandbox.api.post(_refund_path(paid), json={"amount": 10000}, headers=header)

    with ThreadPoolExecutor(2) as pool:  # whichever comes first runs for four seconds
        done, refused = sorted(pool.map(post, range(2)), key=lambda answer: answer.status_code)
    assert (done.status_code, refused.status_code) == (200, 409)
    assert refused.json()["error"]["description"] == (
        "Another request with the same idempotency key is still in progress."
    )
    refund = done.json()
    assert sandbox.ask("POST", _refund_path(paid), {"amount": 10000}, **header) == refund
    assert sandbox.payment(paid["id"])["amount_refunded"] == 10000


@pytest.mark.parametrize(
    ("key", "description"),
    [
        ("short", "The idempotency key must be at least 10 characters long."),
        (
            "ten chars with spaces",
            "The idempotency key must only contain alphanumeric characters, underscores, and hyphens",
        ),
    ],
)
def test_a_bad_key_is_refused(sandbox: Sandbox, paid: Doc, key: str, description: str) -> None:
    status, error = sandbox.refusal("POST", _refund_path(paid), {}, **{"X-Refund-Idempotency": key})
    assert (status, error["description"]) == (400, description)


def test_a_refused_refund_frees_its_key(sandbox: Sandbox, paid: Doc) -> None:
    header = {"X-Refund-Idempotency": f"rf-{paid['id']}"}
    sandbox.refusal("POST", _refund_path(paid), {"amount": 50001}, **header)
    assert sandbox.ask("POST", _refund_path(paid), {"amount": 50000}, **header)["amount"] == 50000


def test_a_pending_refund_is_processed_later(sandbox: Sandbox, paid: Doc) -> None:
    sandbox.command("switches", refunds="pending")
    refund = sandbox.ask("POST", _refund_path(paid))
    assert (refund["status"], refund["acquirer_data"]) == ("pending", {"arn": None})
    sandbox.command(f"refunds/{refund['id']}/process")
    assert sandbox.ask("GET", f"/v1/refunds/{refund['id']}")["status"] == "processed"
    names = [event["event"] for event in sandbox.events(subject=paid["id"])]
    assert names[-2:] == ["refund.created", "refund.processed"]


def test_a_failed_refund_leaves_the_money_to_be_refunded_again(sandbox: Sandbox, paid: Doc) -> None:
    sandbox.command("switches", refunds="failed")
    refund = sandbox.ask("POST", _refund_path(paid))
    assert refund["status"] == "pending"
    assert sandbox.ask("GET", f"/v1/refunds/{refund['id']}")["status"] == "failed"
    payment = sandbox.payment(paid["id"])
    assert (payment["status"], payment["amount_refunded"], payment["refund_status"]) == ("captured", 0, None)
    assert [e["event"] for e in sandbox.events(subject=paid["id"])][-2:] == [
        "refund.created",
        "refund.failed",
    ]


def test_without_balance_nothing_is_refunded(sandbox: Sandbox, paid: Doc) -> None:
    sandbox.command("switches", refunds="no_balance")
    assert "balance" in sandbox.refusal("POST", _refund_path(paid))[1]["description"]
    assert sandbox.ask("GET", f"/v1/payments/{paid['id']}/refunds")["count"] == 0


def test_an_instant_refund_falls_back_for_the_test_amount(sandbox: Sandbox) -> None:
    payment = sandbox.pay(sandbox.order(amount=2468))
    refund = sandbox.ask("POST", _refund_path(payment), {"speed": "optimum"})
    assert (refund["speed_requested"], refund["speed_processed"]) == ("optimum", "normal")
    assert "refund.speed_changed" in {e["event"] for e in sandbox.events(subject=payment["id"])}


def test_a_payment_older_than_six_months_cannot_be_refunded(sandbox: Sandbox, paid: Doc) -> None:
    sandbox.command("clock/advance", seconds=190 * 86400)
    error = sandbox.refusal("POST", _refund_path(paid))[1]
    assert "more than 6 months old" in error["description"]
    assert (error["source"], error["step"], error["reason"]) == (None, None, None)


def test_a_switch_that_was_set_to_a_whole_number_takes_a_fraction_next(sandbox: Sandbox) -> None:
    for seconds in (4, 0.5, 0.0):
        sandbox.command("switches", refund_seconds=seconds)
