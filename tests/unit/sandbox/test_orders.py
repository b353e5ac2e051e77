from __future__ import annotations

import re

import pytest

from tests.support.sandbox import Doc, Sandbox

ORDER_KEYS = [
    "id", "entity", "amount", "amount_paid", "amount_due", "currency", "receipt", "offer_id", "status", "attempts",
    "notes", "created_at",
]  # fmt: skip
ERROR_KEYS = ["code", "description", "source", "step", "reason", "metadata"]


def test_a_new_order_has_the_documented_keys_in_their_order(sandbox: Sandbox) -> None:
    answer = sandbox.api.post("/v1/orders", json={"amount": 50000, "currency": "INR", "receipt": "r1"})
    order = answer.json()
    assert answer.status_code == 200
    assert list(order) == ORDER_KEYS
    assert re.fullmatch(r"order_[A-Za-z0-9]{14}", order["id"])
    assert {k: order[k] for k in ORDER_KEYS[1:-1]} == {
        "entity": "order", "amount": 50000, "amount_paid": 0, "amount_due": 50000, "currency": "INR", "receipt": "r1",
        "offer_id": None, "status": "created", "attempts": 0, "notes": [],
    }  # fmt: skip


def test_notes_are_an_object_when_there_are_any_and_can_be_replaced(sandbox: Sandbox) -> None:
    order = sandbox.order(notes={"visit": "7"})
    assert order["notes"] == {"visit": "7"}
    assert sandbox.ask("PATCH", f"/v1/orders/{order['id']}", {"notes": {"visit": "8"}})["notes"] == {
        "visit": "8"
    }
    assert sandbox.ask("GET", f"/v1/orders/{order['id']}")["notes"] == {"visit": "8"}
    assert (
        sandbox.refusal("PATCH", f"/v1/orders/{order['id']}", {"amount": 1})[1]["reason"]
        == "extra_field_sent"
    )


@pytest.mark.parametrize(
    ("body", "description", "field"),
    [
        ({"currency": "INR"}, "The amount field is required.", "amount"),
        ({"amount": 50000}, "The currency field is required.", "currency"),
        ({"amount": 99, "currency": "INR"}, "Order amount less than minimum amount allowed", "amount"),
        ({"amount": 500.0, "currency": "INR"}, "The amount must be an integer.", "amount"),
        ({"amount": "12.5", "currency": "INR"}, "The amount must be an integer.", "amount"),
        ({"amount": True, "currency": "INR"}, "The amount must be an integer.", "amount"),
        ({"amount": 500, "currency": 1}, "currency: expected string but provided 1", "currency"),
        ({"amount": 500, "currency": "XXX"}, "Currency is not supported", "currency"),
        (
            {"amount": 500, "currency": "INR", "receipt": "r" * 41},
            "The receipt may not be greater than 40 characters.",
            "receipt",
        ),
        (
            {"amount": 500, "currency": "INR", "surprise": 1},
            "surprise is/are not required and should not be sent",
            None,
        ),
        (
            {"amount": 500, "currency": "INR", "notes": {str(i): "x" for i in range(16)}},
            "Number of fields in notes should be less than or equal to 15.",
            "notes",
        ),
        (
            {"amount": 500, "currency": "INR", "notes": {"a": "x" * 257}},
            "The value of a note may not be greater than 256 characters.",
            "notes",
        ),
        (
            {"amount": 500, "currency": "INR", "payment": {"capture": "automatic"}},
            "The automatic expiry period field is required.",
            "automatic_expiry_period",
        ),
    ],
)
def test_a_bad_order_is_refused_in_the_documented_shape(
    sandbox: Sandbox, body: Doc, description: str, field: str | None
) -> None:
    before = sandbox.ask("GET", "/v1/orders?count=1")["items"]
    status, error = sandbox.refusal("POST", "/v1/orders", body)
    assert (status, error["code"], error["description"]) == (400, "BAD_REQUEST_ERROR", description)
    assert list(error) == ERROR_KEYS + (["field"] if field else [])
    assert error.get("field") == field
    assert sandbox.ask("GET", "/v1/orders?count=1")["items"] == before


def test_forty_characters_of_receipt_and_one_rupee_are_enough(sandbox: Sandbox) -> None:
    assert sandbox.order(amount=100, receipt="r" * 40)["receipt"] == "r" * 40


