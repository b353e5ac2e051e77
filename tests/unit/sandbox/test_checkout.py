"""The calls behind the payment sheet, as the sheet makes them."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import cast

import httpx
import pytest

from tests.support.sandbox import KEY_ID, KEY_SECRET, Doc, Endpoint, Sandbox, signed
from tests.support.servers import wait_until

CARD = {
    "method": "card",
    "number": "4100 2800 0000 1007",
    "expiry": "12/34",
    "cvv": "123",
    "name": "Asha Rao",
}
ERROR_CARDS = {
    "payment_timed_out": ["4100280000090000", "5305620000060000"],
    "insufficient_fund": ["4100280000080001", "5305620000050001"],
    "payment_cancelled": ["4100280000070002", "5305620000040002"],
    "card_declined": [
        "4100280000060003", "4100280000050004", "4100280000040005",
        "5305620000030003", "5305620000020004", "5305620000010005",
    ],
    "card_disabled_for_online_payments": ["4100280000030006", "5305620000000006"],
    "card_number_invalid": ["4100280000010008", "5305620000080008"],
    "gateway_technical_error": ["4100280000020007", "5305620000090007", "4111111111111111"],
    "authentication_failed": ["4100280000000009", "5305620000070009"],
}  # fmt: skip
SUCCESS_CARDS = [
    "4100280000001007", "5500670000001002", "6527658900001005", "36082800091007", "340256000401007",
    "5555555555554444", "5105105105105100", "5104060000000008", "4012888888881881",
]  # fmt: skip


def _call(sandbox: Sandbox, path: str, **body: object) -> httpx.Response:
    return sandbox.control.post(f"/v1/checkout/{path}", json=body)


def _begin(sandbox: Sandbox, order: Doc, **typed: object) -> Doc:
    answer = _call(sandbox, "payments", key=KEY_ID, order_id=order["id"], **typed)
    assert answer.status_code == 200, answer.text
    return cast(Doc, answer.json())


def _answer(sandbox: Sandbox, begun: Doc, outcome: str, **more: str) -> Doc:
    path = f"payments/{begun['payment_id']}/answer"
    return cast(Doc, _call(sandbox, path, token=begun["token"], outcome=outcome, **more).json())


def _upi_result(sandbox: Sandbox, begun: Doc) -> Doc:
    def ended() -> Doc | None:
        path = f"/v1/checkout/payments/{begun['payment_id']}?token={begun['token']}"
        found = cast(Doc, sandbox.control.get(path).json())
        return None if found.get("waiting") else found

    return wait_until(ended, seconds=5)


def test_success_is_signed_by_the_server(sandbox: Sandbox) -> None:
    order = sandbox.order()
    result = _answer(sandbox, _begin(sandbox, order, **CARD), "success", otp="1234")
    assert list(result) == ["razorpay_payment_id", "razorpay_order_id", "razorpay_signature"]
    message = f"{order['id']}|{result['razorpay_payment_id']}".encode()
    assert result["razorpay_signature"] == signed(message, KEY_SECRET)
    payment = sandbox.payment(result["razorpay_payment_id"])
    assert (payment["status"], payment["method"]) == ("captured", "card")


def test_no_secret_reaches_the_browser(sandbox: Sandbox) -> None:
    for name in ("checkout.js", "checkout/public", "checkout/static/sheet.js", "checkout/static/bridge.js"):
        answer = sandbox.control.get(f"/v1/{name}")
        assert answer.status_code == 200
        assert KEY_SECRET not in answer.text
        assert "HMAC" not in answer.text.upper()
    assert sandbox.control.get("/v1/checkout/static/..%2Fcheckout.py").status_code == 400


def test_what_the_customer_gave_is_in_the_payment_and_the_card_number_is_not(sandbox: Sandbox) -> None:
    typed = CARD | {
        "email": "asha@example.com",
        "contact": "+919812345678",
        "description": "Visit",
        "notes": {"a": "b"},
    }
    begun = _begin(sandbox, sandbox.order(), **typed)
    answer = sandbox.api.get(f"/v1/payments/{begun['payment_id']}?expand[]=card")
    payment = answer.json()
    assert (payment["email"], payment["contact"]) == ("asha@example.com", "+919812345678")
    assert (payment["description"], payment["notes"]) == ("Visit", {"a": "b"})
    assert (payment["card"]["last4"], payment["card"]["name"]) == ("1007", "Asha Rao")
    assert "410028" not in answer.text


@pytest.mark.parametrize("number", SUCCESS_CARDS)
def test_each_success_card_succeeds(sandbox: Sandbox, number: str) -> None:
    result = _answer(
        sandbox, _begin(sandbox, sandbox.order(), **CARD | {"number": number}), "success", otp="1234"
    )
    international = number in SUCCESS_CARDS[5:]
    assert sandbox.payment(result["razorpay_payment_id"])["international"] is international


@pytest.mark.parametrize(
    ("reason", "number"), [(r, n) for r, numbers in ERROR_CARDS.items() for n in numbers]
)
def test_each_error_card_fails_for_its_reason(sandbox: Sandbox, reason: str, number: str) -> None:
    begun = _begin(sandbox, sandbox.order(), **CARD | {"number": number})
    error = _answer(sandbox, begun, "failure")["error"]
    assert list(error) == ["code", "description", "source", "step", "reason", "metadata"]
    assert error["reason"] == reason
    gateway = reason in ("gateway_technical_error", "authentication_failed")
    assert error["code"] == ("GATEWAY_ERROR" if gateway else "BAD_REQUEST_ERROR")
    payment = sandbox.payment(begun["payment_id"])
    assert (payment["status"], payment["error_reason"]) == ("failed", reason)
    assert error["metadata"] == {"payment_id": payment["id"], "order_id": payment["order_id"]}


@pytest.mark.parametrize(
    ("otp", "reason"), [("", "incorrect_otp"), ("123", "incorrect_otp"), ("1234567890", None)]
)
def test_a_one_time_password_has_four_to_ten_digits(sandbox: Sandbox, otp: str, reason: str | None) -> None:
    result = _answer(sandbox, _begin(sandbox, sandbox.order(), **CARD), "success", otp=otp)
    assert result.get("error", {}).get("reason") == reason


def test_a_failure_can_be_tried_again_on_the_same_order(sandbox: Sandbox) -> None:
    order = sandbox.order()
    assert "error" in _answer(sandbox, _begin(sandbox, order, **CARD), "failure")
    assert "razorpay_signature" in _answer(sandbox, _begin(sandbox, order, **CARD), "success", otp="1234")
    paid = sandbox.ask("GET", f"/v1/orders/{order['id']}")
    assert (paid["status"], paid["attempts"]) == ("paid", 2)


def test_leaving_the_banks_page_cancels(sandbox: Sandbox) -> None:
    begun = _begin(sandbox, sandbox.order(), method="netbanking", bank="HDFC")
    assert (begun["next"], begun["bank"]) == ("bank", "HDFC Bank")
    error = _answer(sandbox, begun, "cancel")["error"]
    assert (error["source"], error["step"], error["reason"]) == (
        "customer", "payment_authentication", "payment_cancelled",
    )  # fmt: skip


def test_netbanking_fails_at_the_bank(sandbox: Sandbox) -> None:
    begun = _begin(sandbox, sandbox.order(), method="netbanking", bank="BARB_R")
    error = _answer(sandbox, begun, "failure")["error"]
    assert (error["source"], error["step"], error["reason"]) == (
        "bank",
        "payment_authorization",
        "payment_failed",
    )
    assert sandbox.payment(begun["payment_id"])["acquirer_data"] == {"bank_transaction_id": None}


def test_an_answer_counts_once(sandbox: Sandbox) -> None:
    begun = _begin(sandbox, sandbox.order(), **CARD)
    first = _answer(sandbox, begun, "success", otp="1234")
    assert _answer(sandbox, begun, "failure") == first
    assert sandbox.payment(begun["payment_id"])["status"] == "captured"


@pytest.mark.parametrize(
    ("vpa", "reason"),
    [("success@razorpay", None), ("failure@razorpay", "payment_failed"), ("asha@somewhere", "invalid_vpa")],
)
def test_the_upi_address_decides_without_another_click(
    sandbox: Sandbox, vpa: str, reason: str | None
) -> None:
    begun = _begin(sandbox, sandbox.order(), method="upi", vpa=vpa)
    assert begun["next"] == "wait"
    assert _upi_result(sandbox, begun).get("error", {}).get("reason") == reason


def test_upi_goes_on_when_the_page_is_closed(sandbox: Sandbox, endpoint: Endpoint) -> None:
    begun = _begin(sandbox, sandbox.order(), method="upi", vpa="success@razorpay")
    endpoint.await_names(begun["payment_id"], "payment.captured", "order.paid")


def test_cancelling_upi_in_test_mode_ends_as_success(sandbox: Sandbox) -> None:
    begun = _begin(sandbox, sandbox.order(), method="upi", vpa="success@razorpay")
    assert "razorpay_signature" in _answer(sandbox, begun, "cancel")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (CARD | {"number": "4100"}, "number"),
        (CARD | {"cvv": "1"}, "cvv"),
        ({"method": "upi", "vpa": "nonsense"}, "vpa"),
        ({"method": "netbanking", "bank": "NOBANK"}, "bank"),
        ({"method": "cheque"}, "method"),
    ],
)
def test_bad_input_names_its_field_and_is_no_attempt(sandbox: Sandbox, typed: Doc, field: str) -> None:
    order = sandbox.order()
    answer = _call(sandbox, "payments", key=KEY_ID, order_id=order["id"], **typed)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert sandbox.ask("GET", f"/v1/orders/{order['id']}")["attempts"] == 0


def test_the_session_shows_the_orders_own_amount(sandbox: Sandbox) -> None:
    order = sandbox.order(amount=70000)
    assert _call(sandbox, "session", key=KEY_ID, order_id=order["id"]).json()["amount"] == 70000


def test_a_wrong_key_or_a_paid_order_opens_nothing(sandbox: Sandbox) -> None:
    order = sandbox.order()
    wrong = _call(sandbox, "session", key="rzp_test_other", order_id=order["id"])
    assert wrong.json()["error"]["description"] == "The id provided does not exist"
    sandbox.pay(order)
    paid = _call(sandbox, "session", key=KEY_ID, order_id=order["id"])
    assert "already paid" in paid.json()["error"]["description"]


def test_a_stranger_without_the_token_learns_and_changes_nothing(sandbox: Sandbox) -> None:
    begun = _begin(sandbox, sandbox.order(), **CARD)
    assert "error" in _answer(sandbox, begun | {"token": "guess"}, "success", otp="1234")
    assert sandbox.control.get(f"/v1/checkout/payments/{begun['payment_id']}?token=x").status_code == 400
    form = sandbox.control.post(
        f"/v1/checkout/payments/{begun['payment_id']}/answer", data={"outcome": "success"}
    )
    assert form.status_code == 400
    assert sandbox.payment(begun["payment_id"])["status"] == "created"


def _returned(sandbox: Sandbox, begun: Doc, callback: str) -> tuple[str, dict[str, str]]:
    query = {"payment_id": begun["payment_id"], "token": begun["token"], "callback_url": callback}
    page = sandbox.control.get("/v1/checkout/return", params=query).text
    action = unescape(re.findall(r'action="([^"]*)"', page)[0])
    return action, {unescape(k): unescape(v) for k, v in re.findall(r'name="([^"]*)" value="([^"]*)"', page)}


def test_the_way_back_posts_the_signed_result(sandbox: Sandbox) -> None:
    begun = _begin(sandbox, sandbox.order(), **CARD)
    result = _answer(sandbox, begun, "success", otp="1234")
    callback = 'http://localhost:3000/back?visit=7&x="><script>'
    assert _returned(sandbox, begun, callback) == (callback, result)


def test_the_way_back_after_a_failure_carries_metadata_as_json_text(sandbox: Sandbox) -> None:
    begun = _begin(sandbox, sandbox.order(), **CARD)
    error = _answer(sandbox, begun, "failure")["error"]
    _, fields = _returned(sandbox, begun, "http://localhost:3000/back")
    assert json.loads(fields["error[metadata]"]) == error["metadata"]
    assert fields["error[reason]"] == error["reason"]
    assert set(fields) == {f"error[{name}]" for name in error}


def test_the_way_back_leads_to_web_addresses_only(sandbox: Sandbox) -> None:
    begun = _begin(sandbox, sandbox.order(), **CARD)
    query = {
        "payment_id": begun["payment_id"],
        "token": begun["token"],
        "callback_url": "javascript:alert(1)",
    }
    assert sandbox.control.get("/v1/checkout/return", params=query).status_code == 400