@pytest.mark.parametrize(
    "auth", [("rzp_test_localsandbox01", "wrong"), ("rzp_test_other", "wrong"), ("", "")]
)
def test_a_wrong_key_is_refused_with_401(sandbox: Sandbox, auth: tuple[str, str]) -> None:
    answer = sandbox.control.post("/v1/orders", json={"amount": 500, "currency": "INR"}, auth=auth)
    assert answer.status_code == 401
    assert answer.json() == {"error": {"code": "BAD_REQUEST_ERROR", "description": "Authentication failed"}}


@pytest.mark.parametrize(
    ("path", "description"),
    [
        ("/v1/orders/order_AAAAAAAAAAAAAA", "The id provided does not exist"),
        ("/v1/orders/nonsense", "nonsense is not a valid id"),
        ("/v1/payments/pay_AAAAAAAAAAAAAA", "The id provided does not exist"),
        ("/v1/refunds/rfnd_AAAAAAAAAAAAAA", "The id provided does not exist"),
        ("/v1/elsewhere", "The requested URL was not found on the server."),
    ],
)
def test_what_does_not_exist_is_400_not_404(sandbox: Sandbox, path: str, description: str) -> None:
    status, error = sandbox.refusal("GET", path)
    assert (status, error["description"]) == (400, description)


def test_unique_receipt_makes_creation_idempotent(sandbox: Sandbox) -> None:
    first = sandbox.order(receipt="visit-41", unique_receipt=True)
    assert sandbox.order(receipt="visit-41", unique_receipt=True) == first
    assert sandbox.order(receipt="visit-41")["id"] != first["id"]
    assert sandbox.ask("GET", "/v1/orders?receipt=visit-41")["count"] == 2


def test_duplicate_receipts_can_be_refused(sandbox: Sandbox) -> None:
    sandbox.order(receipt="visit-42")
    sandbox.command("switches", refuse_duplicate_receipts=True)
    assert (
        sandbox.refusal("POST", "/v1/orders", {"amount": 500, "currency": "INR", "receipt": "visit-42"})[1][
            "description"
        ]
        == "Order receipt should be unique."
    )


def test_lists_are_newest_first_and_paged(sandbox: Sandbox) -> None:
    made = [sandbox.order()["id"] for _ in range(3)]
    newest = sandbox.ask("GET", "/v1/orders?count=2")
    assert (newest["entity"], newest["count"]) == ("collection", 2)
    assert [item["id"] for item in newest["items"]] == [made[2], made[1]]
    assert sandbox.ask("GET", "/v1/orders?count=1&skip=2")["items"][0]["id"] == made[0]
    assert sandbox.ask("GET", "/v1/orders?from=99999999999")["count"] == 0
    assert sandbox.refusal("GET", "/v1/orders?count=101")[1]["field"] == "count"


def test_an_order_counts_its_attempts_and_ends_paid(sandbox: Sandbox) -> None:
    order = sandbox.order()
    failed = sandbox.pay(order, outcome="card_declined")
    attempted = sandbox.ask("GET", f"/v1/orders/{order['id']}")
    assert (attempted["status"], attempted["attempts"], attempted["amount_due"]) == ("attempted", 1, 50000)
    captured = sandbox.pay(order, method="netbanking")
    paid = sandbox.ask("GET", f"/v1/orders/{order['id']}")
    assert (paid["status"], paid["attempts"], paid["amount_paid"], paid["amount_due"]) == (
        "paid",
        2,
        50000,
        0,
    )
    items = sandbox.ask("GET", f"/v1/orders/{order['id']}/payments")["items"]
    assert [(p["id"], p["status"]) for p in items] == [(captured["id"], "captured"), (failed["id"], "failed")]
    expanded = sandbox.ask("GET", f"/v1/orders/{order['id']}?expand[]=payments")
    assert expanded["payments"]["count"] == 2


def test_a_paid_order_takes_no_further_payment(sandbox: Sandbox) -> None:
    order = sandbox.order()
    sandbox.pay(order)
    refused = sandbox.control.post(f"/_sandbox/orders/{order['id']}/pay", json={})
    assert refused.status_code == 400
    assert "already paid" in refused.json()["error"]["description"]
    assert sandbox.ask("GET", f"/v1/orders/{order['id']}")["attempts"] == 1


def test_no_second_payment_beside_an_authorized_one(sandbox: Sandbox) -> None:
    order = sandbox.order(payment={"capture": "manual"})
    sandbox.pay(order)
    assert sandbox.control.post(f"/_sandbox/orders/{order['id']}/pay", json={}).status_code == 400
    assert sandbox.ask("GET", "/v1/orders?authorized=1")["items"][0]["id"] == order["id"]
